import type { Oid } from "../../kernel/oid.ts";
import type { Commit } from "../../ports/git-store.ts";
import { kindFinder } from "../document-kind.ts";
import { inOrder } from "../in-order.ts";
import { changedFiles, filesTogether } from "./changed-files.ts";
import type { ChangedFile, VerifyGround, Walker } from "./check.ts";
import type { Teller } from "./teller.ts";

/** Commits whose files are read together. */
const TOGETHER = 32;
/** How many times as many are read ahead of the ones being checked. */
const AHEAD = 2;

/** A commit with the one that it follows; null before the root. */
export type Pair = readonly [parent: Oid | null, commit: Oid];

/** Shows commits to walkers, in order: each with its files, and where those are few those of a number of commits are read together. */
export async function visitAll(
  ground: VerifyGround,
  walkers: readonly Walker[],
  pairs: readonly Pair[],
  teller: Teller,
  done: () => void,
): Promise<void> {
  const placeOf = kindFinder(ground.kinds, "state");
  const starts = Array.from({ length: Math.ceil(pairs.length / TOGETHER) }, (_, i) => i * TOGETHER);
  const read = async (start: number) => {
    const some = pairs.slice(start, start + TOGETHER);
    const files = await filesTogether(ground, placeOf, some);
    return some.map((pair, i) => ({ pair, files: files[i] ?? null }));
  };
  for await (const some of inOrder(starts, AHEAD, read))
    for (const { pair, files } of some) {
      const shown = files === null ? changedFiles(ground, placeOf, ...pair) : [files];
      await teller.guard(pair[1], () => visit(ground, walkers, pair, shown));
      done();
    }
}

/** Shows a commit to walkers, after its files. */
export async function visit(
  { store }: VerifyGround,
  walkers: readonly Walker[],
  [before, at]: Pair,
  chunks: AsyncIterable<readonly ChangedFile[]> | Iterable<readonly ChangedFile[]>,
): Promise<void> {
  const commit = await store.commit(at);
  const parent = before === null ? null : await store.commit(before);
  for await (const files of chunks) await show(walkers, files, commit);
  for (const walker of walkers) {
    const work = walker.onCommit?.(commit, parent);
    if (work !== undefined) await work;
  }
}

/** Most checks answer at once, and waiting for nothing takes longer than they do. */
async function show(walkers: readonly Walker[], files: readonly ChangedFile[], commit: Commit): Promise<void> {
  for (const file of files)
    for (const walker of walkers) {
      const work = walker.onFile?.(file, commit);
      if (work !== undefined) await work;
    }
}
