import { isRefused, type Reason, reason } from "../kernel/errors.ts";
import { isPerson, sinceWhen } from "./auto-channel.ts";
import type { HistoryGround } from "./auto-history.ts";
import type { Decisions } from "../gate/core/decisions.ts";
import { isAsStrict } from "../gate/core/policy.ts";
import { resolveChannel } from "../gate/core/requirement.ts";
import type { RuleResult } from "../gate/core/verdict.ts";
import type { DecisionKind } from "../gate/decision-kind.ts";
import type { ChannelPointerV1 } from "../schema/types.gen.ts";
import type { View } from "../state/view.ts";
import { movedMetadata } from "./auto-move.ts";
import { channelRows } from "./channel-rules.ts";
import { earlierReleases, kindOfMove } from "./core/channel-history.ts";
import { referenceOf, versionText } from "./core/release-path.ts";
import { isSameCounts, validationCounts } from "./core/validation.ts";
import { GATED_PATH } from "./channel-documents.ts";
import { describeChannel } from "./describe-channel.ts";
import { channelNow, gatedHistory, gatedPointer, readPointed, unusable, yankOf } from "./pointers.ts";
import { artifactKey } from "./documents.ts";
import { type AskedStore, storedRow } from "./stored-release.ts";

/** The decision that moves a gated channel: `channels/<app>/<channel>.json`. */
export const channelDecision: DecisionKind<"channel-pointer.v1"> = {
  kind: "channel",
  schema: "channel-pointer.v1",
  path: GATED_PATH,
  keyOf: ({ app, channel }) => ({ app, channel }),
  title: (pointer) =>
    pointer.kind === "rollback"
      ? `Roll back ${pointer.app} ${pointer.channel} to ${versionText(pointer)}`
      : `Promote ${pointer.app} ${versionText(pointer)} to ${pointer.channel}`,
  command: (pointer) =>
    pointer.kind === "rollback"
      ? `dist release rollback --app ${pointer.app} --channel ${pointer.channel} --to ${referenceOf(pointer.app, pointer)} --reason "…"`
      : `dist release promote ${referenceOf(pointer.app, pointer)} --channel ${pointer.channel}`,
  standing: (pointer) => ({ subject: `${pointer.app} ${pointer.channel}`, value: versionText(pointer) }),
  describe: describeChannel,
  requirement: (pointer, { policy }) => {
    const settings = resolveChannel(policy.document, pointer.app, pointer.channel);
    return pointer.kind === "rollback" ? settings.rollback : settings.requirement;
  },
  rules: rulesOf,
  agrees,
  advice,
  stored,
  proposed: (pointer) => ({
    action: "promotion.proposed",
    target: ["proposal", pointer.proposal_id],
    metadata: { ...movedMetadata(pointer), kind: pointer.kind },
  }),
  afterMerge: (_, pointer) => {
    const action = pointer.kind === "rollback" ? "channel.rolled_back" : "channel.promoted";
    const target = ["channel", `${pointer.app}/${pointer.channel}`] as const;
    return Promise.resolve({ writes: [], events: [{ action, target, metadata: movedMetadata(pointer) }] });
  },
};

/** What the fold asks, from the view before and the decision alone. */
function rulesOf(
  pointer: ChannelPointerV1,
  before: Decisions,
  at: string,
  requester: { readonly verified: boolean },
): readonly RuleResult[] {
  const settings = resolveChannel(before.policy.document, pointer.app, pointer.channel);
  const problem = releaseProblem(pointer, before);
  const release: RuleResult = {
    rule: "release",
    status: problem === null ? "ok" : "refuse",
    message: problem ?? versionText(pointer),
  };
  if (pointer.seen === undefined)
    return [{ rule: "release", status: "refuse", message: "it does not say what was seen of facts" }];
  const move = {
    kind: pointer.kind,
    validation: pointer.seen.validation,
    source: pointer.seen.source,
    // A document may say that a person asks, or whose run does; a key under the request, or the forge, proves it.
    byPerson: requester.verified && (isPerson(pointer.requested_by) || pointer.requested_run !== undefined),
  };
  const now = gatedPointer(before, pointer.app, pointer.channel)?.document ?? null;
  return [release, ...channelRows(settings, now, move, at)];
}

