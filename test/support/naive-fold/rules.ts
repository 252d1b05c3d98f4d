import type { ChannelPointerV1 } from "../../../src/schema/types.gen.ts";
import { isFrozen } from "./freeze.ts";
import type { InForce, NaiveCondition, NaiveView } from "./history.ts";
import { channelOf, governanceOf, inheritsFault, type NaiveRule, policyFault } from "./policy.ts";
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
  if (document.schema === "policy.v1") {
    const fault = policyFault(document);
    return fault === null ? [] : [{ condition: "policy", why: fault }];
  }
  if (document.schema !== "channel-pointer.v1") return [];
  const channel = channelOf(policyOf(view).document, document.app, document.channel);
  const policy = pointerFaults(view, document, isAsked).map((why): Fault => ({ condition: "policy", why }));
  return isFrozen(channel.freeze, seconds)
    ? [...policy, { condition: "freeze", why: "inside a freeze window" }, ...soakFault(channel.soak, document, seconds)]
    : [...policy, ...soakFault(channel.soak, document, seconds)];
}

/** Soak binds promotions: the clock starts when the release entered the source channel. */
function soakFault(
  soak: { readonly source: string; readonly minutes: number } | undefined,
  { seen, kind }: ChannelPointerV1,
  seconds: number,
): readonly Fault[] {
  if (soak === undefined || kind === "rollback") return [];
  const source = seen?.source ?? null;
  const isDone =
    source !== null && source.channel === soak.source && Date.parse(source.since) / 1000 + soak.minutes * 60 <= seconds;
  return isDone ? [] : [{ condition: "policy", why: "has not soaked" }];
}

function pointerFaults(view: NaiveView, document: ChannelPointerV1, isAsked: boolean): readonly string[] {
  const { document: policy } = policyOf(view);
  const { mode, validation } = channelOf(policy, document.app, document.channel);
  const current = view.inForce.get(`channels/${document.app}/${document.channel}.json`) ?? null;
  const inherits = inheritsFault(policy, document.app, document.channel);
  const counts = document.seen?.validation;
  const isHeld = current?.document.schema === "channel-pointer.v1" && current.document.kind === "rollback";
  return [
    ...(mode === "gated" ? [] : ["the channel is not gated"]),
    ...(inherits === null ? [] : [inherits]),
    ...(document.kind === derivedKind(document, current) ? [] : ["kind is not what it says"]),
    ...(view.inForce.has(`gates/yank/${document.release_id}.json`) ? ["the release is yanked"] : []),
    ...(validation === "strict" && (counts === undefined || counts.failed + counts.pending > 0)
      ? ["not validated"]
      : []),
    ...(isHeld && document.kind === "promotion" && !isAsked ? ["held, and no person asked"] : []),
  ];
}

/** Section 4: a rollback goes strictly back along `from`; from a rolled-back pointer only further back. */
function derivedKind({ release_id }: ChannelPointerV1, current: InForce | null): ChannelPointerV1["kind"] {
  const trail = trailOf(current);
  return trail.at(-1) !== release_id && trail.includes(release_id) ? "rollback" : "promotion";
}

/** Releases that the channel came by, oldest first, the one in force last; a rollback cuts off what lies after its target. */
function trailOf(pointer: InForce | null): readonly string[] {
  if (pointer?.document.schema !== "channel-pointer.v1") return [];
  const { kind, release_id } = pointer.document;
  const earlier = trailOf(pointer.before);
  return kind === "rollback"
    ? earlier.slice(0, earlier.slice(0, -1).lastIndexOf(release_id) + 1)
    : [...earlier, release_id];
}
