import { type Reason, ToolError } from "../kernel/errors.ts";
import type { Oid } from "../kernel/oid.ts";
import { printable } from "../kernel/text.ts";
import type { Commit, GitStore } from "../ports/git-store.ts";
import type { DecisionEvidenceV1 } from "../schema/types.gen.ts";
import { DECISIONS, STATE } from "../state/branches.ts";
import { checkTip } from "../state/tips.ts";
import { openView } from "../state/view.ts";
import type { Decisions, Unhonoured } from "./core/decisions.ts";
import { type Fold, POLICY, startFold } from "./core/fold.ts";
import { type Judgement, judge } from "./core/judge.ts";
import type { MergeData } from "./core/merge-data.ts";
import type { FoldOn } from "./core/shape.ts";
import { dishonouredWarning, pendingWarning } from "./core/unhonoured-warning.ts";
import { findKindIn } from "./decision-kind.ts";
import { evidenceKey } from "./documents.ts";
import type { DecisionsGround } from "./ground.ts";
import { type IsOnHistory, loadMerge } from "./load-merge.ts";
import { checkRoot } from "./root.ts";

/** The view and what a proposal is compared with. */
export interface LoadedDecisions {
  readonly decisions: Decisions;
  readonly on: FoldOn;
  readonly isOnHistory: IsOnHistory;
}

/** Sees each merge with the view before it, oldest first; the view changes after it. */
export type OnMerge = (before: Decisions, merge: MergeData, judged: Judgement) => Promise<void>;

/**
 * Folds the decisions branch from its root to its tip and answers the effective view. Reads decision files only, whatever the
 * size of the history. Throws `state.branch.missing`, `state.root.mismatch`, `state.ref.rewound`, `state.object.*`.
 */
export async function loadDecisions(ground: DecisionsGround, options: { readonly at?: Oid } = {}): Promise<Decisions> {
  return (await loadHistory(ground, options)).decisions;
}

/** As {@link loadDecisions}, with what judging an open proposal needs. */
export async function loadHistory(
  ground: DecisionsGround,
  options: { readonly at?: Oid; readonly onMerge?: OnMerge } = {},
): Promise<LoadedDecisions> {
  const seen = await checkTip(ground, DECISIONS);
  await checkTip(ground, STATE);
  const tip = options.at ?? seen ?? missing(ground.store);
  const on: FoldOn = { findKind: findKindIn(ground.decisionKinds), schemas: ground.schemas };
  const commits: Oid[] = [];
  for await (const commit of ground.store.log(null, tip)) commits.push(commit.commit);
  const [root, ...later] = commits.toReversed();
  if (root === undefined) return missing(ground.store);
  await checkRoot(ground, root);
  const history = new Set<Oid>([root]);
  const isOnHistory = (commit: Oid) => history.has(commit);
  const fold = await startAt(ground.store, on, await ground.store.commit(root));
  for (const commit of later) {
    const loaded = await loadMerge(ground.store, await ground.store.commit(commit), isOnHistory);
    const merge = await withEvidence(ground, on, fold, loaded);
    await options.onMerge?.(fold.view, merge, judge(on, fold.view, merge));
    fold.add(merge);
    history.add(commit);
  }
  return { decisions: fold.view, on, isOnHistory };
}

async function startAt(store: GitStore, on: FoldOn, root: Commit): Promise<Fold> {
  const [policy] = await store.read(root.commit, [POLICY]);
  const bytes = policy && "bytes" in policy ? policy.bytes : null;
  return startFold(on, { commit: root.commit, at: root.at, policy: bytes });
}

/** Evidence is looked for only where nothing else is missing. */
async function withEvidence(ground: DecisionsGround, on: FoldOn, fold: Fold, merge: MergeData): Promise<MergeData> {
  const { pending, proposalId } = judge(on, fold.view, merge);
  return pending && proposalId !== null ? { ...merge, evidence: await evidenceOf(ground, proposalId) } : merge;
}

async function evidenceOf(ground: DecisionsGround, proposalId: string): Promise<DecisionEvidenceV1 | null> {
  const tip = await ground.store.head(STATE);
  if (tip === null) return null;
  try {
    const facts = openView({ ...ground, branch: "state" }, tip);
    return (await facts.find("decision-evidence.v1", evidenceKey(proposalId))) ?? null;
  } catch (cause) {
    // Evidence that is no document proves nothing, and anyone who may write facts could have put it there.
    if (cause instanceof ToolError && cause.code !== "state.object.missing") return null;
    throw cause;
  }
}

function missing(store: GitStore): never {
  throw new ToolError("state.branch.missing", `${printable(store.location)} has no branch ${DECISIONS}`, {
    data: { location: store.location, branch: DECISIONS },
    hints: ["waybill init"],
  });
}

/**
 * What every reader prints first: merges on the tip that moved nothing, and why. Those that a later decision took the place of
 * are history, and `waybill state verify` names them.
 */
export function warningsOf(decisions: Decisions): readonly Reason[] {
  const isStanding = ({ paths, proposalId }: Unhonoured) =>
    paths.some((path) => {
      const standing = decisions.standing(path);
      return standing !== undefined && standing.proposalId === proposalId;
    });
  return [
    ...decisions.pending.filter(isStanding).map(pendingWarning),
    ...decisions.dishonoured.filter(isStanding).map(dishonouredWarning),
  ];
}