/** Kind, target and channel as they are, whatever the document claims. */
function releaseProblem(pointer: ChannelPointerV1, before: Decisions): string | null {
  const policy = before.policy.document;
  const settings = resolveChannel(policy, pointer.app, pointer.channel);
  if (settings.mode !== "gated") return `${pointer.channel} is auto, and moved by facts`;
  const source = settings.inherits === null ? null : resolveChannel(policy, pointer.app, settings.inherits);
  if (source !== null && !isAsStrict(source, settings))
    return `${settings.inherits}, from which it inherits, asks less`;
  const history = gatedHistory(before, pointer.app, pointer.channel).map(({ document }) => document);
  // Of the pointer that `from` names: where evidence came late, that is not the newest one.
  const named = history.find(({ proposal_id }) => proposal_id === pointer.from?.proposal_id);
  if ((pointer.from?.release_id ?? null) !== (named?.release_id ?? null))
    return "from names another release than is in force";
  if (yankOf(before, pointer.release_id) !== undefined) return `${versionText(pointer)} is withdrawn`;
  const kind = kindOfMove(history, pointer.release_id);
  if (kind === pointer.kind) return digestProblem(pointer, history);
  return kind === "rollback"
    ? `${versionText(pointer)} was on ${pointer.channel} before, so this is a rollback and no promotion`
    : `${versionText(pointer)} is not further back on ${pointer.channel}, so this is no rollback`;
}

/** A release that goes back is the one that was approved then, byte for byte. */
function digestProblem(pointer: ChannelPointerV1, history: readonly ChannelPointerV1[]): string | null {
  if (pointer.kind !== "rollback") return null;
  const before = earlierReleases(history).find(({ release_id }) => release_id === pointer.release_id);
  return before?.release_digest === pointer.release_digest ? null : "it names other bytes than were approved before";
}

/** Is what the decision says of facts true: the release is there, published, with this digest, and `seen` is what is there. */
async function agrees(
  facts: View,
  pointer: ChannelPointerV1,
  before: Decisions,
  on: HistoryGround,
): Promise<readonly Reason[]> {
  const known = await readPointed(facts, pointer);
  if (isRefused(known)) return known.refused;
  const problem = await unusable(facts, before, known.release);
  const reasons = problem === null ? [] : [problem];
  const { seen } = pointer;
  if (seen === undefined || pointer.kind === "rollback") return reasons;
  const counts = validationCounts(known.release);
  if (!isSameCounts(counts, seen.validation)) reasons.push(differs(pointer, "its validation is another"));
  const source = await sourceProblem(on, facts, pointer, before);
  return source === null ? reasons : [...reasons, differs(pointer, source)];
}

async function sourceProblem(
  on: HistoryGround,
  facts: View,
  pointer: ChannelPointerV1,
  before: Decisions,
): Promise<string | null> {
  const { soak } = resolveChannel(before.policy.document, pointer.app, pointer.channel);
  const claimed = pointer.seen?.source ?? null;
  if (soak === null || claimed === null) return null;
  const source = await channelNow(facts, before, pointer.app, soak.source);
  if (claimed.channel !== soak.source) return `policy asks for a soak on ${soak.source}`;
  if (source.pointer?.release_id !== pointer.release_id) return `it is not on ${soak.source} any more`;
  const since = await sinceWhen(on, facts, before, source, pointer.release_id, claimed.since);
  return claimed.since < since ? `it came to ${soak.source} later than it says` : null;
}

function differs(pointer: ChannelPointerV1, message: string): Reason {
  const hint = `Propose it again: ${channelDecision.command?.(pointer) ?? ""}`;
  return reason("gate.merge.refused", message, { proposal_id: pointer.proposal_id }, hint);
}

/** An approval is for bytes; what the forge holds of them may have changed since the publish compared it. */
async function stored(artifacts: AskedStore, facts: View, pointer: ChannelPointerV1): Promise<readonly RuleResult[]> {
  const known = await readPointed(facts, pointer);
  if (isRefused(known)) return [];
  return storedRow(artifacts, (sha256) => facts.find("artifact.v1", artifactKey(sha256)), known.release);
}

/** A hold that somebody set by hand blocks automation, and never a rollback. */
async function advice(
  facts: View,
  pointer: ChannelPointerV1,
  requester: { readonly verified: boolean },
): Promise<readonly RuleResult[]> {
  if (pointer.kind === "rollback") return [];
  const hold = await facts.find("channel-hold.v1", { app: pointer.app, channel: pointer.channel });
  if (hold === undefined) return [];
  const by = `held by ${hold.held_by.name} since ${hold.held_at}: ${hold.reason}`;
  return [
    {
      rule: "hold",
      status: requester.verified ? "ok" : "refuse",
      message: `${by}; ${requester.verified ? "a person asks" : "only a person with a key may ask"}`,
    },
  ];
}
