import type { FakeRepository } from "../repository.ts";

/** One changed file between two commits. */
export interface FileChange {
  readonly status: "added" | "changed" | "copied" | "modified" | "removed" | "renamed";
  readonly path: string;
  readonly previous: string | null;
  /** Blob after the change; for a removed file the one before it. */
  readonly sha: string;
  readonly additions: number;
  readonly deletions: number;
  /** Null for binary files. */
  readonly patch: string | null;
}

const STATUS: Readonly<Record<string, FileChange["status"]>> = {
  A: "added",
  C: "copied",
  D: "removed",
  M: "modified",
  R: "renamed",
  T: "changed",
};

/** Lists what changed from one commit to another, by path. */
export async function changedFiles(repo: FakeRepository, from: string, to: string): Promise<readonly FileChange[]> {
  const raw = rowsOf(await repo.git(["diff-tree", "-r", "-z", "-M", "--no-abbrev", "--raw", from, to]), /^:/);
  const counts = rowsOf(await repo.git(["diff-tree", "-r", "-z", "-M", "--numstat", from, to]), /^[\d-]+\t[\d-]+\t/);
  const patches = (await repo.git(["diff-tree", "-r", "-M", "-p", from, to])).split(/^diff --git /m).slice(1);
  return raw.map(({ head, paths }, at): FileChange => {
    const [, , before = "", after = "", letters = "M"] = head.split(" ");
    const status = STATUS[letters.slice(0, 1)] ?? "changed";
    // A binary file's counts are dashes.
    const [additions = 0, deletions = 0] = (counts[at]?.head ?? "")
      .split("\t")
      .map((text) => Number.parseInt(text, 10) || 0);
    return {
      status,
      path: paths.at(-1) ?? "",
      previous: paths.length > 1 ? (paths[0] ?? null) : null,
      sha: status === "removed" ? before : after,
      additions,
      deletions,
      patch: patchOf(patches[at] ?? ""),
    };
  });
}

/** Rows of git's output with zero bytes: each begins with a head, and the paths follow. */
function rowsOf(output: string, head: RegExp): readonly { readonly head: string; readonly paths: readonly string[] }[] {
  const rows: { readonly head: string; readonly paths: string[] }[] = [];
  for (const part of output.split("\0")) {
    if (head.test(part)) rows.push({ head: part, paths: [] });
    else if (part !== "") rows.at(-1)?.paths.push(part);
  }
  return rows;
}

function patchOf(whole: string): string | null {
  const start = whole.search(/^@@ /m);
  return start < 0 ? null : whole.slice(start).replace(/\n$/, "");
}

/** Every path that a change touches, the one that a renamed file had included. */
export function pathsOf(changes: readonly FileChange[]): readonly string[] {
  return changes.flatMap((change) => (change.previous === null ? [change.path] : [change.path, change.previous]));
}
