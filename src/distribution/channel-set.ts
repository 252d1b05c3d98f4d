import { isRefused, type Reason, reason, type Refused, refuse } from "../kernel/errors.ts";
import { policyKind } from "../gate/decisions.ts";
import { propose } from "../gate/propose/propose.ts";
import type { ChannelRule, DistChannelSetResultV1, PolicyV1 } from "../schema/types.gen.ts";
import { openState } from "../state/transact.ts";
import { admit, type Desk, type FindSigner, signerFor } from "./desk.ts";
import { findApp, unknownApp } from "./find-release.ts";
import { proposalParts } from "./move-parts.ts";
import { channelProblem, reasonProblem } from "./wish.ts";

/** What a channel's rule is to become; members that are not given stay as they are. */
export interface ChannelSetWish {
  readonly app: string;
  readonly channel: string;
  readonly rule: ChannelRule;
  readonly reason: string;
  readonly signer: FindSigner;
}

/** What it came to. */
export interface ChannelSet {
  readonly result: DistChannelSetResultV1;
  readonly warnings: readonly Reason[];
}

/** Proposes another rule for a channel: a change of policy.json, which people approve as governance says. */
export async function setChannel(desk: Desk, wish: ChannelSetWish): Promise<ChannelSet | Refused> {
  const { app, channel, rule } = wish;
  const problem = channelProblem(channel) ?? reasonProblem(wish.reason) ?? nothingAsked(rule);
  if (problem !== null) return refuse(problem);
  const facts = await openState(desk.ground);
  if ((await findApp(facts, app)) === undefined) return unknownApp(facts, app);
  const admitted = await admit(desk, "dist channel set", { scope: "tokens:admin", app, channel });
  if (isRefused(admitted)) return admitted;
  const { decisions, warnings, act } = admitted;
  const policy = decisions.policy.document;
  const base = { schema: "dist-channel-set-result.v1", planned: desk.dryRun, app, channel } as const;
  const wanted = changedRule(policy, app, channel, rule);
  if (JSON.stringify(wanted) === JSON.stringify(ruleOf(policy, app, channel)))
    return { result: { ...base, rule: { ...wanted }, status: "unchanged", proposal: null, verdict: null }, warnings };
  const proposed = await propose(
    desk.ground,
    act,
    {
      kind: policyKind,
      key: {},
      reason: wish.reason,
      signer: await signerFor(policy, act, wish.signer),
      draft: (header, _, { policy: now }) =>
        Promise.resolve({ ...changedPolicy(now.document, app, channel, rule), ...header, seen: {} }),
    },
    { dryRun: desk.dryRun },
  );
  if (isRefused(proposed)) return proposed;
  return { result: { ...base, rule: { ...wanted }, ...proposalParts(proposed) }, warnings };
}

function nothingAsked(rule: ChannelRule): Reason | null {
  if (Object.keys(rule).length > 0) return null;
  return reason("usage.missing_argument", "Nothing is asked of the channel", {}, "dist channel set --help");
}

function ruleOf(policy: PolicyV1, app: string, channel: string): ChannelRule {
  const settings = Object.hasOwn(policy.apps, app) ? policy.apps[app] : undefined;
  const rules = typeof settings === "object" ? (settings.channels ?? {}) : {};
  return (Object.hasOwn(rules, channel) ? rules[channel] : undefined) ?? {};
}

function changedRule(policy: PolicyV1, app: string, channel: string, rule: ChannelRule): ChannelRule {
  return { ...ruleOf(policy, app, channel), ...rule };
}

/** The policy with another rule for one channel of one app, all else as it was. */
function changedPolicy(policy: PolicyV1, app: string, channel: string, rule: ChannelRule): PolicyV1 {
  const found = Object.hasOwn(policy.apps, app) ? policy.apps[app] : undefined;
  const settings = typeof found === "object" ? found : {};
  const channels = { ...settings.channels, [channel]: changedRule(policy, app, channel, rule) };
  return { ...policy, apps: { ...policy.apps, [app]: { ...settings, channels } } };
}
