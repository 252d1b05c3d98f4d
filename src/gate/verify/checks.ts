import { ToolError } from "../../kernel/errors.ts";
import { isOid, type Oid, shortOid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import { DECISIONS } from "../../state/branches.ts";
import { inOrder } from "../../state/in-order.ts";
import { isNoDocument } from "../../state/no-document.ts";
import type { Report, VerifyCheck, Violation } from "../../state/verify/check.ts";
import { openView } from "../../state/view.ts";
import { againstFacts, type Anchor, seenFalse } from "./against-facts.ts";
import type { Decision, Decisions, Unhonoured } from "../core/decisions.ts";
import { replay } from "../core/fold.ts";
import { headerOf } from "../core/header.ts";
import { decisionKindAt } from "../decision-kind.ts";
import type { DecisionsGround } from "../ground.ts";
import { loadHistory } from "../view/view.ts";

/** Decisions that are held against the facts at once. */
const AHEAD = 32;

/** Decisions as `state verify` walked them. */
export interface WalkedDecisions {
  readonly decisions: Decisions;
  readonly commits: number;
  /** How many of the commits an earlier run found right, with all that its decisions say of facts. */
  readonly remembered: number;
  /** Those in force, now or before, that no earlier run held against the facts. */
  readonly later: readonly Decision[];
  /** The commit up to which a later run need not look again: where the first merge waits for its proof, before that. */
  readonly settled: Oid;
  /** Holds what decisions say of facts against the facts. */
  readonly check: VerifyCheck;
}

/** Up to where an earlier run found decisions right. */
export interface SettledDecisions {
  readonly root: Oid;
  readonly settled: Oid;
}

/**
 * Folds decisions and names every merge that does not conform: `decision.conforming`. After an earlier run it goes on from the remembered
 * fold, and holds only later decisions against the facts.
 */
export async function walkDecisions(
  ground: DecisionsGround,
  report: Report,
  after: SettledDecisions | null,
): Promise<WalkedDecisions> {
  const { decisions, commits } = await loadHistory(ground, { whole: after === null });
  const remembered = after === null ? 0 : commits.indexOf(after.settled) + 1;
  // What was remembered is of another history.
  if (after !== null && (remembered === 0 || decisions.root !== after.root)) return walkDecisions(ground, report, null);
  const laterCommits = new Set(commits.slice(remembered));
  const later = [...replay(decisions, ({ commit }) => laterCommits.has(commit))];
  const anchored = later.flatMap(([before, decision]) => {
    const seen = decision.proof === null ? null : headerOf(decision.document)?.state_seen;
    return seen ? [{ before, anchor: { decision, ...seen } }] : [];
  });
  const compare = ({ before, anchor }: (typeof anchored)[number]) => lies(ground, before, anchor);
  for await (const found of inOrder(anchored, AHEAD, compare)) for (const violation of found) report(violation);
  for (const merge of decisions.dishonoured) report(dishonoured(decisions, merge));
  return {
    decisions,
    commits: commits.length,
    remembered,
    later: later.map(([, decision]) => decision),
    settled: settledIn(decisions, commits),
    check: againstFacts(
      decisions,
      anchored.map(({ anchor }) => anchor),
      report,
    ),
  };
}

/** The commit before the first merge that waits for its proof. */
function settledIn({ pending: [first], tip }: Decisions, commits: readonly Oid[]): Oid {
  return (first && commits[commits.indexOf(first.commit) - 1]) ?? tip;
}

/** `decision.seen_false`: what a decision says of facts was so at the commit that it names. */
async function lies(ground: DecisionsGround, before: Decisions, { decision, commit }: Anchor): Promise<Violation[]> {
  if (!isOid(commit)) return [];
  const facts = openView({ ...ground, branch: "state" }, commit);
  const kind = decisionKindAt(ground.decisionKinds, decision.path);
  try {
    const found = (await kind?.agrees(facts, decision.document, before, ground)) ?? [];
    return found.map(({ code, message, data }) =>
      seenFalse(decision, `the facts at ${shortOid(commit)} say otherwise: ${message}`, { ...data, code }),
    );
  } catch (cause) {
    if (!(cause instanceof ToolError)) throw cause;
    // The walk over facts says what is missing, and that this commit is none of theirs.
    if (cause.code === "state.object.missing") return [];
    if (!isNoDocument(cause)) throw cause;
    const { code, message } = cause;
    return [
      seenFalse(decision, `the facts at ${shortOid(commit)} cannot be read: ${printable(message, 300)}`, { code }),
    ];
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
