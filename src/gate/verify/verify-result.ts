import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { GitStore } from "../../ports/git-store.ts";
import type { CheckedRule, CommitClaims, StateVerifyResultV1 } from "../../schema/types.gen.ts";
import type { Violation } from "../../state/verify/check.ts";
import type { Findings } from "../../state/verify/findings.ts";
import { rulesById, type VerifyRule } from "../../state/verify/rule.ts";
import type { Tally } from "../../state/verify/tally.ts";
import type { WalkedDecisions } from "./checks.ts";

/** Most merges that wait for their proof that are named. */
const MAX_PENDING = 200;

type Row = StateVerifyResultV1["violations"][number];

/** Names violations as they are told: with what the commit claims of itself, and what readers do. */
export async function violationRows(
  store: GitStore,
  rules: readonly VerifyRule[],
  violations: readonly Violation[],
): Promise<readonly Row[]> {
  const known = rulesById(rules);
  const claims = new Map<Oid, CommitClaims | null>();
  const rows: Row[] = [];
  for (const { rule, branch, commit, path, message, data, readers, next } of violations) {
    if (commit !== null && !claims.has(commit)) claims.set(commit, await claimsOf(store, commit));
    const of = known.get(rule);
    // Of where a branch is, the commit at its tip is not to blame.
    const pushed_by = commit === null || of?.counted === "refs" ? null : (claims.get(commit) ?? null);
    // Rows of rules are Markdown.
    const told = (readers ?? of?.readers ?? "Readers may or may not notice it.").replaceAll("`", "");
    rows.push({ rule, branch, commit, path, message, data, pushed_by, readers: told, next });
  }
  return rows;
}

/** Names warnings as they are told. */
export function warningRows(warnings: readonly Violation[]): StateVerifyResultV1["warnings"] {
  return warnings.map(({ rule, branch, commit, path, message, data, next }) => ({
    rule,
    branch,
    commit,
    path,
    message,
    data,
    next,
  }));
}

async function claimsOf(store: GitStore, oid: Oid): Promise<CommitClaims | null> {
  try {
    const { author, committer, at, trailers } = await store.commit(oid);
    const actor = trailers.get("Waybill-Actor") ?? null;
    return {
      author,
      committer,
      committed_at: at,
      actor,
      request: trailers.get("Waybill-Request") ?? null,
      pusher: null,
    };
  } catch (cause) {
    // What cannot be read claims nothing.
    if (cause instanceof ToolError) return null;
    throw cause;
  }
}

/** What a run held against its rules, and from where. */
export interface Ran {
  /** Rules that were checked. */
  readonly rules: ReadonlySet<string>;
  readonly tally: Tally;
  readonly facts: CheckedRule["span"];
  readonly decisions: CheckedRule["span"];
}

/** Says of each rule that ran what it saw. One that saw nothing because nothing was there was checked all the same, but without a snapshot none was compared. */
export function checkedRows(rules: readonly VerifyRule[], ran: Ran, found: Findings): readonly CheckedRule[] {
  return rules
    .filter(({ id, counted }) => ran.rules.has(id) && (counted !== "snapshots" || (ran.tally.snapshots ?? 0) > 0))
    .map(({ id, counted }) => ({
      rule: id,
      counted,
      seen: ran.tally[counted] ?? 0,
      span: spanOf(counted, ran),
      broken: found.broken(id),
    }));
}

function spanOf(counted: CheckedRule["counted"], ran: Ran): CheckedRule["span"] {
  if (counted === "decisions") return ran.decisions;
  return counted === "artifacts" || counted === "snapshots" || counted === "refs" ? "tips" : ran.facts;
}

/** Names merges that wait for their proof, the first of them. */
export function pendingOf(decided: WalkedDecisions | null) {
  const pending = decided?.decisions.pending ?? [];
  return { pending: pending.slice(0, MAX_PENDING).map(pendingDocument), pending_count: pending.length };
}

/** Says of decisions how far they were judged. */
export function decisionsDocument({
  decisions,
  commits,
  remembered,
}: WalkedDecisions): StateVerifyResultV1["decisions"] {
  return { root: decisions.root, tip: decisions.tip, at: decisions.at, commits, remembered };
}

function pendingDocument(
  merge: WalkedDecisions["decisions"]["pending"][number],
): StateVerifyResultV1["pending"][number] {
  return { commit: merge.commit, proposal_id: merge.proposalId, paths: merge.paths, message: merge.message };
}
