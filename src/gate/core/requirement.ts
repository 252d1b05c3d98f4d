import type { ApprovalRule, FreezeWindow, Grade, PolicyV1, Soak } from "../../schema/types.gen.ts";
import { byCodePoint } from "../../kernel/text.ts";

/** Who must approve a decision, with all defaults filled in. */
export interface Requirement {
  /** Names of people. Empty means that nobody may. */
  readonly approvers: readonly string[];
  readonly minApprovals: number;
  readonly requesterMayApprove: boolean;
  readonly proof: Grade;
}

/** The rule of one channel, with all defaults filled in. */
export interface ChannelSettings {
  readonly mode: "auto" | "gated";
  readonly policy: "strict" | "warn" | "off";
  readonly requirement: Requirement;
  /** Who must approve going back; as the channel where policy says nothing. */
  readonly rollback: Requirement;
  readonly soak: Soak | null;
  readonly freeze: readonly FreezeWindow[];
  readonly retentionKeep: number | null;
  readonly inherits: string | null;
}

/** Resolves governance: who rules policy, people, configuration, yanks, keys and rewrites. */
export function resolveGovernance(policy: PolicyV1): Requirement {
  return requirementOf(policy, policy.governance);
}

/**
 * Resolves a channel's rule. Each member comes from the first that has it: the app's channel, the default channel of that
 * name, the defaults, and for approvals governance; what nobody says is `gated` and `strict`.
 */
export function resolveChannel(policy: PolicyV1, app: string, channel: string): ChannelSettings {
  const { channels, ...defaults } = policy.defaults;
  const rule = {
    ...defaults,
    ...(channels === undefined ? undefined : own(channels, channel)),
    ...channelOfApp(policy, app, channel),
  };
  const approvals = { ...policy.governance, ...approvalRule(rule) };
  return {
    mode: rule.mode ?? "gated",
    policy: rule.policy ?? "strict",
    requirement: requirementOf(policy, approvals),
    rollback: requirementOf(policy, { ...approvals, ...rule.rollback }),
    soak: rule.soak ?? null,
    freeze: rule.freeze ?? [],
    retentionKeep: rule.retention_keep ?? null,
    inherits: rule.inherits ?? null,
  };
}

/** Names of an app's channels that policy mentions, the default ones included, by code point. */
export function channelsOf(policy: PolicyV1, app: string): readonly string[] {
  const settings = own(policy.apps, app);
  const named = typeof settings === "object" ? Object.keys(settings.channels ?? {}) : [];
  return [...new Set([...named, ...Object.keys(policy.defaults.channels ?? {})])].toSorted(byCodePoint);
}

/** Expands names of people and groups to people, each once, by code point. */
function expandPeople(policy: PolicyV1, names: readonly string[]): readonly string[] {
  const people = names.flatMap((name) => own(policy.groups, name) ?? [name]);
  return [...new Set(people)].filter((name) => Object.hasOwn(policy.people, name)).toSorted(byCodePoint);
}

/** Reads an own member only, so that `constructor` is a name like any other. */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function channelOfApp(policy: PolicyV1, app: string, channel: string) {
  const settings = own(policy.apps, app);
  return typeof settings === "object" && settings.channels !== undefined ? own(settings.channels, channel) : undefined;
}

function approvalRule(rule: ApprovalRule): ApprovalRule {
  return {
    ...(rule.approvers === undefined ? undefined : { approvers: rule.approvers }),
    ...(rule.min_approvals === undefined ? undefined : { min_approvals: rule.min_approvals }),
    ...(rule.requester_may_approve === undefined ? undefined : { requester_may_approve: rule.requester_may_approve }),
    ...(rule.proof === undefined ? undefined : { proof: rule.proof }),
  };
}

function requirementOf(policy: PolicyV1, rule: Required<ApprovalRule>): Requirement {
  return {
    approvers: expandPeople(policy, rule.approvers),
    minApprovals: rule.min_approvals,
    requesterMayApprove: rule.requester_may_approve,
    proof: rule.proof,
  };
}
