import type { ApprovalRule, ChannelRule, Grade, PolicyV1 } from "../../../src/schema/types.gen.ts";

/** Who must say yes: people by name, resolved from groups. */
export interface NaiveRule {
  readonly approvers: readonly string[];
  readonly min: number;
  readonly requesterMayApprove: boolean;
  readonly proof: Grade;
}

/** A channel as policy sees it, with every absent member filled in. */
export interface NaiveChannel {
  readonly promotion: NaiveRule;
  readonly rollback: NaiveRule;
  readonly mode: "auto" | "gated";
  readonly validation: "strict" | "warn" | "off";
  readonly soak: ChannelRule["soak"];
  readonly freeze: NonNullable<ChannelRule["freeze"]>;
  readonly inherits: string | undefined;
}

const GRADES: readonly Grade[] = ["recorded", "attested", "signed"];

/** How much a grade proves: more is more (section 6). */
export function worth(grade: Grade): number {
  return GRADES.indexOf(grade);
}

/** Rules name people or groups (section 4, People). */
function resolved(policy: PolicyV1, rule: ApprovalRule): NaiveRule {
  const { governance } = policy;
  const names = rule.approvers ?? governance.approvers;
  const members = names.flatMap((name) => policy.groups[name] ?? [name]);
  return {
    approvers: [...new Set(members)].filter((name) => Object.hasOwn(policy.people, name)),
    min: rule.min_approvals ?? governance.min_approvals,
    requesterMayApprove: rule.requester_may_approve ?? governance.requester_may_approve,
    proof: rule.proof ?? governance.proof,
  };
}

/** The rule of policy, people, configuration and yanks (section 4, Governance). */
export function governanceOf(policy: PolicyV1): NaiveRule {
  return resolved(policy, policy.governance);
}

/** distribution.md section 8: `defaults` hold for every channel that no app names, `defaults.channels` for some by name. */
export function channelOf(policy: PolicyV1, app: string, name: string): NaiveChannel {
  const { channels: byName, ...defaults } = policy.defaults;
  const ofApp = app === "create" ? undefined : policy.apps[app];
  const rules = typeof ofApp === "object" ? ofApp.channels : undefined;
  const rule: ChannelRule = rules?.[name] ?? byName?.[name] ?? defaults;
  // Absent members are those of the channel, else of governance (`rollback`: as the channel).
  const rollback = { ...rule, ...rule.rollback };
  return {
    promotion: resolved(policy, rule),
    rollback: resolved(policy, rollback),
    mode: rule.mode ?? policy.defaults.mode ?? "gated",
    validation: rule.policy ?? policy.defaults.policy ?? "strict",
    soak: rule.soak,
    freeze: rule.freeze ?? [],
    inherits: rule.inherits,
  };
}

/** Why a policy is none, though its schema is satisfied: duplicate ids or keys (section 4, People). */
export function policyFault(policy: PolicyV1): string | null {
  const people = Object.values(policy.people);
  const keys = people.flatMap((person) => person.keys);
  const ids = people.flatMap((person) => (person.github === undefined ? [] : [person.github.id]));
  if (new Set(keys).size < keys.length) return "two people or entries have one key";
  return new Set(ids).size < ids.length ? "two people have one account" : null;
}

/** Section 4: a gated channel inherits only from gated channels with a rule at least as strict. */
export function inheritsFault(policy: PolicyV1, app: string, name: string): string | null {
  const own = channelOf(policy, app, name);
  if (own.inherits === undefined || own.mode !== "gated") return null;
  const other = channelOf(policy, app, own.inherits);
  if (other.mode !== "gated") return `${own.inherits} is not gated`;
  return isAtLeastAsStrict(other.promotion, own.promotion) ? null : `${own.inherits} has a weaker rule`;
}

function isAtLeastAsStrict(one: NaiveRule, than: NaiveRule): boolean {
  return (
    one.min >= than.min &&
    worth(one.proof) >= worth(than.proof) &&
    (!one.requesterMayApprove || than.requesterMayApprove) &&
    one.approvers.every((person) => than.approvers.includes(person))
  );
}
