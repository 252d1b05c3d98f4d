import fc from "fast-check";
import type { ChannelRule, FreezeWindow, Governance } from "../../../src/schema/types.gen.ts";
import { policyFault, type PolicyRules } from "./policy.ts";
import { keyNamed } from "./stage.ts";

/** People whose keys exist; policy may know fewer of them. */
export const PEOPLE = ["alice", "bob", "carol", "dave"] as const;

/** A person of the stage. */
export type Name = (typeof PEOPLE)[number];

/** The number of a person's account. */
export function accountOf(name: string): number {
  return 1001 + PEOPLE.findIndex((person) => person === name);
}

/** What makes a policy none. */
const FAULTS = [
  "twin_key",
  "twin_account",
  "ghost",
  "ghost_approver",
  "nobody",
  "person_and_group",
  "attestor_of_a_person",
  "half_a_window",
  "unreadable_key",
  "source_auto",
  "source_fewer",
  "source_looser",
  "source_own",
  "source_lesser",
  "source_others",
] as const;

/** What a policy says, in few choices, so that rules meet often. */
export interface PolicyPlan {
  readonly people: readonly Name[];
  /** A second key of alice. */
  readonly spare: boolean;
  readonly accounts: boolean;
  readonly fault: "none" | (typeof FAULTS)[number];
  readonly governance: Governance;
  readonly stable: ChannelRule;
  readonly beta: ChannelRule;
  readonly defaults: ChannelRule;
  readonly nightly: ChannelRule | null;
}

const approvers = fc.constantFrom<readonly string[]>(
  ["team"],
  ["team"],
  ["alice"],
  ["alice", "bob"],
  ["bob", "pair"],
  [],
);
const proof = fc.constantFrom("signed", "recorded", "attested");

const UTC_NOON: FreezeWindow = { kind: "exclude", cron: "0 12 * * *", minutes: 60, tz: "UTC" };
/** Windows, most of them about noon. */
export const freeze = fc.constantFrom<readonly FreezeWindow[]>(
  [UTC_NOON],
  [{ kind: "allow", cron: "0 11 * * *", minutes: 120, tz: "UTC" }],
  [{ ...UTC_NOON, cron: "0 13 * * MON-FRI", tz: "Europe/Berlin" }],
  [{ kind: "allow", cron: "0 11 * * *", minutes: 120, tz: "UTC" }, UTC_NOON],
  [{ ...UTC_NOON, cron: "0 12 7 * TUE" }],
  [{ kind: "exclude", from: "2026-01-05T12:00:00Z", to: "2026-01-05T13:00:00Z", tz: "UTC" }],
  [],
);

const approval = {
  approvers,
  min_approvals: fc.constantFrom(1, 1, 1, 2),
  requester_may_approve: fc.boolean(),
  proof,
};

const channel: fc.Arbitrary<ChannelRule> = fc.record(
  {
    ...approval,
    mode: fc.constantFrom("gated", "gated", "gated", "gated", "auto"),
    policy: fc.constantFrom("strict", "warn", "off"),
    rollback: fc.record(approval, { requiredKeys: [] }),
    soak: fc.constantFrom({ source: "beta", minutes: 60 }, { source: "nightly", minutes: 1440 }),
    freeze,
    inherits: fc.constantFrom("beta", "nightly", "stable"),
  },
  { requiredKeys: [] },
);

