import fc from "fast-check";
import { BYTES, EVIDENCE, FORMS, LIES, SIGNATURES } from "./hostile-ways.ts";
import { freeze, type Name, PEOPLE, type PolicyPlan, policyPlans, rootPlans } from "./policy-plan.ts";

/** What a decision is about. */
export type What =
  | {
      /** A promotion or a rollback, as the history of the channel has it. */
      readonly kind: "move";
      readonly channel: string;
      readonly release: number;
      readonly source: number;
    }
  | { readonly kind: "yank"; readonly release: number }
  | { readonly kind: "rewrite"; readonly to: string; readonly seq: number; readonly from: string }
  | { readonly kind: "policy"; readonly plan: PolicyPlan }
  | { readonly kind: "principals"; readonly tokens: number };

/** One thing that somebody does to the branches. */
export interface Step {
  readonly what: What;
  /** Null does it as it should be done. */
  readonly lie: (typeof LIES)[number] | null;
  readonly bytes: (typeof BYTES)[number] | null;
  readonly form: (typeof FORMS)[number] | null;
  readonly signatures: (typeof SIGNATURES)[number] | null;
  readonly forgery: (typeof EVIDENCE)[number] | null;
  /** Whose request it is, and whether they signed it. */
  readonly requester: Name;
  readonly signsRequest: boolean;
  /** Who signs the decision: as many as are needed, one fewer, or these. */
  readonly signers: "enough" | "too_few" | "with_requester" | readonly Name[];
  /** Who reviews on the forge; null: no evidence is there. */
  readonly reviewers: "enough" | readonly Name[] | null;
  readonly attested: boolean;
  /** Whether the evidence comes when all is over. */
  readonly late: boolean;
  /** How far back the proposal branched off. */
  readonly behind: number;
  /** What the clock does before the merge. */
  readonly clock: Clock;
}

/** Seconds that pass, or the next time that an edge of a window comes, moved by a second or so. */
export type Clock = { readonly pass: number } | { readonly hour: number; readonly shift: number };

const channels = fc.constantFrom("stable", "stable", "stable", "beta", "nightly");
const release = fc.nat({ max: 3 });
const move = fc.record({
  kind: fc.constant("move" as const),
  channel: channels,
  release,
  // Seconds before or after the end of the soak.
  source: fc.constantFrom(0, 0, 0, 3600, 1, -1),
});

const what: fc.Arbitrary<What> = fc.oneof(
  { weight: 14, arbitrary: move },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("yank" as const), release }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("policy" as const), plan: policyPlans }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("policy" as const), plan: rootPlans }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("rewrite" as const),
      to: fc.constantFrom("b", "b", "c", "a"),
      seq: fc.constantFrom(1, 1, 2),
      from: fc.constantFrom("a", "a", "a", "d"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("principals" as const), tokens: fc.nat({ max: 2 }) }) },
);

const clock: fc.Arbitrary<Clock> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ pass: fc.constantFrom(60, 60, 60, 1, 0, 3600, 86_400) }) },
  { weight: 1, arbitrary: fc.record({ pass: fc.constantFrom(-3600, -1, -86_400) }) },
  { weight: 2, arbitrary: fc.record({ hour: fc.constantFrom(11, 12, 13), shift: fc.constantFrom(-1, 0, 1, 59, 60) }) },
);

const people = fc.subarray<Name>([...PEOPLE]);

const honest = {
  what,
  lie: fc.constant(null),
  bytes: fc.constant(null),
  form: fc.constant(null),
  signatures: fc.constant(null),
  forgery: fc.constant(null),
  requester: fc.constantFrom(...PEOPLE),
  signsRequest: fc.constantFrom(true, true, true, true, true, true, false),
  signers: fc.oneof(
    { weight: 12, arbitrary: fc.constant("enough" as const) },
    { weight: 2, arbitrary: fc.constantFrom("too_few" as const, "with_requester" as const) },
    { weight: 1, arbitrary: people },
  ),
  reviewers: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 3, arbitrary: fc.constant("enough" as const) },
    { weight: 1, arbitrary: people },
  ),
  attested: fc.constantFrom(true, true, false),
  late: fc.constantFrom(false, false, false, true),
  behind: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 1, 2),
  clock,
};

