import { ToolError } from "../kernel/errors.ts";
import { isOid, type Oid, shortOid } from "../kernel/oid.ts";
import { printable } from "../kernel/text.ts";
import type { Commit, GitStore } from "../ports/git-store.ts";
import type { DecisionEvidenceV1 } from "../schema/types.gen.ts";
import { DECISIONS, STATE } from "../state/branches.ts";
import type { ChangedFile, Report, VerifyCheck } from "../state/verify/check.ts";
import { openView } from "../state/view.ts";
import type { Decision, Decisions, Unhonoured } from "./core/decisions.ts";
import { headerOf } from "./core/header.ts";
import { decisionKindAt } from "./decision-kind.ts";
import { isSameEvidence } from "./evidence.ts";
import type { DecisionsGround } from "./ground.ts";
import { rewriteDecisions } from "./rewrite.ts";
import { loadHistory } from "./view.ts";

/** Decisions as `state verify` walked them. */
export interface WalkedDecisions {
  readonly decisions: Decisions;
  readonly commits: number;
  /** Holds what decisions say of facts against the facts. */
  readonly check: VerifyCheck;
}

/** A decision and the commit of facts that it says it has seen. */
interface Anchor {
  readonly decision: Decision;
  readonly commit: string;
  readonly seq: number;
}

/** Folds decisions from the root and names every merge that does not conform: `decision.conforming`. */
export async function walkDecisions(ground: DecisionsGround, report: Report): Promise<WalkedDecisions> {
  const anchors: Anchor[] = [];
  let commits = 1;
  const { decisions } = await loadHistory(ground, {
    onMerge: async (before, _merge, { decision }) => {
      commits += 1;
      const seen = decision && headerOf(decision.document)?.state_seen;
      if (decision === null || !seen) return;
      anchors.push({ decision, ...seen });
      if (isOid(seen.commit)) await compareSeen(ground, before, decision, seen.commit, report);
    },
  });
  for (const merge of decisions.dishonoured) report(dishonoured(decisions, merge));
  return { decisions, commits, check: againstFacts(decisions, anchors, report) };
}

/** `decision.seen_false`: what a decision says of facts was so at the commit that it names. */
async function compareSeen(
  ground: DecisionsGround,
  before: Decisions,
  decision: Decision,
  at: Oid,
  report: Report,
): Promise<void> {
  const facts = openView({ ...ground, branch: "state" }, at);
  const kind = decisionKindAt(ground.decisionKinds, decision.path);
  try {
    for (const { code, message, data } of (await kind?.agrees(facts, decision.document, before)) ?? [])
      report(seenFalse(decision, `the facts at ${shortOid(at)} say otherwise: ${message}`, { ...data, code }));
  } catch (cause) {
    // The walk over facts says what is missing, and that this commit is none of theirs.
    if (!(cause instanceof ToolError) || cause.code !== "state.object.missing") throw cause;
  }
}

function seenFalse(decision: Decision, message: string, data: Parameters<Report>[0]["data"]): Parameters<Report>[0] {
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

function dishonoured(decisions: Decisions, merge: Unhonoured): Parameters<Report>[0] {
  const [path = null] = merge.paths;
  const kept = path === null ? undefined : decisions.find(path);
  const keeps = kept === undefined ? "no decision" : `the decision of ${shortOid(kept.commit)}`;
  return {
    rule: "decision.conforming",
    branch: DECISIONS,
    commit: merge.commit,
    path,
    message: `${merge.paths.map((one) => printable(one)).join(", ") || "nothing"} changed on ${merge.at.slice(0, 10)} and does not conform: ${printable(merge.message, 500)}`,
    data: { condition: merge.condition, paths: merge.paths, proposal_id: merge.proposalId },
    readers: `Readers keep ${keeps}, and say so.`,
    next: "nothing has to be undone; propose again to move it",
  };
}

/** `evidence.false` and the commits that decisions name, checked while facts are walked. */
function againstFacts(decisions: Decisions, anchors: readonly Anchor[], report: Report): VerifyCheck {
  return {
    rules: ["decision.conforming", "decision.seen_false", "evidence.false"],
    begin: async ({ after, ground }) => {
      const inPlaceOf = placesOf(decisions);
      const wanted = new Map(anchors.map((anchor) => [anchor, [anchor, ...inPlaceOf(anchor)]]));
      const meet = (commit: Commit) => {
        const isMet = ({ commit: oid, seq }: Pick<Anchor, "commit" | "seq">) =>
          oid === commit.commit && String(seq) === commit.trailers.get("Waybill-Seq");
        for (const [anchor, places] of wanted) if (places.some(isMet)) wanted.delete(anchor);
      };
      if (after !== null) await walkOlder(ground.store, after, wanted, meet);
      return {
        onFile: (file, commit) => checkEvidence(decisions, file, commit, report),
        onCommit: meet,
        async finish() {
          for (const { decision, commit, seq } of wanted.keys())
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

function checkEvidence(decisions: Decisions, file: ChangedFile, { commit }: Commit, report: Report): void {
  const evidence = evidenceIn(file);
  if (evidence === undefined) return;
  const decision = decisions.merged.find(({ proposalId }) => proposalId === evidence.proposal_id);
  const isOf = (merge: Unhonoured) => merge.commit === evidence.merge && merge.proposalId === evidence.proposal_id;
  // Of a merge in vain it says why; one that says that all was well is as false as any other.
  const saysWhy = evidence.rules.some(({ status }) => status !== "ok");
  const isInVain = decisions.pending.some(isOf) || (saysWhy && decisions.dishonoured.some(isOf));
  if (decision === undefined && isInVain) return;
  const isTrue =
    decision !== undefined &&
    isSameEvidence(evidence, decision) &&
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

function evidenceIn({ place, after }: ChangedFile): DecisionEvidenceV1 | undefined {
  const document = after?.document;
  if (place === undefined || document === undefined || !("schema" in document)) return undefined;
  return document.schema === "decision-evidence.v1" ? document : undefined;
}

function shortened(commit: string): string {
  return isOid(commit) ? shortOid(commit) : printable(commit, 20);
}
