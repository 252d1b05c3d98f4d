import { type Reason, ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { GitStore } from "../../ports/git-store.ts";
import type { DecisionEvidenceV1 } from "../../schema/types.gen.ts";
import { DECISIONS, STATE } from "../../state/branches.ts";
import { inOrder } from "../../state/in-order.ts";
import type { Rewrite } from "../../state/rewrites.ts";
import { checkTip } from "../../state/tips.ts";
import { isNoDocument } from "../../state/no-document.ts";
import { openView } from "../../state/view.ts";
import type { Decisions, Unhonoured } from "../core/decisions.ts";
import { type Fold, POLICY, resumeFold, startFold } from "../core/fold.ts";
import { judge } from "../core/judge.ts";
import type { MergeData } from "../core/merge-data.ts";
import type { FoldOn } from "../core/shape.ts";
import { dishonouredWarning, pendingWarning } from "../core/unhonoured-warning.ts";
import { findKindIn, placesOfDecisions } from "../decision-kind.ts";
import { evidenceKey } from "../documents.ts";
import { readFold, writeFold } from "./fold-cache.ts";
import type { FoldPart } from "./fold-part.ts";
import type { DecisionsGround } from "../ground.ts";
import { evidenceSigner } from "./bundle-signer.ts";
import { type IsOnHistory, loadMerge } from "./load-merge.ts";
import { rewritesIn } from "../kinds/rewrite.ts";
import { checkRoot } from "./root.ts";

/** Merges that are read ahead of the one that is judged. */
const AHEAD = 32;

/** The view and what a proposal is compared with. */
export interface LoadedDecisions {
  readonly decisions: Decisions;
  readonly on: FoldOn;
  readonly isOnHistory: IsOnHistory;
  /** First-parent history, oldest first. */
  readonly commits: readonly Oid[];
}

/** Finds the evidence of a merge that lacks nothing but its proof; `before` is the view before it. */
export type EvidenceSource = (
  before: Decisions,
  merge: MergeData,
  proposalId: string,
) => Promise<DecisionEvidenceV1 | null>;

/**
 * Folds the decisions branch from its root to its tip and answers the effective view. Reads decision files only, whatever the
 * size of the history. Throws `state.branch.missing`, `state.root.mismatch`, `state.ref.rewound`, `state.object.*`.
 */
export async function loadDecisions(ground: DecisionsGround, options: { readonly at?: Oid } = {}): Promise<Decisions> {
  return (await loadHistory(ground, options)).decisions;
}

/**
 * As {@link loadDecisions}, with what judging an open proposal needs. Goes on from what this user's cache remembers. With evidence from
 * elsewhere than facts, what came of it is not remembered. `whole` starts at the root whatever is remembered, as an older tip does.
 */
export async function loadHistory(
  ground: DecisionsGround,
  options: { readonly at?: Oid; readonly whole?: boolean; readonly evidence?: EvidenceSource } = {},
): Promise<LoadedDecisions> {
  const seen = await checkTip(ground, DECISIONS);
  await checkTip({ ...ground, rewrites: () => rewritesSince(ground, seen) }, STATE);
  return foldHistory(ground, seen, options);
}

/** Jumps of the facts that the effective view allows, for whoever asks before the facts were looked at. */
export async function allowedRewrites(ground: DecisionsGround): Promise<readonly Rewrite[]> {
  return rewritesSince(ground, await checkTip(ground, DECISIONS));
}

async function rewritesSince(ground: DecisionsGround, seen: Oid | null): Promise<readonly Rewrite[]> {
  return rewritesIn((await foldHistory(ground, seen, {})).decisions);
}

/** Folds decisions up to a tip that was compared with the remembered one. */
async function foldHistory(
  ground: DecisionsGround,
  seen: Oid | null,
  options: NonNullable<Parameters<typeof loadHistory>[1]>,
): Promise<LoadedDecisions> {
  const tip = options.at ?? seen ?? missing(ground.store);
  const on: FoldOn = { findKind: findKindIn(ground.decisionKinds), schemas: ground.schemas };
  const isWhole = options.at !== undefined || options.whole === true;
  const { fold, commits, later, base } =
    (isWhole ? null : await resumeAt(ground, on, tip)) ?? (await startAt(ground, on, tip));
  await checkRoot(ground, fold.view.root);
  // No proposal can begin on a commit that comes after its merge, so those may be in it already.
  const history = new Set<Oid>([...commits, ...later]);
  const isOnHistory = (commit: Oid) => history.has(commit);
  const places = placesOfDecisions(ground.decisionKinds);
  const find = options.evidence ?? ((_, __, id) => findEvidence(ground, id));
  const { store } = ground;
  const load = async (commit: Oid) => loadMerge(store, await store.commit(commit), isOnHistory, places);
  for await (const loaded of inOrder(later, AHEAD, load)) {
    const { merge, judged } = await judgeMerge(on, fold.view, loaded, find);
    fold.add(merge, judged);
  }
  if (later.length > 0 && options.at === undefined && options.evidence === undefined)
    await writeFold(ground, { state: fold.state(), commits: [...history] }, base);
  return { decisions: fold.view, on, isOnHistory, commits: [...history] };
}

interface Begun {
  readonly fold: Fold;
  /** History that is folded already. */
  readonly commits: readonly Oid[];
  /** Commits to fold, oldest first. */
  readonly later: readonly Oid[];
  /** What is folded already and need not be written again. */
  readonly base: FoldPart | null;
}

/** Goes on from the cache; null where there is none, or where the tip does not follow from it. */
async function resumeAt(ground: DecisionsGround, on: FoldOn, tip: Oid): Promise<Begun | null> {
  const cached = await readFold(ground, on);
  if (cached === null) return null;
  const later: Oid[] = [];
  let oldest: Oid | undefined = tip;
  for await (const commit of ground.store.log(cached.state.tip, tip)) {
    later.push(commit.commit);
    oldest = commit.parents[0];
  }
  if (oldest !== cached.state.tip) return null;
  const { state, commits, base } = cached;
  return { fold: resumeFold(on, state), commits, later: later.toReversed(), base };
}

async function startAt({ store }: DecisionsGround, on: FoldOn, tip: Oid): Promise<Begun> {
  const commits: Oid[] = [];
  for await (const commit of store.log(null, tip)) commits.push(commit.commit);
  const [oldest, ...later] = commits.toReversed();
  if (oldest === undefined) return missing(store);
  const root = await store.commit(oldest);
  const [policy] = await store.read(root.commit, [POLICY]);
  const bytes = policy && "bytes" in policy ? policy.bytes : null;
  const fold = startFold(on, { commit: root.commit, at: root.at, policy: bytes });
  return { fold, commits: [oldest], later, base: null };
}

/** Evidence is looked for only where nothing else is missing. */
async function judgeMerge(on: FoldOn, before: Decisions, merge: MergeData, find: EvidenceSource) {
  const judged = judge(on, before, merge);
  if (!judged.pending || judged.proposalId === null) return { merge, judged };
  const evidence = await find(before, merge, judged.proposalId);
  const proven = { ...merge, evidence, bundleBy: await evidenceSigner(before, evidence) };
  return { merge: proven, judged: judge(on, before, proven) };
}

/** Evidence of a proposal among the newest facts; null where there is none of this repository. */
export async function findEvidence(ground: DecisionsGround, proposalId: string): Promise<DecisionEvidenceV1 | null> {
  const tip = await ground.store.head(STATE);
  if (tip === null) return null;
  try {
    const facts = openView({ ...ground, branch: "state" }, tip);
    const evidence = await facts.find("decision-evidence.v1", evidenceKey(proposalId));
    const state = evidence && (await facts.find("state.v1", {}));
    // A fork has the same documents and another number; its evidence is of its own merges.
    return evidence && evidence.forge_repository_id === (state?.forge_repository_id ?? null) ? evidence : null;
  } catch (cause) {
    // Evidence that is no document proves nothing.
    if (isNoDocument(cause)) return null;
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
  const isStanding = ({ paths, commit }: Unhonoured) =>
    paths.some((path) => decisions.standing(path)?.commit === commit);
  return [
    ...decisions.pending.filter(isStanding).map(pendingWarning),
    ...decisions.dishonoured.filter(isStanding).map(dishonouredWarning),
  ];
}