/** What evidence is bound to, and all the rest. */
const forgeries = fc.oneof(
  fc.constantFrom("merge" as const, "merge" as const, "bytes" as const, "path" as const, "repo" as const),
  fc.constantFrom(...EVIDENCE),
);

/** Steps: half of them as they should be, the others wrong in one way, on what may be right or wrong besides. */
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record(honest) },
  {
    // At the second at which windows begin and end.
    weight: 2,
    arbitrary: fc.record({
      ...honest,
      what: move,
      clock: fc.record({ hour: fc.constantFrom(11, 12, 13), shift: fc.constantFrom(-1, 0) }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ ...honest, lie: fc.constantFrom(...LIES) }) },
  { weight: 1, arbitrary: fc.record({ ...honest, bytes: fc.constantFrom(...BYTES) }) },
  { weight: 4, arbitrary: fc.record({ ...honest, form: fc.constantFrom(...FORMS) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      ...honest,
      what: fc.record({ kind: fc.constant("policy" as const), plan: rootPlans }),
      form: fc.constantFrom("code_owners" as const, "code_owners" as const, "no_code_owners" as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ ...honest, signatures: fc.constantFrom(...SIGNATURES) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      ...honest,
      signers: fc.constant<readonly Name[]>([]),
      reviewers: fc.constant("enough" as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      ...honest,
      // Evidence matters where signatures are not enough.
      signers: fc.constant<readonly Name[]>([]),
      reviewers: fc.constantFrom("enough" as const, [...PEOPLE]),
      forgery: forgeries,
    }),
  },
);

/** A whole history. */
export interface Play {
  readonly root: PolicyPlan;
  readonly steps: readonly Step[];
}

const onStable = fc.record({
  kind: fc.constant("move" as const),
  channel: fc.constant("stable"),
  release: fc.nat({ max: 2 }),
  source: fc.constant(0),
});
const asAsked = {
  ...honest,
  signsRequest: fc.constant(true),
  signers: fc.constant("enough" as const),
  behind: fc.constant(0),
};
const later = fc.record({ pass: fc.constantFrom(60, 1, 86_400) });

const edge = fc.record({ hour: fc.constantFrom(12, 13, 13), shift: fc.constantFrom(0, 0, -1) });

/** Steps of one channel that goes forth and back, so that its history grows and rules of it meet. */
const stableSteps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ ...asAsked, what: onStable, clock: later }) },
  { weight: 2, arbitrary: fc.record({ ...asAsked, what: onStable, clock: edge }) },
  { weight: 1, arbitrary: fc.record({ ...asAsked, what: fc.record({ kind: fc.constant("yank" as const), release }) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      ...asAsked,
      what: onStable,
      clock: later,
      lie: fc.constantFrom(
        "kind_flipped" as const,
        "kind_flipped" as const,
        "digest" as const,
        "from_other_release" as const,
        "unknown_requester" as const,
        "unknown_requester" as const,
        "unknown_requester" as const,
        "run_asks" as const,
        "used_id" as const,
        "not_validated" as const,
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      ...asAsked,
      what: onStable,
      clock: later,
      signers: fc.constant<readonly Name[]>([]),
      reviewers: fc.constant("enough" as const),
      attested: fc.constant(true),
      forgery: fc.option(forgeries),
    }),
  },
);

const stableRoots = fc.tuple(rootPlans, fc.option(freeze, { nil: [] })).map(
  ([plan, windows]): PolicyPlan => ({
    ...plan,
    people: [...PEOPLE],
    governance: { ...plan.governance, approvers: ["team"], min_approvals: 1 },
    stable: {
      ...plan.stable,
      mode: "gated",
      approvers: ["team"],
      min_approvals: 1,
      inherits: "stable",
      freeze: windows,
    },
    beta: {},
    defaults: {},
    nightly: null,
  }),
);

/** Histories of honest and hostile steps. */
export const plays: fc.Arbitrary<Play> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ root: rootPlans, steps: fc.array(steps, { minLength: 3, maxLength: 14 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ root: stableRoots, steps: fc.array(stableSteps, { minLength: 3, maxLength: 14 }) }),
  },
);
