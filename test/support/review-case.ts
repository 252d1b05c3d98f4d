import { type Approvals, countApprovals } from "../../src/gate/core/approvals.ts";
import type { Account, ForgeAnswers, Review, WorkflowRun } from "../../src/gate/core/forge-answers.ts";
import type { Requirement } from "../../src/gate/core/requirement.ts";
import { type ReviewCase, testimonyOf } from "../../src/gate/core/reviews.ts";
import { joinApprovals } from "../../src/gate/core/testimony.ts";
import { isOid, type Oid } from "../../src/kernel/oid.ts";
import { emptyPolicy } from "./policies.ts";

function oid(digit: string): Oid {
  const text = digit.repeat(40);
  if (!isOid(text)) throw new Error(text);
  return text;
}

const BASE = oid("0");
/** The decision commit. */
export const DECISION = oid("1");
/** A later commit to the `.sig`, and the head. */
export const SIGNED = oid("2");
/** An older head. */
export const OLD = oid("3");
/** The merge. */
export const MERGE = oid("4");
const user = (login: string, id: number): Account => ({ id, login, kind: "user" });
/** Who asks. */
export const alice = user("alice", 1);
/** Who approves. */
export const bob = user("bob", 2);
/** A person outside the rule. */
export const carol = user("carol", 3);
/** Nobody in policy. */
export const mallory = user("mallory", 9);
/** A bot, which policy names as a person. */
export const bot: Account = { id: 50, login: "github-actions[bot]", kind: "bot" };

const people = {
  alice: { keys: [], github: { id: 1, login: "alice" } },
  bob: { keys: [], github: { id: 2, login: "bob" } },
  carol: { keys: [], github: { id: 3, login: "carol" } },
  robot: { keys: [], github: { id: 50, login: "github-actions[bot]" } },
};
/** One approval of alice, bob or the robot. */
export const rule: Requirement = {
  approvers: ["alice", "bob", "robot"],
  minApprovals: 1,
  requesterMayApprove: false,
  proof: "recorded",
};

/** Makes an approval. */
export function review(by: Account | null, more: Partial<Review> = {}): Review {
  const at = "2026-01-05T10:00:00Z";
  return { by, verdict: "approved", commit: DECISION, submittedAt: at, dismissedAt: null, mayWrite: true, ...more };
}

const run: WorkflowRun = {
  id: 5521,
  attempt: 1,
  starter: alice,
  event: "workflow_dispatch",
  path: ".github/workflows/promote.yml",
  isDefaultBranch: true,
};

/** What the forge says: bob approved, and it was merged later. */
export const answers: ForgeAnswers = {
  author: alice,
  commits: [
    { commit: DECISION, author: alice, committer: alice },
    { commit: SIGNED, author: bob, committer: bob },
  ],
  reviews: [review(bob)],
  retargeted: false,
  merged: { at: "2026-01-05T12:00:00Z", by: carol, commit: MERGE },
  run: null,
  at: "2026-01-05T13:00:00Z",
};

/** A case in which bob's review counts. */
export const good: ReviewCase = {
  answers,
  foreign: false,
  merger: null,
  head: {
    head: SIGNED,
    base: BASE,
    changes: [],
    commits: [
      { commit: DECISION, parents: 1, paths: ["a.json"] },
      { commit: SIGNED, parents: 1, paths: ["a.json.sig"] },
    ],
  },
  header: {
    repo_id: "repo",
    proposal_id: "prop_1",
    from: null,
    state_seen: { commit: "a".repeat(40), seq: 1 },
    requested_by: { kind: "human", name: "alice", id: "git:alice", verified: false },
    requested_at: "2026-01-05T09:00:00Z",
    reason: "test",
  },
  policy: { ...emptyPolicy, people },
  requirement: rule,
  asked: ["alice"],
  usedRuns: new Set(),
};

/** Counts as a verdict does. */
export function count(on: ReviewCase): Approvals {
  const signed = countApprovals({
    bytes: Buffer.from("x"),
    sig: null,
    policy: on.policy,
    requirement: on.requirement,
    requestedBy: on.header.requested_by,
  });
  return joinApprovals(signed, testimonyOf({ ...on, asked: signed.requesters }), on.requirement);
}

/** Changes what the forge says. */
export const said = (more: Partial<ForgeAnswers>) => (on: ReviewCase) => ({
  ...on,
  answers: { ...on.answers, ...more },
});
/** Puts other reviews in the place of bob's. */
export const reviewed = (...reviews: readonly Review[]) => said({ reviews });
/** Changes every review. */
export const byBob =
  (more: Partial<Review>) =>
  (on: ReviewCase): ReviewCase => ({
    ...on,
    answers: { ...on.answers, reviews: on.answers.reviews.map((one) => ({ ...one, ...more })) },
  });
/** Asks as a workflow's bot; null: its run is not there. */
export const asWorkflow =
  (more: Partial<WorkflowRun> | null, name = "promote.yml") =>
  (on: ReviewCase): ReviewCase => ({
    ...on,
    header: {
      ...on.header,
      requested_by: { kind: "workflow", name, id: "github:81:run:5521", verified: false },
      requested_run: { run_id: 5521, attempt: 1 },
    },
    answers: { ...on.answers, author: { ...bot, id: 51 }, run: more === null ? null : { ...run, ...more } },
  });
