import type { ChannelPointerV1 } from "../../../src/schema/types.gen.ts";
import { isFrozen } from "./freeze.ts";
import type { InForce, NaiveCondition, NaiveView } from "./history.ts";
import { channelOf, governanceOf, inheritsFault, type NaiveChannel, type NaiveRule, policyFault } from "./policy.ts";
import type { NaiveShape } from "./shape.ts";
import type { DecisionDocument } from "./history.ts";

/** A rule that does not hold. */
export interface Fault {
  readonly condition: NaiveCondition;
  readonly why: string;
}

/** The policy of a view. */
export function policyOf(view: NaiveView) {
  const policy = view.inForce.get("policy.json");
  if (policy?.document.schema !== "policy.v1") throw new Error("A view always has a policy");
  return { document: policy.document, digest: policy.digest };
}

/** Who must approve a decision: channels have their own rule, rollbacks a lane of it, governance all else (section 4). */
export function ruleOf(view: NaiveView, document: DecisionDocument): NaiveRule {
  const { document: policy } = policyOf(view);
  if (document.schema !== "channel-pointer.v1") return governanceOf(policy);
  const { promotion, rollback } = channelOf(policy, document.app, document.channel);
  return document.kind === "rollback" ? rollback : promotion;
}

/** Rules of a kind as of a time (condition 3 of section 5), but for approvals. */
export function faultsOf(view: NaiveView, shape: NaiveShape, seconds: number, isAsked: boolean): readonly Fault[] {
  const { document } = shape;
  if (document.schema === "channel-pointer.v1") return pointerFaults(view, document, seconds, isAsked);
  const fault = otherFault(view, document);
  return fault === null ? [] : [{ condition: "policy", why: fault }];
}

function otherFault(view: NaiveView, document: DecisionDocument): string | null {
  if (document.schema === "policy.v1") return policyFault(document);
  if (document.schema === "yank.v1") return document.replacement === document.release_id ? "replaces itself" : null;
  if (document.schema === "rewrite.v1") {
    // What stands in `old` stands in `state_seen`, and the new history has the same count (rewrite.v1).
    const { old, new: next, state_seen: seen } = document;
    const isSame = old.commit === seen.commit && old.seq === seen.seq && next.seq === old.seq;
    return isSame && next.commit !== old.commit ? null : "not a jump from the history that was seen to another";
  }
  if (document.schema !== "principals.v1") return null;
  const { people } = policyOf(view).document;
  const ids = document.tokens.flatMap(({ token_id, token_hash }) => [token_id, token_hash]);
  if (new Set(ids).size < ids.length) return "a token is named twice";
  return document.tokens.some(({ person }) => person !== null && !(person in people)) ? "a token of nobody" : null;
}

/** Soak: the clock starts when the release entered the source channel. */
function hasSoaked(
  soak: { readonly source: string; readonly minutes: number } | undefined,
  { seen }: ChannelPointerV1,
  seconds: number,
): boolean {
  if (soak === undefined) return true;
  const source = seen?.source ?? null;
  if (source?.channel !== soak.source) return false;
  return Date.parse(source.since) / 1000 + soak.minutes * 60 <= seconds;
}

function pointerFaults(
  view: NaiveView,
  document: ChannelPointerV1,
  seconds: number,
  isAsked: boolean,
): readonly Fault[] {
  const { document: policy } = policyOf(view);
  const channel = channelOf(policy, document.app, document.channel);
  const current = view.inForce.get(`channels/${document.app}/${document.channel}.json`) ?? null;
  const rows: readonly (readonly [NaiveCondition, string, boolean])[] = [
    ["policy", "it does not say what was seen of facts", document.seen === undefined],
    ["policy", "the channel is not gated", channel.mode !== "gated"],
    ["policy", "inherits from a weaker channel", inheritsFault(policy, document.app, document.channel) !== null],
    ["policy", "the release is yanked", view.inForce.has(`gates/yank/${document.release_id}.json`)],
    ["policy", "kind or bytes are not what they say", !isKind(document, current)],
    // Only holds are said to leave rollbacks alone; here soak, freeze and validation do too, as a rollback is the fastest verb.
    ...(document.kind === "rollback" ? [] : promotionRows(channel, document, { current, seconds, isAsked })),
  ];
  return rows.flatMap(([condition, why, isBroken]) => (isBroken ? [{ condition, why }] : []));
}

function promotionRows(
  { validation, soak, freeze }: NaiveChannel,
  document: ChannelPointerV1,
  {
    current,
    seconds,
    isAsked,
  }: { readonly current: InForce | null; readonly seconds: number; readonly isAsked: boolean },
): readonly (readonly [NaiveCondition, string, boolean])[] {
  const counts = document.seen?.validation;
  const failed = counts === undefined || counts.failed + counts.pending > 0;
  // A hold refuses promotions that no verified person requested: one is known, and the document says so.
  const isPerson = document.requested_by.kind === "human" || document.requested_run !== undefined;
  return [
    ["policy", "not validated", validation === "strict" && failed],
    ["policy", "held, and no person asked", pointerOf(current)?.kind === "rollback" && !(isAsked && isPerson)],
    ["policy", "has not soaked", !hasSoaked(soak, document, seconds)],
    ["freeze", "inside a freeze window", isFrozen(freeze, seconds)],
  ];
}

/** Whether a pointer says the kind that it is, and a rollback the bytes that were approved then. */
function isKind(document: ChannelPointerV1, current: InForce | null): boolean {
  if (document.kind !== kindOfMove(current, document.release_id)) return false;
  const target = document.kind === "rollback" ? findBack(placeOf(current), document.release_id) : null;
  return target === null || pointerOf(target)?.release_digest === document.release_digest;
}

/** Section 4: `kind` is derived; a rollback goes strictly back along `from`. */
export function kindOfMove(current: InForce | null, releaseId: string): ChannelPointerV1["kind"] {
  if (pointerOf(current)?.release_id === releaseId) return "promotion";
  return findBack(placeOf(current), releaseId) === null ? "promotion" : "rollback";
}

function pointerOf(decision: InForce | null): ChannelPointerV1 | undefined {
  return decision?.document.schema === "channel-pointer.v1" ? decision.document : undefined;
}

/** Where a pointer stands along `from`: a rollback stands where its target does, so that from it only further back is back. */
function placeOf(pointer: InForce | null): InForce | null {
  const document = pointerOf(pointer);
  if (document?.kind !== "rollback") return pointer;
  return placeOf(findBack(placeOf(pointer?.before ?? null), document.release_id));
}

/** The nearest pointer strictly before another along `from` that has a release. */
function findBack(pointer: InForce | null, releaseId: string): InForce | null {
  const before = pointer?.before ?? null;
  return before === null || pointerOf(before)?.release_id === releaseId ? before : findBack(before, releaseId);
}
