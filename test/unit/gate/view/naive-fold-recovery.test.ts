import { expect, it } from "vitest";
import { bothViews, type Said } from "../../../support/naive-fold/compare.ts";
import { played } from "../../../support/naive-fold/play.ts";
import type { PolicyPlan } from "../../../support/naive-fold/policy-plan.ts";
import type { Step } from "../../../support/naive-fold/steps.ts";

/** Alice and bob, of whom one must approve what the other asks for; the word of a forge is enough. */
const root: PolicyPlan = {
  people: ["alice", "bob"],
  spare: false,
  accounts: true,
  fault: "none",
  governance: { approvers: ["team"], min_approvals: 1, requester_may_approve: false, proof: "recorded" },
  stable: {},
  beta: {},
  defaults: {},
  nightly: null,
};

/** A promotion of a release to stable that is as it should be, but for what a test changes. */
function promotion(release: number, more: Partial<Step> = {}): Step {
  return {
    what: { kind: "move", channel: "stable", release, source: 0 },
    lie: null,
    bytes: null,
    form: null,
    signatures: null,
    forgery: null,
    requester: "alice",
    signsRequest: true,
    signers: "enough",
    reviewers: null,
    attested: false,
    late: false,
    behind: 0,
    clock: { pass: 60 },
    ...more,
  };
}

/** What both folds say at the end of a history. */
async function saidOf(steps: readonly Step[]): Promise<Said> {
  const history = played({ root, steps });
  const [said] = await bothViews(history, [history.tip]);
  expect(said?.real).toEqual(said?.naive);
  // Equal, and in the order of history.
  return said!.naive;
}

const STABLE = "channels/notes/stable.json";

it("lets a decision replace what was pushed under the id of the decision in force", async () => {
  const pushed = promotion(1, { form: "direct", lie: "used_id" });
  const policy: Step["what"] = { kind: "policy", plan: { ...root, spare: true } };
  const said = await saidOf([
    { ...pushed, what: { kind: "policy", plan: { ...root, people: ["bob"] } } },
    promotion(0, { what: policy }),
  ]);
  expect(Object.values(said.outcomes)).toEqual(["dishonoured", "conforming"]);
});

it("keeps a pointer that took the place of one whose evidence came late", async () => {
  const late = promotion(1, { signers: [], reviewers: ["bob"], late: true });
  const said = await saidOf([promotion(0), late, promotion(2)]);
  expect(Object.values(said.outcomes)).toEqual(["conforming", "conforming", "conforming"]);
  expect(said.inForce[STABLE]).toContain("prop_000000000002");
});
