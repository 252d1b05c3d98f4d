import type { Act } from "../../kernel/act.ts";
import { type Reason, type Refused, refuse, ToolError } from "../../kernel/errors.ts";
import { timestamp } from "../../kernel/time.ts";
import { isOid, type Oid } from "../../kernel/oid.ts";
import type { StateSealResultV1 } from "../../schema/types.gen.ts";
import { type SealAnchor, type Sealed, sealState } from "../../state/seal/seal.ts";
import type { Decision, Decisions } from "../core/decisions.ts";
import { headerOf } from "../core/header.ts";
import type { GateGround } from "../ground.ts";
import { rewriteDecisions } from "../kinds/rewrite.ts";
import { syncGate } from "../sync/sync.ts";
import { loadDecisions } from "../view/view.ts";

/** What sealing came to. */
export interface SealedFacts {
  readonly result: StateSealResultV1;
  readonly warnings: readonly Reason[];
}

/**
 * Seals facts of days before the newest that a decision in force has seen. What follows from merged decisions is recorded first, so
 * that nothing is due any more that would be dated on a sealed day; days from the oldest pending merge on stay as they are. Refuses
 * while the forge does not say what was merged.
 */
export async function sealFacts(
  ground: GateGround,
  act: Act,
  asked: { readonly before: string | null; readonly dryRun: boolean },
): Promise<SealedFacts | Refused> {
  const { unknown, alarms, warnings } = await syncGate(ground, act.step("sync"));
  const [first, ...more] = unknown;
  if (first !== undefined) return refuse(first, ...more);
  const decisions = await loadDecisions(ground);
  const anchor = newestAnchor(decisions);
  const bounds = [...latestDays(ground, decisions), ...(asked.before === null ? [] : [asked.before])];
  const planned = asked.dryRun;
  if (anchor === null) {
    const result = { planned, anchor, before: earliest(bounds), commits: [], sealed: [], waiting: [] };
    return { result: { schema: "state-seal-result.v1", ...result }, warnings: [...alarms, ...warnings] };
  }
  const { at } = await ground.store.commit(anchor.commit);
  const before = earliest([...bounds, at.slice(0, 10)]);
  const sealed = await sealState(ground, act, { anchor, before });
  const result = resultOf(sealed, { anchor: { ...anchor, at }, before, planned });
  return { result, warnings: [...alarms, ...warnings] };
}

/** Documents that a seal in passing is worth, and how much it may do, so that nobody waits for it. */
const IN_PASSING = { commits: 1, leastDocuments: 100, mostDocuments: 1000, deadlineMs: 5000 };

/** What was sealed in passing. */
export interface SealedInPassing {
  readonly commit: Oid;
  readonly documents: number;
  readonly segments: number;
}

/**
 * Seals a part of what has become old, after a sync: what can be sealed grows when a decision has seen more. Bounded, and never a reason
 * to fail: where it may not write, the forge is away or others keep writing, a later run does it. Null where nothing was sealed.
 */
export async function sealInPassing(
  ground: GateGround,
  act: Act,
  decisions: Decisions,
): Promise<SealedInPassing | null> {
  const anchor = newestAnchor(decisions);
  if (anchor === null) return null;
  try {
    const { at } = await ground.store.commit(anchor.commit);
    const before = earliest([...latestDays(ground, decisions), at.slice(0, 10)]);
    const { commits, folders } = await sealState(ground, act.step("seal"), { anchor, before, bounds: IN_PASSING });
    const [commit] = commits;
    const documents = folders.reduce((sum, one) => sum + one.documents, 0);
    const segments = new Set(folders.flatMap((one) => one.segments.map(({ path }) => path))).size;
    return commit === undefined ? null : { commit, documents, segments };
  } catch (cause) {
    if (cause instanceof ToolError && cause.code !== "internal.bug") return null;
    throw cause;
  }
}

/** Days from which on nothing is sealed: today, and those of merges that wait for their proof. */
function latestDays({ clock }: GateGround, { pending }: Decisions): readonly string[] {
  return [timestamp(clock.now()).slice(0, 10), ...pending.map(({ at }) => at.slice(0, 10))];
}

function earliest(days: readonly string[]): string {
  return days.reduce((a, b) => (b < a ? b : a));
}

/** The newest commit of facts that a decision in force has seen; null where each has seen only a history that was given up. */
export function newestAnchor(decisions: Decisions): SealAnchor | null {
  const rewrites = rewriteDecisions(decisions);
  let newest: SealAnchor | null = null;
  for (const [i, decision] of decisions.merged.entries()) {
    const anchor = anchorOf(decision);
    if (anchor === null || anchor.seq <= (newest?.seq ?? 0)) continue;
    const isGone = ({ rewrite, decision: by }: (typeof rewrites)[number]) =>
      anchor.seq <= rewrite.old.seq && i <= decisions.merged.indexOf(by);
    if (!rewrites.some(isGone)) newest = anchor;
  }
  return newest;
}

/** What a decision has seen; null for what has no header. */
export function anchorOf({ document, proposalId }: Decision): SealAnchor | null {
  const seen = headerOf(document)?.state_seen;
  return seen !== undefined && isOid(seen.commit)
    ? { proposal_id: proposalId, commit: seen.commit, seq: seen.seq }
    : null;
}

function resultOf(
  { commits, folders, waiting }: Sealed,
  { planned, ...about }: Pick<StateSealResultV1, "anchor" | "before" | "planned">,
): StateSealResultV1 {
  return {
    schema: "state-seal-result.v1",
    planned,
    ...about,
    commits: planned ? [] : commits,
    sealed: folders.map(({ folder, kind, day, documents, segments, sizeBytesBefore, sizeBytesAfter, left }) => ({
      folder,
      kind,
      day,
      documents,
      segments: segments.map(({ path }) => path),
      size_bytes_before: sizeBytesBefore,
      size_bytes_after: sizeBytesAfter,
      left,
    })),
    waiting,
  };
}
