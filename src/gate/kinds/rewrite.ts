import { type Reason, reason } from "../../kernel/errors.ts";
import { isOid, type Oid, shortOid } from "../../kernel/oid.ts";
import type { RewriteV1, StateSeen } from "../../schema/types.gen.ts";
import type { Rewrite, Tip } from "../../state/rewrites.ts";
import type { Decision, Decisions } from "../core/decisions.ts";
import type { DecisionHeader } from "../core/header.ts";
import { resolveGovernance } from "../core/requirement.ts";
import type { RuleResult } from "../core/verdict.ts";
import type { DecisionKind } from "../decision-kind.ts";
import { REWRITE_PATH } from "../documents.ts";
import { NOTHING_MOVES } from "../page/description.ts";

const FOLDER = "gates/rewrite/";

/** The decision that lets the history of facts up to one tip give way to another: `gates/rewrite/<old commit>.json`. */
export const rewriteKind: DecisionKind<"rewrite.v1"> = {
  kind: "rewrite",
  schema: "rewrite.v1",
  path: REWRITE_PATH,
  keyOf: ({ old }) => ({ old: old.commit }),
  title: ({ old, new: next }) => `Rewrite the facts up to ${short(old)} as ${short(next)}`,
  command: ({ old, new: next }) => `waybill gate open rewrite --old ${old.commit} --new ${next.commit} --reason "…"`,
  standing: ({ old, new: next }) => ({ subject: `the history up to ${short(old)}`, value: `that of ${short(next)}` }),
  describe: (_, { old, new: next, reason: why }) =>
    Promise.resolve({
      ...NOTHING_MOVES,
      label: "rewrite",
      effect: ["lets ", { strong: "the history of facts" }, ` up to ${short(old)} give way to another: ${why}`],
      heads: [["Facts now"], ["After the merge and the push"]],
      compared: [{ name: "Tip", now: [{ code: old.commit }], after: [{ code: next.commit }] }],
      told: [
        {
          title: "What it changes",
          text: `git range-diff ${short(old)}...${short(next)} shows it, in a clone that has both`,
        },
        { title: "To undo it", text: "nothing: what was erased is gone once every clone has dropped it" },
      ],
    }),
  requirement: (_, { policy }) => resolveGovernance(policy.document),
  rules: (rewrite) => [countRow(rewrite)],
  agrees: (facts, { old }) =>
    Promise.resolve(
      facts.at === old.commit
        ? []
        : [
            reason(
              "gate.merge.refused",
              `The facts have gone on since ${short(old)}, and what was written after it would be lost`,
              { old: old.commit, found: facts.at },
              "Make the new history again from the tip that is there now, and propose it again",
            ),
          ],
    ),
  // Nothing is written among facts until they are the new ones: it would come after the old tip, and be lost.
  proposed: () => null,
  afterMerge: (_, { old, new: next, reason: why }) =>
    Promise.resolve({
      writes: [],
      events: [
        {
          action: "history.rewritten",
          target: ["history", next.commit],
          metadata: { old: old.commit, new: next.commit, seq: next.seq, reason: why },
        },
      ],
    }),
};

/** Jumps of the facts that are allowed, in order of merge. */
export function rewritesIn(decisions: Decisions): readonly Rewrite[] {
  return rewriteDecisions(decisions).map(({ rewrite }) => rewrite);
}

/** Rewrites in force with their decisions, in order of merge. */
export function rewriteDecisions(
  decisions: Decisions,
): readonly { readonly rewrite: Rewrite; readonly decision: Decision }[] {
  return decisions.merged.flatMap((decision) => {
    if (!decision.path.startsWith(FOLDER)) return [];
    const { document } = decision;
    if (!("schema" in document) || document.schema !== "rewrite.v1") return [];
    const [old, next] = [tipOf(document.old), tipOf(document.new)];
    if (old === null || next === null || decisions.find(decision.path)?.commit !== decision.commit) return [];
    return [{ rewrite: { old, new: next }, decision }];
  });
}

/** What a proposal has seen of facts that a rewrite gave up since then is nowhere any more, so nobody could hold it against them. */
export function givenUpProblem(
  decisions: Decisions,
  tip: Oid,
  { state_seen: seen }: DecisionHeader,
): readonly Reason[] {
  const isGivenUp = rewritesIn(decisions).some(
    ({ old, new: next }) => seen.seq <= old.seq && tip !== old.commit && seen.commit !== next.commit,
  );
  const message = `The facts that it was proposed from, ${seen.commit}, were made again since then`;
  return isGivenUp ? [reason("gate.merge.refused", message, { commit: seen.commit }, "Propose it again")] : [];
}

/** The old tip is what the decision has seen, and the new one counts the same: nothing is left out, added or put in twice. */
function countRow({ old, new: next, state_seen: seen }: RewriteV1): RuleResult {
  if (old.commit !== seen.commit || old.seq !== seen.seq)
    return { rule: "rewrite", status: "refuse", message: "its old tip is not the one that it has seen" };
  if (next.commit === old.commit) return { rule: "rewrite", status: "refuse", message: "it changes nothing" };
  return next.seq === old.seq
    ? { rule: "rewrite", status: "ok", message: `${old.seq} commits stay ${next.seq}` }
    : { rule: "rewrite", status: "refuse", message: `${old.seq} commits would become ${next.seq}` };
}

function tipOf({ commit, seq }: StateSeen): Tip | null {
  return isOid(commit) ? { commit, seq } : null;
}

function short({ commit }: StateSeen): string {
  return isOid(commit) ? shortOid(commit) : commit;
}
