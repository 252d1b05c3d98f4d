import { isOid, type Oid } from "../../src/kernel/oid.ts";
import { gitObject, type ObjectKind } from "../../src/platform/git/objects.ts";
import type { TreeEntry } from "../../src/platform/git/tree-entry.ts";
import { decodeTree, treeOf } from "../../src/platform/git/tree.ts";
import type { MemoryRepository } from "../../src/platform/memory/git-store.ts";

/** What is put at a path: a document, or an object of any mode; null removes what is there. */
export type Planted = Uint8Array | string | { readonly mode: string; readonly oid: Oid } | null;

/** Puts objects into a repository in memory as `git hash-object --literally` does, and no rule of ours is asked. */
export function planter(repository: MemoryRepository) {
  const { algorithm, objects, branches } = repository;
  const put = (kind: ObjectKind, content: Uint8Array): Oid => {
    const { oid } = gitObject(algorithm, kind, content);
    objects.set(oid, { kind, content: Uint8Array.from(content) });
    return oid;
  };
  const treeAt = (oid: Oid): readonly TreeEntry[] =>
    decodeTree(oid, objects.get(oid)?.content ?? new Uint8Array(), algorithm, 1_000_000).entries;
  const tree = (entries: readonly TreeEntry[]): Oid => put("tree", treeOf(entries, algorithm).content);
  const blob = (content: Uint8Array | string): Oid => put("blob", Buffer.from(content));
  const entryOf = (name: string, what: Planted): readonly TreeEntry[] => {
    if (what === null) return [];
    const isObject = typeof what === "object" && "mode" in what;
    return [{ name, raw: null, ...(isObject ? what : { mode: "100644", oid: blob(what) }) }];
  };
  /** The same tree with something else at a path. */
  const splice = (root: Oid | null, path: string, what: Planted): Oid => {
    const [name = "", ...rest] = path.split("/");
    const before = root === null ? [] : treeAt(root);
    const there = before.find((entry) => entry.name === name);
    const entries = rest.length === 0 ? entryOf(name, what) : [folder(name, there, rest.join("/"), what)];
    return tree([...before.filter((entry) => entry.name !== name), ...entries]);
  };
  const folder = (name: string, there: TreeEntry | undefined, rest: string, what: Planted): TreeEntry => {
    const below = there?.mode === "40000" ? there.oid : null;
    return { name, raw: null, mode: "40000", oid: splice(below, rest, what) };
  };
  const textOf = (oid: Oid): string => Buffer.from(objects.get(oid)?.content ?? []).toString();
  /** A commit that counts on from its first parent, so that nothing is wrong with it but what it brings. */
  const commit = (
    root: Oid,
    parents: readonly Oid[],
    more: { readonly at?: string; readonly who?: string } = {},
  ): Oid => {
    const [first] = parents;
    const before = first === undefined ? null : /^Waybill-Seq: ([0-9]+)$/m.exec(textOf(first));
    const seconds = Date.parse(more.at ?? "2026-03-01T00:00:00Z") / 1000;
    const who = `${more.who ?? "Eve <eve@example.invalid>"} ${seconds} +0000`;
    const lines = [
      `tree ${root}`,
      ...parents.map((parent) => `parent ${parent}`),
      `author ${who}`,
      `committer ${who}`,
      "",
      "Plant",
      ...(before === null ? [] : ["", `Waybill-Seq: ${Number(before[1]) + 1}`]),
    ];
    return put("commit", Buffer.from(`${lines.join("\n")}\n`));
  };
  const treeOfCommit = (oid: Oid): Oid => {
    const found = /^tree ([0-9a-f]+)\n/.exec(textOf(oid))?.[1] ?? "";
    if (!isOid(found)) throw new Error(`${oid} is no commit`);
    return found;
  };
  return {
    put,
    blob,
    tree,
    splice,
    commit,
    treeOfCommit,
    /** Commits files on top of a branch, as somebody with plain git does. */
    push(branch: string, files: Readonly<Record<string, Planted>>): Oid {
      const tip = branches.get(branch);
      let root = tip === undefined ? tree([]) : treeOfCommit(tip);
      for (const [path, what] of Object.entries(files)) root = splice(root, path, what);
      const made = commit(root, tip === undefined ? [] : [tip]);
      branches.set(branch, made);
      return made;
    },
  };
}
