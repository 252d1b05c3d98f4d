import { ToolError } from "../kernel/errors.ts";
import { isOid, type Oid, shortOid } from "../kernel/oid.ts";
import { printable } from "../kernel/text.ts";
import { DECISIONS } from "../state/branches.ts";
import type { Report, VerifyCheck } from "../state/verify/check.ts";
import { openView } from "../state/view.ts";
import { againstFacts, type Anchor, seenFalse } from "./against-facts.ts";
import type { Decision, Decisions, Unhonoured } from "./core/decisions.ts";
import { headerOf } from "./core/header.ts";
import { decisionKindAt } from "./decision-kind.ts";
import type { DecisionsGround } from "./ground.ts";
import { loadHistory } from "./view.ts";

/** Decisions as `state verify` walked them. */
export interface WalkedDecisions {
  readonly decisions: Decisions;
  readonly commits: number;
  /** Holds what decisions say of facts against the facts. */
  readonly check: VerifyCheck;
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
    for (const { code, message, data } of (await kind?.agrees(facts, decision.document, before, ground)) ?? [])
      report(seenFalse(decision, `the facts at ${shortOid(at)} say otherwise: ${message}`, { ...data, code }));
  } catch (cause) {
    // The walk over facts says what is missing, and that this commit is none of theirs.
    if (!(cause instanceof ToolError) || cause.code !== "state.object.missing") throw cause;
  }
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
