import { documentOf, kindOf } from "./canonical.ts";
import { headerFault, proposalIdOf } from "./header.ts";
import {
  commitOf,
  differences,
  type NaiveCondition,
  type NaiveHistory,
  type NaiveView,
  type Outcome,
  secondsOf,
  sha256,
} from "./history.ts";
import { policyFault, worth } from "./policy.ts";
import { evidenceOf, type NaiveProof, recordedProof, signedProof } from "./proof.ts";
import { faultsOf, policyOf, ruleOf } from "./rules.ts";
import { type NaiveShape, shapeOf } from "./shape.ts";

/** The effective view after a commit of the first-parent history (section 5), recomputed from the root each time. */
export function naiveView(history: NaiveHistory, id: string): NaiveView {
  const [parent] = commitOf(history, id).parents;
  return parent === undefined ? rootView(history, id) : nextView(history, naiveView(history, parent), id);
}

/** The view after a commit, from the one before it. */
export function nextView(history: NaiveHistory, before: NaiveView, id: string): NaiveView {
  const [parent = id] = commitOf(history, id).parents;
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

/** The root is pinned, not approved (section 3): its policy is in force, and nothing else in it is. */
function rootView(history: NaiveHistory, id: string): NaiveView {
  const path = "policy.json";
  const file = commitOf(history, id).tree.get(path);
  const document = documentOf(path, file);
  if (file === undefined || document?.schema !== "policy.v1" || policyFault(document) !== null)
    throw new Error("The root has no policy");
  const { proposal_id: proposalId, repo_id: repoId } = document;
  const of = { path, proposalId, document, digest: sha256(file.bytes), commit: id };
  return {
    repoId,
    inForce: new Map([[path, { ...of, before: null, grade: null, approvers: [], selfApproved: false }]]),
    used: new Set([proposalId]),
    outcomes: [],
  };
}

/** Every proposal id that a commit brought to a path of a decision, whether it conforms or not (section 4: once in all history). */
function idsOf(history: NaiveHistory, from: string, to: string): readonly string[] {
  return differences(history, from, to)
    .filter(({ path }) => kindOf(path) !== null)
    .flatMap(({ path, after }) => proposalIdOf(path, after) ?? []);
}

/** The four conditions of section 5, in their order. */
function judged(history: NaiveHistory, view: NaiveView, id: string): Outcome {
  const shape = shapeOf(history, id);
  if (typeof shape === "string") return no(["shape"], shape);
  const [tip = ""] = commitOf(history, id).parents;
  const header = headerFault(history, view, tip, shape);
  // Which condition a header that does not fit breaks is not said.
  if (header !== null) return no(["shape", "policy"], header);
  const rule = ruleOf(view, shape.document);
  const signed = signedProof(policyOf(view), shape, rule);
  const mayCome = !signed.isEnough && rule.proof !== "signed";
  const early = conditionsOf(view, shape, secondsOf(history, id), { ...signed, mayCome });
  // What is broken without evidence stays broken: evidence is asked for approvals, and its time can only take away.
  if (early.length > 0) return no(early, "without evidence");
  const proof = mayCome ? evidenceProof(history, view, shape, id) : signed;
  if (proof === undefined) return { kind: "pending", why: "no proof yet" };
  const late = conditionsOf(view, shape, Math.max(secondsOf(history, id), proof.seconds), proof);
  if (late.length > 0) return no(late, "with all that there is");
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

/** What evidence proves; undefined where none counts. One of a lesser grade than policy asks for proves nothing (section 6). */
function evidenceProof(history: NaiveHistory, view: NaiveView, shape: NaiveShape, id: string): NaiveProof | undefined {
  const rule = ruleOf(view, shape.document);
  const evidence = evidenceOf(history, view, shape, id);
  if (evidence === undefined) return undefined;
  const proof = recordedProof(view, shape, rule, signedProof(policyOf(view), shape, rule), evidence);
  return worth(proof.grade) < worth(rule.proof) ? undefined : proof;
}

/** Conditions that are broken as of a time, by rules of the kind or by too few approvals. */
function conditionsOf(
  view: NaiveView,
  shape: NaiveShape,
  seconds: number,
  proof: NaiveProof,
): readonly NaiveCondition[] {
  const rule = ruleOf(view, shape.document);
  const faults = faultsOf(view, shape, seconds, proof.isAsked || proof.mayCome);
  const able = rule.approvers.filter((name) => rule.requesterMayApprove || !proof.requesters.includes(name));
  const isMissing = proof.mayCome ? able.length < rule.min : !proof.isEnough;
  // Which of the two a reader names is left open where both are true.
  const own = proof.wouldBeEnough ? ["self_approved" as const] : [];
  return [
    ...new Set([...faults.map(({ condition }) => condition), ...(isMissing ? ["approvals" as const, ...own] : [])]),
  ];
}

function no(conditions: readonly NaiveCondition[], why: string): Outcome {
  return { kind: "dishonoured", conditions, why };
}
