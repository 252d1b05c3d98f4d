import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { buildCommit, movedReads } from "./change.ts";
import { decodeCommit } from "./commit.ts";
import type { ObjectDatabase } from "./object-database.ts";
import type { GitObject } from "./objects.ts";
import { locate } from "./read.ts";
import type { Outcome, Wish } from "./store-parts.ts";
import { decodeTree, type Tree } from "./tree.ts";

/** Commits that follow one another, not stored yet, and what comes of each wish once the branch stands at the last of them. */
export interface Chain {
  /** Every object of the chain but its last commit. */
  readonly objects: readonly GitObject[];
  /** Null where no wish can be granted at this head. */
  readonly last: GitObject | null;
  /** By operation. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
}

/**
 * Makes one commit of each wish whose reads hold on the commit before it. What is wrong with one of them stands in its outcome and
 * does not stop the others.
 */
export async function buildChain(
  objects: ObjectDatabase,
  branch: string,
  head: Oid | null,
  wishes: readonly Wish[],
): Promise<Chain> {
  const made = new Map<Oid, GitObject>();
  const over = overlay(objects, made);
  const outcomes = new Map<string, Outcome>();
  let tip = head;
  let last: GitObject | null = null;
  if (head !== null && wishes.length > 1) await readAhead(objects, head, wishes);
  for (const { change } of wishes) {
    const parent: Oid | null = tip ?? change.onto ?? null;
    try {
      const moved = await movedReads(over, parent, change.reads);
      if (moved.length > 0) {
        if (parent === null) throw missingBranch(branch);
        outcomes.set(change.act.operation, { moved, head: parent });
        continue;
      }
      const built = await buildCommit(over, parent, change);
      for (const object of [...built.objects, built.commit]) made.set(object.oid, object);
      last = built.commit;
      tip = last.oid;
      outcomes.set(change.act.operation, { commit: tip });
    } catch (cause) {
      outcomes.set(change.act.operation, { failure: errorOf(cause) });
    }
  }
  if (last !== null) made.delete(last.oid);
  return { objects: [...made.values()], last, outcomes: atTip(outcomes, tip) };
}

/** Reads the folders of all wishes together, folder depth by folder depth, where else each would be waited for. */
async function readAhead(objects: ObjectDatabase, head: Oid, wishes: readonly Wish[]): Promise<void> {
  const paths = new Set(wishes.flatMap(({ change: { reads, writes } }) => [...reads.keys(), ...writes.keys()]));
  const { tree } = await objects.commit(head);
  // What is wrong with a path is said to the wish that names it.
  await Promise.all([...paths].map((path) => locate(objects, tree, path).catch(() => undefined)));
}

/** Whoever has to plan again does so where the branch will stand. */
function atTip(outcomes: ReadonlyMap<string, Outcome>, tip: Oid | null): ReadonlyMap<string, Outcome> {
  if (tip === null) return outcomes;
  return new Map([...outcomes].map(([name, found]) => [name, "moved" in found ? { ...found, head: tip } : found]));
}

/** Objects with others over them that are not stored yet. */
function overlay(objects: ObjectDatabase, made: ReadonlyMap<Oid, GitObject>): ObjectDatabase {
  const kept = new Map<Oid, Tree>();
  return {
    ...objects,
    async tree(oid, like) {
      const own = made.get(oid);
      if (own === undefined) return objects.tree(oid, like);
      return kept.get(oid) ?? decodeTree(oid, own.content, objects.algorithm, objects.limits.entries);
    },
    keep(oid, tree) {
      kept.set(oid, tree);
      objects.keep(oid, tree);
    },
    async commit(oid) {
      const own = made.get(oid);
      return own === undefined ? objects.commit(oid) : decodeCommit(oid, own.content);
    },
  };
}

/** Takes what was thrown for an error. */
export function errorOf(cause: unknown): Error {
  return cause instanceof Error
    ? cause
    : new ToolError("internal.bug", "Something was thrown that is no error", { cause });
}

function missingBranch(branch: string): ToolError {
  return new ToolError("state.branch.missing", `There is no branch ${branch}`, {
    data: { branch },
    hints: ["waybill init makes it; in a clone, fetch it first"],
  });
}
