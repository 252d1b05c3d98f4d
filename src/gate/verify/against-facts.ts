import { isOid, type Oid, shortOid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { Commit, GitStore } from "../../ports/git-store.ts";
import type { DecisionEvidenceV1 } from "../../schema/types.gen.ts";
import { DECISIONS, STATE } from "../../state/branches.ts";
import type { ChangedFile, Report, VerifyCheck } from "../../state/verify/check.ts";
import type { Decision, Decisions, Unhonoured } from "../core/decisions.ts";
import { isSameEvidence } from "../sync/evidence.ts";
import { rewriteDecisions } from "../kinds/rewrite.ts";

/** A decision and the commit of facts that it says it has seen. */
export interface Anchor {
  readonly decision: Decision;
  readonly commit: string;
  readonly seq: number;
}

/** `evidence.false` and the commits that decisions name, checked while facts are walked. */
export function againstFacts(decisions: Decisions, anchors: readonly Anchor[], report: Report): VerifyCheck {
  return {
    rules: ["decision.conforming", "decision.seen_false", "evidence.false"],
    begin: async ({ after, first, ground }) => {
      const inPlaceOf = placesOf(decisions);
      const wanted = new Set(anchors);
      const places = anchors.flatMap((anchor) => [anchor, ...inPlaceOf(anchor)].map((at) => ({ anchor, ...at })));
      const byCommit = new Map<string, typeof places>();
      for (const place of places) byCommit.set(place.commit, [...(byCommit.get(place.commit) ?? []), place]);
      const meet = (commit: Commit) => {
        for (const { anchor, seq } of byCommit.get(commit.commit) ?? [])
          if (String(seq) === commit.trailers.get("Waybill-Seq")) wanted.delete(anchor);
      };
      let byProposal: ReadonlyMap<string, Decision> | undefined;
      const decisionOf = (proposalId: string) => {
        // A proposal id is used once, so that no decision hides another.
        byProposal ??= new Map(decisions.merged.map((decision) => [decision.proposalId, decision]));
        return byProposal.get(proposalId);
      };
      if (after !== null) await walkOlder(ground.store, after, wanted, meet);
      return {
        onStart: meet,
        onFile: (file, commit) => checkEvidence(decisions, decisionOf, file, commit, report),
        async finish() {
          // Where history is cut short here, what was seen may lie behind the cut: missing is not false.
          if (after === null && first !== null && (await ground.store.commit(first)).parents.length > 0) return;
          for (const { decision, commit, seq } of wanted)
            report(
              seenFalse(decision, `the facts have no commit ${shortened(commit)} with count ${seq}`, { commit, seq }),
            );
        },
      };
    },
  };
}

/**
 * Commits that stand for one that a decision has seen before an authorised rewrite gave it up: the new tip, which has that count
 * behind it. A decision that was made after the rewrite has seen the new history.
 */
function placesOf(decisions: Decisions): (anchor: Anchor) => readonly Pick<Anchor, "commit" | "seq">[] {
  const { merged } = decisions;
  const rewrites = rewriteDecisions(decisions).map((one) => ({ ...one.rewrite, at: merged.indexOf(one.decision) }));
  return ({ decision, seq }) => {
    const standing = rewrites.filter(({ old }) => seq <= old.seq);
    const at = standing.length === 0 ? 0 : merged.findIndex(({ commit }) => commit === decision.commit);
    return standing.filter((one) => at <= one.at).map((one) => one.new);
  };
}

/** Commits before a remembered walk's end are good, but a new decision may name one of them. */
async function walkOlder(
  store: GitStore,
  after: Oid,
  wanted: { readonly size: number },
  meet: (commit: Commit) => void,
): Promise<void> {
  for await (const commit of store.log(null, after)) {
    meet(commit);
    if (wanted.size === 0) return;
  }
}

function checkEvidence(
  decisions: Decisions,
  decisionOf: (proposalId: string) => Decision | undefined,
  file: ChangedFile,
  { commit }: Commit,
  report: Report,
): void {
  const evidence = evidenceIn(file);
  if (evidence === undefined) return;
  const decision = decisionOf(evidence.proposal_id);
  const isOf = (merge: Unhonoured) => merge.commit === evidence.merge && merge.proposalId === evidence.proposal_id;
  // Of a merge in vain it says why; one that says that all was well is as false as any other. Nothing is written of a merge that
  // waits for its proof before it proves something, so what lies there was put in its way.
  const saysWhy = evidence.rules.some(({ status }) => status !== "ok");
  if (decision === undefined && saysWhy && decisions.dishonoured.some(isOf)) return;
  const isTrue =
    decision !== undefined &&
    isSameEvidence(evidence, decision) &&
    isSameProof(evidence, decision) &&
    evidence.policy_sha256 === decision.proof?.policySha256;
  if (isTrue) return;
  report({
    rule: "evidence.false",
    branch: STATE,
    commit,
    path: file.path,
    message: `${printable(file.path)} says of ${printable(evidence.proposal_id)} what the history of decisions does not`,
    data: { proposal_id: evidence.proposal_id, merge: evidence.merge },
    next: "find who pushed it, then waybill gate sync",
  });
}

/** What history alone says of a merge, evidence says too; the rest of it is the word of the forge. */
function isSameProof(evidence: DecisionEvidenceV1, { proof, selfApproved }: Decision): boolean {
  const approvalsOf = (all: readonly { readonly person: string; readonly id: string; readonly method: string }[]) =>
    all.map(({ person, id, method }) => `${person} ${id} ${method}`).join();
  return (
    proof !== null &&
    evidence.base === proof.base &&
    evidence.head === proof.head &&
    evidence.self_approved === selfApproved &&
    evidence.requesters.join() === proof.requesters.join() &&
    approvalsOf(evidence.approvals) === approvalsOf(proof.approvals)
  );
}

function evidenceIn({ place, after }: ChangedFile): DecisionEvidenceV1 | undefined {
  const document = after?.document;
  if (place === undefined || document === undefined || !("schema" in document)) return undefined;
  return document.schema === "decision-evidence.v1" ? document : undefined;
}

function shortened(commit: string): string {
  return isOid(commit) ? shortOid(commit) : printable(commit, 20);
}

/** The violation of a decision that claims to have seen what was not so. */
export function seenFalse(
  decision: Decision,
  message: string,
  data: Parameters<Report>[0]["data"],
): Parameters<Report>[0] {
  return {
    rule: "decision.seen_false",
    branch: DECISIONS,
    commit: decision.commit,
    path: decision.path,
    message: `${printable(decision.path)} claims to have seen what was not so; ${message}`,
    data,
    next: "it is in force as approved; compare it with the facts, and propose again",
  };
}
