import type { Oid } from "../../kernel/oid.ts";
import type { FoldState } from "../core/fold.ts";
import type { FoldOn } from "../core/shape.ts";
import type { DecisionsGround } from "../ground.ts";
import { type FoldPart, printPart, readPart, stateOf } from "./fold-part.ts";

/** Most of a fold, and what came after it: of 5,000 decisions the first takes 60 ms to write, the second 1 ms. */
const FILE = "decisions.json";
const LATER = "decisions-later.json";
/** Commits that lie in the second file before all are written to the first again. */
const MOST_LATER = 64;
/** Raised when judging, or a file of these, changes within one version of the tool. */
const FOLD_VERSION = 11;

/** What a fold had come to, and the first-parent history that it had walked. */
export interface CachedFold {
  readonly state: FoldState;
  readonly commits: readonly Oid[];
  /** Its part in the first file. */
  readonly base: FoldPart;
}

/**
 * Reads what an earlier run of the same version folded, in this user's own cache folder; null where there is nothing to go on from.
 * What cannot be read is as good as nothing.
 */
export async function readFold(ground: DecisionsGround, on: FoldOn): Promise<CachedFold | null> {
  const [base, later] = await Promise.all([partIn(ground, on, FILE), partIn(ground, on, LATER)]);
  if (base === null || base.head.after !== null) return null;
  // Another run may have written the first file since; then what came after is in there.
  const goesOn = later !== null && later.head.root === base.head.root && later.head.after === base.head.tip;
  const parts: readonly [FoldPart, ...FoldPart[]] = goesOn ? [base, later] : [base];
  return { base, commits: parts.flatMap(({ commits }) => commits), state: stateOf(parts, nameOf(ground, FILE)) };
}

async function partIn(ground: DecisionsGround, on: FoldOn, path: string): Promise<FoldPart | null> {
  if (ground.version === undefined) return null;
  const file = await ground.cache.open(path);
  if (file === null) return null;
  try {
    const part = readPart(on, file, nameOf(ground, path));
    return part?.head.version === versionOf(ground.version) ? part : null;
  } catch {
    return null;
  }
}

/**
 * Remembers a fold, of which `base` lies in the first file. One with merges that still wait for their proof is not, because evidence may
 * change it.
 */
export async function writeFold(
  ground: DecisionsGround,
  { state, commits }: Omit<CachedFold, "base">,
  base: FoldPart | null,
): Promise<void> {
  if (ground.version === undefined || state.pending.length > 0) return;
  const from = base !== null && commits.length - base.commits.length <= MOST_LATER ? base : null;
  const bytes = printPart({
    version: versionOf(ground.version),
    after: from?.head.tip ?? null,
    state: stateAfter(state, from),
    commits: commits.slice(from?.commits.length ?? 0),
  });
  await ground.cache.write(from === null ? FILE : LATER, bytes);
}

/** What a fold came to since a part of it. */
function stateAfter(state: FoldState, from: FoldPart | null): FoldState {
  const merged = state.merged.slice(from?.merged.length ?? 0);
  const ids = new Set(merged.map(({ proposalId }) => proposalId));
  const used = state.used.slice(from === null ? 0 : from.merged.length + from.head.used.length);
  return {
    ...state,
    merged,
    dishonoured: state.dishonoured.slice(from?.head.dishonoured.length ?? 0),
    used: used.filter((id) => !ids.has(id)),
  };
}

function nameOf({ cache }: DecisionsGround, path: string): string {
  return `${cache.path}/${path}`;
}

function versionOf(version: string): string {
  return `${version} fold ${FOLD_VERSION}`;
}
