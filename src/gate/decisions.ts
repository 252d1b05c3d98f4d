import { byCodePoint } from "../kernel/text.ts";
import type { Documents } from "../schema/types.gen.ts";
import type { Decisions } from "./core/decisions.ts";
import { codeOwners, policyProblems } from "./core/policy.ts";
import { resolveGovernance } from "./core/requirement.ts";
import type { RuleResult } from "./core/verdict.ts";
import type { AnyDecisionKind, DecisionKind } from "./decision-kind.ts";
import { rewriteKind } from "./kinds/rewrite.ts";
import { describePolicy, describePrincipals } from "./page/describe-policy.ts";
import { sigstoreRootKind } from "./kinds/sigstore-root.ts";

/** Members of a decision's header, which no title names. */
const HEADER = "schema repo_id proposal_id from state_seen seen reason replaces".split(" ");

/** The policy: who may say yes, and to what; with the CODEOWNERS generated from it. */
export const policyKind: DecisionKind<"policy.v1"> = {
  kind: "policy",
  schema: "policy.v1",
  path: "policy.json",
  keyOf: () => ({}),
  beside: (document) => new Map([["CODEOWNERS", new TextEncoder().encode(codeOwners(document))]]),
  title: (document, before) => `Change policy: ${changed(document, before?.document)}`,
  standing: ({ proposal_id }) => ({ subject: "the policy", value: `the policy of ${proposal_id}` }),
  describe: ({ decisions }, document) => Promise.resolve(describePolicy(document, decisions.policy.document)),
  requirement: (_, before) => resolveGovernance(before.policy.document),
  rules: (document) => [soundRow(policyProblems(document))],
  agrees: () => Promise.resolve([]),
  proposed: ({ proposal_id, reason }) => ({
    action: "policy.proposed",
    target: ["proposal", proposal_id],
    metadata: { path: "policy.json", reason },
  }),
  afterMerge: (_, { proposal_id }, { commit }) =>
    Promise.resolve({
      writes: [],
      events: [
        { action: "policy.changed", target: ["policy", "policy.json"], metadata: { proposal_id, merge: commit } },
      ],
    }),
};

/** The principals: tokens of people, and tokens that may approve or administer. */
export const principalsKind: DecisionKind<"principals.v1"> = {
  kind: "principals",
  schema: "principals.v1",
  path: "config/principals.json",
  keyOf: () => ({}),
  title: ({ tokens }) => `Change principals: ${tokens.length} ${tokens.length === 1 ? "token" : "tokens"}`,
  standing: ({ proposal_id }) => ({ subject: "the list of principals", value: `the list of ${proposal_id}` }),
  describe: ({ decisions }, document) =>
    Promise.resolve(describePrincipals(document, decisions.find("config/principals.json")?.document)),
  requirement: (_, before) => resolveGovernance(before.policy.document),
  rules: (document, before) => [soundRow(principalProblems(document, before))],
  agrees: () => Promise.resolve([]),
  proposed: ({ proposal_id, reason }) => ({
    action: "principals.proposed",
    target: ["proposal", proposal_id],
    metadata: { path: "config/principals.json", reason },
  }),
  afterMerge: (_, { proposal_id }, { commit }) =>
    Promise.resolve({
      writes: [],
      events: [
        {
          action: "principals.changed",
          target: ["config", "principals.json"],
          metadata: { proposal_id, merge: commit },
        },
      ],
    }),
};

/** Decisions of the gate itself. */
export const gateDecisions: readonly AnyDecisionKind[] = [policyKind, principalsKind, rewriteKind, sigstoreRootKind];

function soundRow(problems: readonly string[]): RuleResult {
  const [first, ...rest] = problems;
  if (first === undefined) return { rule: "policy", status: "ok", message: "it is sound" };
  const more = rest.length === 0 ? "" : ` and ${rest.length} more`;
  return { rule: "policy", status: "refuse", message: `${first}${more}` };
}

function principalProblems({ tokens }: Documents["principals.v1"], before: Decisions): readonly string[] {
  const { people } = before.policy.document;
  const isTwice = (member: "token_id" | "token_hash") =>
    new Set(tokens.map((token) => token[member])).size < tokens.length;
  return [
    ...(isTwice("token_id") || isTwice("token_hash") ? ["a token is named twice"] : []),
    ...tokens.flatMap(({ token_id, person }) =>
      person === null || Object.hasOwn(people, person) ? [] : [`${token_id} is of ${person}, who is nobody`],
    ),
  ];
}

/** Names the members in which two documents differ. */
function changed(document: object, before: object | undefined): string {
  const was = new Map<string, unknown>(Object.entries(before ?? {}));
  const names = Object.entries(document)
    .filter(([name]) => !HEADER.includes(name) && !name.startsWith("requested_"))
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(was.get(name)))
    .map(([name]) => name)
    // A document that was read has its members in another order than one that was just made.
    .toSorted(byCodePoint);
  return names.length === 0 ? "nothing" : names.join(", ");
}
