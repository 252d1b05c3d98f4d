import { isOid, type Oid, shortOid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import { msOf } from "../../kernel/time.ts";
import type { GitStore } from "../../ports/git-store.ts";
import type { CheckpointV1 } from "../../schema/types.gen.ts";
import { isNoDocument } from "../../state/no-document.ts";
import { afterRewrites, allowedBy } from "../../state/rewrites.ts";
import type { AsOf } from "../../state/snapshot/cache.ts";
import type { DecidedView } from "../../state/snapshot/decided-view.ts";
import { openView } from "../../state/view.ts";
import { findAttestor } from "../core/attested.ts";
import { CHECKPOINT_NAMESPACE, checkpointBytes } from "../core/checkpoint.ts";
import type { GateGround } from "../ground.ts";

/** The part of the ground that judging a checkpoint needs. */
export type CheckpointGround = Pick<GateGround, "store" | "kinds" | "schemas" | "rewrites">;

/** A checkpoint that lies among facts, and what is wrong with it. */
export interface JudgedCheckpoint {
  readonly document: CheckpointV1;
  /** Name of the attestor who signed it; null where that is nobody of policy. */
  readonly attestor: string | null;
  /** Why it vouches for nothing here; null where it does, until it expires. */
  readonly problem: string | null;
}

/**
 * Judges the checkpoint at a tip of facts: an attestor of the view signed it, for this repository, and the tips that it names lie on
 * the histories that end here. Null where there is none, or what lies there is no document. It says how fresh both branches are, and grants nothing.
 */
export async function judgeCheckpoint(
  ground: CheckpointGround,
  view: DecidedView,
  tip: Oid,
): Promise<JudgedCheckpoint | null> {
  const document = await readCheckpoint(ground, tip);
  if (document === null) return null;
  const policy = view.policy.document;
  const on = { namespace: CHECKPOINT_NAMESPACE, bytes: checkpointBytes(document), policy };
  const attestor = findAttestor(document, on);
  return { document, attestor, problem: await problemOf(ground, view, tip, { document, attestor }) };
}

/** What readers say of the tips of a snapshot: an attestor's word, whether it has expired by now or not. Null where there is none. */
export async function vouchedFor(ground: CheckpointGround, view: DecidedView, tip: Oid): Promise<AsOf["checkpoint"]> {
  const judged = await judgeCheckpoint(ground, view, tip);
  return judged === null || judged.problem !== null
    ? null
    : { madeAt: judged.document.made_at, expires: judged.document.expires };
}

/** How old a checkpoint is, in milliseconds. */
export function ageOf({ made_at }: CheckpointV1, now: Date): number {
  return Math.max(0, now.getTime() - msOf(made_at));
}

/** Reads the checkpoint at a commit of facts; null where there is none, or what is there is no document. */
export async function readCheckpoint(
  ground: Omit<CheckpointGround, "rewrites">,
  at: Oid,
): Promise<CheckpointV1 | null> {
  try {
    return (await openView({ ...ground, branch: "state" }, at).find("checkpoint.v1", {})) ?? null;
  } catch (cause) {
    // What is no document vouches for nothing; `document.canonical` names it.
    if (isNoDocument(cause)) return null;
    throw cause;
  }
}

async function problemOf(
  ground: CheckpointGround,
  view: DecidedView,
  tip: Oid,
  { document, attestor }: Pick<JudgedCheckpoint, "document" | "attestor">,
): Promise<string | null> {
  const { repo_id, root, state, decisions } = document;
  if (attestor === null) return "no attestor of the policy in force signed it";
  if (repo_id !== view.policy.document.repo_id) return `it is of another repository, ${repo_id}`;
  if (root !== view.root) return "it is of decisions with another root";
  if (!isDecided(view, decisions.commit)) return `decisions do not go through ${short(decisions.commit)}`;
  return (await isSeen(ground, tip, state)) ? null : `facts do not go through ${short(state.commit)}`;
}

/** Every commit on the history of decisions came into force, waits, or does not count. */
function isDecided(view: DecidedView, commit: string): boolean {
  const merged = view.list("").flatMap(({ path }) => view.history(path));
  return commit === view.root || [...merged, ...view.pending, ...view.dishonoured].some((one) => one.commit === commit);
}

async function isSeen(
  { store, rewrites }: CheckpointGround,
  tip: Oid,
  { commit, seq }: CheckpointV1["state"],
): Promise<boolean> {
  if (!isOid(commit)) return false;
  if (await goesThrough(store, tip, { commit, seq })) return true;
  const stands = await afterRewrites(store, { commit, seq }, await allowedBy(rewrites));
  return stands !== null && goesThrough(store, tip, stands);
}

/** Looks no further back than the count says. */
async function goesThrough(
  store: GitStore,
  tip: Oid,
  named: { readonly commit: Oid; readonly seq: number },
): Promise<boolean> {
  for await (const { commit, trailers } of store.log(null, tip)) {
    const seq = Number(trailers.get("Waybill-Seq") ?? Number.NaN);
    if (commit === named.commit) return seq === named.seq;
    if (seq <= named.seq) return false;
  }
  return false;
}

function short(commit: string): string {
  return isOid(commit) ? shortOid(commit) : printable(commit, 20);
}
