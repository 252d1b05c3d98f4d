import { documentOf, kindOf } from "./canonical.ts";
import { headerFault, proposalIdOf } from "./header.ts";
import {
  commitOf,
  differences,
  type InForce,
  type NaiveCondition,
  type NaiveHistory,
  type NaiveView,
  type Outcome,
  secondsOf,
  sha256,
} from "./history.ts";
import { worth } from "./policy.ts";
import { evidenceOf, type NaiveProof, recordedProof, signedProof } from "./proof.ts";
import { faultsOf, policyOf, ruleOf } from "./rules.ts";
import { type NaiveShape, shapeOf } from "./shape.ts";

/** The effective view after a commit of the first-parent history (section 5), recomputed from the root each time. */
export function naiveView(history: NaiveHistory, id: string): NaiveView {
  const [parent] = commitOf(history, id).parents;
  if (parent === undefined) return rootView(history, id);
  const before = naiveView(history, parent);
  const outcome = judged(history, before, id);
  const inForce = new Map(before.inForce);
  if (outcome.kind === "conforming") inForce.set(outcome.decision.path, outcome.decision);
  return {
    repoId: before.repoId,
    inForce,
    used: new Set([...before.used, ...idsOf(history, parent, id)]),
    outcomes: [...before.outcomes, { commit: id, outcome }],
  };
}

/** The root is what it says: it was pinned, not approved (section 3). */
function rootView(history: NaiveHistory, id: string): NaiveView {
  const decisions = [...commitOf(history, id).tree].flatMap(([path, file]): readonly InForce[] => {
    const document = documentOf(path, file);
    if (document === undefined) return [];
    const { proposal_id: proposalId } = document;
    const digest = sha256(file.bytes);
    return [
      { path, proposalId, digest, document, commit: id, before: null, grade: null, approvers: [], selfApproved: false },
    ];
  });
  return {
    repoId: decisions.find(({ path }) => path === "policy.json")?.document.repo_id ?? "",
    inForce: new Map(decisions.map((decision) => [decision.path, decision])),
    used: new Set(decisions.map(({ proposalId }) => proposalId)),
    outcomes: [],
  };
}

/** Every proposal id that a commit brought to a path of a decision, whether it conforms or not (section 4: once in all history). */
function idsOf(history: NaiveHistory, from: string, to: string): readonly string[] {
  return differences(history, from, to)
    .filter(({ path }) => kindOf(path) !== null)
    .flatMap(({ after }) => proposalIdOf(after?.bytes) ?? []);
}

/** The four conditions of section 5, in their order. */
function judged(history: NaiveHistory, view: NaiveView, id: string): Outcome {
  const shape = shapeOf(history, id);
  if (typeof shape === "string") return no(["shape"], shape);
  const [tip = ""] = commitOf(history, id).parents;
  const header = headerFault(history, view, tip, shape);
  if (header !== null) return no(["shape"], header);
  const rule = ruleOf(view, shape.document);
  const proof = proofFor(history, view, shape, id);
  const seconds = Math.max(secondsOf(history, id), proof?.seconds ?? 0);
  const faults = faultsOf(view, shape, seconds, proof?.isAsked ?? false);
  const lacks = proof === null ? [] : proofFaults(proof, worth(rule.proof));
  const conditions = [...new Set([...faults.map(({ condition }) => condition), ...lacks])];
  if (conditions.length > 0) return no(conditions, faults.map(({ why }) => why).join("; "));
  if (proof === null) return { kind: "pending", why: "no proof yet" };
  const { path, document, bytes } = shape;
  return {
    kind: "conforming",
    decision: {
      path,
      document,
      proposalId: document.proposal_id,
      digest: sha256(bytes),
      commit: id,
      before: view.inForce.get(path) ?? null,
      grade: proof.grade,
      approvers: proof.approvers,
      selfApproved: proof.selfApproved,
    },
  };
}

/** The best proof that there is; null where it may still come (section 6: a merge without its proof is pending). */
function proofFor(history: NaiveHistory, view: NaiveView, shape: NaiveShape, id: string): NaiveProof | null {
  const rule = ruleOf(view, shape.document);
  const policy = policyOf(view);
  const signed = signedProof(policy, shape, rule);
  if (signed.isEnough || rule.proof === "signed") return signed;
  const evidence = evidenceOf(history, view, shape, id);
  if (evidence === undefined) return null;
  return recordedProof(view, shape, rule, signed, evidence);
}

function proofFaults(proof: NaiveProof, least: number): readonly NaiveCondition[] {
  const lacks: readonly NaiveCondition[] = proof.isEnough ? [] : [proof.wouldBeEnough ? "self_approved" : "approvals"];
  return worth(proof.grade) < least ? [...lacks, "proof"] : lacks;
}

function no(conditions: readonly NaiveCondition[], why: string): Outcome {
  return { kind: "dishonoured", conditions, why };
}