/** Most channels say little; some say all kinds of things. */
const someChannel = fc.oneof(
  { weight: 3, arbitrary: fc.constant<ChannelRule>({}) },
  { weight: 2, arbitrary: fc.record({ freeze, policy: fc.constantFrom("strict", "warn") }) },
  { weight: 1, arbitrary: fc.record({ soak: fc.constant({ source: "beta", minutes: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ rollback: fc.record(approval, { requiredKeys: [] }) }) },
  { weight: 2, arbitrary: channel },
);

const governance: fc.Arbitrary<Governance> = fc.record({
  approvers: fc.constantFrom<readonly string[]>(["team"], ["team"], ["team"], ["alice", "bob"], ["pair"], []),
  min_approvals: fc.constantFrom(1, 1, 1, 2),
  requester_may_approve: fc.boolean(),
  proof,
});

/** Policies, sound and unsound. */
export const policyPlans: fc.Arbitrary<PolicyPlan> = fc.record({
  people: fc.constantFrom<readonly Name[]>(
    [...PEOPLE],
    [...PEOPLE],
    ["alice", "bob"],
    ["alice", "bob", "carol"],
    ["alice"],
    ["bob", "carol"],
  ),
  spare: fc.boolean(),
  accounts: fc.constantFrom(true, true, true, true, true, true, true, false),
  fault: fc.oneof(
    { weight: 5, arbitrary: fc.constant("none" as const) },
    { weight: 4, arbitrary: fc.constantFrom(...FAULTS) },
  ),
  governance,
  stable: someChannel,
  beta: someChannel,
  defaults: fc.oneof({ weight: 2, arbitrary: fc.constant<ChannelRule>({}) }, { weight: 1, arbitrary: channel }),
  nightly: fc.option(someChannel),
});

/** Sound policies to begin with. */
export const rootPlans: fc.Arbitrary<PolicyPlan> = policyPlans
  .map(
    (plan): PolicyPlan => ({
      ...plan,
      fault: "none",
      people: PEOPLE.slice(0, Math.max(2, plan.people.length)),
      governance:
        plan.governance.approvers.length === 0 ? { ...plan.governance, approvers: ["team"] } : plan.governance,
    }),
  )
  .filter((plan) => policyFault(policyBody(plan)) === null);

/** The policy of a plan. */
export function policyBody(plan: PolicyPlan): PolicyRules {
  const { people, fault } = plan;
  const entry = (name: Name) => ({
    keys: [
      keyNamed(name).line,
      ...(plan.spare && name === "alice" ? [keyNamed("alice spare").line] : []),
      ...(fault === "twin_key" && name === people.at(-1) ? [keyNamed("alice").line] : []),
      ...(fault === "unreadable_key" && name === people.at(-1) ? [`ssh-ed25519 ${"A".repeat(68)}`] : []),
    ],
    ...(plan.accounts ? { github: { id: accountOf(fault === "twin_account" ? "alice" : name), login: name } } : {}),
  });
  return {
    people: Object.fromEntries(people.map((name) => [name, entry(name)])),
    groups: {
      team: [...people, ...(fault === "ghost" ? ["ghost"] : [])],
      pair: people.slice(0, 2),
      ...(fault === "person_and_group" ? { alice: people } : {}),
    },
    governance: { ...plan.governance, ...(fault === "nobody" ? { approvers: [] } : {}) },
    attestors: { desk: { key: keyNamed(fault === "attestor_of_a_person" ? (people[0] ?? "") : "attestor").line } },
    apps: { notes: { channels: { stable: faulty(plan.stable, fault), beta: sources[fault] ?? plan.beta } } },
    defaults: { ...plan.defaults, ...(plan.nightly === null ? {} : { channels: { nightly: plan.nightly } }) },
  };
}

const sound: ChannelRule = {
  mode: "gated",
  policy: "strict",
  approvers: ["pair"],
  min_approvals: 2,
  requester_may_approve: false,
  proof: "signed",
};

/** Rules of a channel that is weaker in one thing than the one that inherits from it. */
const sources: Readonly<Partial<Record<PolicyPlan["fault"], ChannelRule>>> = {
  source_auto: { ...sound, mode: "auto" },
  source_fewer: { ...sound, min_approvals: 1 },
  source_looser: { ...sound, policy: "warn" },
  source_own: { ...sound, requester_may_approve: true },
  source_lesser: { ...sound, proof: "attested" },
  source_others: { ...sound, approvers: ["team"] },
};

function faulty(rule: ChannelRule, fault: PolicyPlan["fault"]): ChannelRule {
  if (sources[fault] !== undefined) return { ...sound, inherits: "beta" };
  if (fault === "ghost_approver") return { ...rule, rollback: { approvers: ["ghost"] } };
  return fault === "half_a_window" ? { ...rule, freeze: [{ kind: "exclude", cron: "0 12 * * *", tz: "UTC" }] } : rule;
}
