import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import { fileBytes, limitExceeded } from "./limits.ts";
import type { ObjectDatabase } from "./object-database.ts";
import { type GitObject, gitObject } from "./objects.ts";
import { pathNames } from "./paths.ts";
import { FILE, FOLDER, isFolder, type TreeEntry } from "./tree-entry.ts";
import { EMPTY_TREE, treeOf } from "./tree.ts";

/** Writes of one folder: its own files, null to remove one or a folder with all that is in it, and the folders below it. */
interface Folder {
  readonly files: Map<string, Uint8Array | null>;
  readonly folders: Map<string, Folder>;
}

/** A tree with changes in it, and the objects that it needs beside the ones of the tree before. */
export interface Spliced {
  readonly tree: Oid;
  readonly objects: readonly GitObject[];
}

/**
 * Puts writes into a tree: only folders on their paths are made again, and one that becomes empty goes.
 * Throws `state.writer.exists` where a file would become a folder, or the reverse, or a name differs from another only by case.
 */
export async function splice(
  objects: ObjectDatabase,
  base: Oid | null,
  writes: ReadonlyMap<string, Uint8Array | null>,
  maxBytes: (path: string) => number = (path) => fileBytes(objects.limits, path),
): Promise<Spliced> {
  const made: GitObject[] = [];
  const root = await spliceFolder(objects, base, folderOf(objects, writes, maxBytes), "", made);
  if (root !== null) return { tree: root, objects: made };
  const empty = treeOf([], objects.algorithm);
  const object = gitObject(objects.algorithm, "tree", empty.content);
  return { tree: object.oid, objects: [...made, object] };
}

function folderOf(
  { limits }: ObjectDatabase,
  writes: ReadonlyMap<string, Uint8Array | null>,
  maxBytes: (path: string) => number,
): Folder {
  const root: Folder = { files: new Map(), folders: new Map() };
  for (const [path, content] of writes) {
    const bound = maxBytes(path);
    if (content !== null && content.length > bound) throw limitExceeded(path, "bytes", bound);
    const names = pathNames(path, limits);
    let folder = root;
    for (const name of names.slice(0, -1)) {
      const next: Folder = folder.folders.get(name) ?? { files: new Map(), folders: new Map() };
      folder.folders.set(name, next);
      folder = next;
    }
    folder.files.set(names.at(-1) ?? "", content);
  }
  return root;
}

async function spliceFolder(
  objects: ObjectDatabase,
  base: Oid | null,
  folder: Folder,
  path: string,
  made: GitObject[],
): Promise<Oid | null> {
  const before = base === null ? EMPTY_TREE : await objects.tree(base);
  const entries = new Map(before.byName);
  for (const [name, content] of folder.files) putFile(objects, entries, name, content, path, made);
  const below = [...folder.folders].map(async ([name, inner]) => {
    const entry = entries.get(name);
    if (entry !== undefined && !isFolder(entry)) throw taken(path + name, "a file");
    return { name, oid: await spliceFolder(objects, entry?.oid ?? null, inner, `${path}${name}/`, made) };
  });
  for (const { name, oid } of await Promise.all(below)) {
    if (oid === null) entries.delete(name);
    else entries.set(name, { mode: FOLDER, name, oid, raw: null });
  }
  refuseCaseTwins(before.byName, entries, path);
  const unnamed = before.entries.filter((entry) => entry.raw !== null);
  if (entries.size + unnamed.length === 0) return null;
  return makeTree(objects, base, [...entries.values(), ...unnamed], path, made);
}

function putFile(
  objects: ObjectDatabase,
  entries: Map<string, TreeEntry>,
  name: string,
  content: Uint8Array | null,
  path: string,
  made: GitObject[],
): void {
  if (content === null) {
    entries.delete(name);
    return;
  }
  const entry = entries.get(name);
  if (entry !== undefined && isFolder(entry)) throw taken(path + name, "a folder");
  const blob = gitObject(objects.algorithm, "blob", content);
  if (entry?.oid === blob.oid && entry.mode === FILE) return;
  made.push(blob);
  entries.set(name, { mode: FILE, name, oid: blob.oid, raw: null });
}

function makeTree(
  objects: ObjectDatabase,
  base: Oid | null,
  entries: readonly TreeEntry[],
  path: string,
  made: GitObject[],
): Oid {
  if (entries.length > objects.limits.entries) throw limitExceeded(path, "entries", objects.limits.entries);
  const tree = treeOf(entries, objects.algorithm);
  const object = gitObject(objects.algorithm, "tree", tree.content);
  if (object.oid !== base) made.push(object);
  objects.keep(object.oid, tree);
  return object.oid;
}

function refuseCaseTwins(
  before: ReadonlyMap<string, TreeEntry>,
  after: ReadonlyMap<string, TreeEntry>,
  path: string,
): void {
  const added = [...after.keys()].filter((name) => !before.has(name));
  if (added.length === 0) return;
  const seen = new Map([...before.keys()].filter((name) => after.has(name)).map((name) => [name.toLowerCase(), name]));
  for (const name of added) {
    const twin = seen.get(name.toLowerCase());
    if (twin !== undefined) throw taken(path + name, `${twin}, which differs only by case`);
    seen.set(name.toLowerCase(), name);
  }
}

function taken(path: string, what: string): ToolError {
  return new ToolError("state.writer.exists", `${printable(path)} cannot be written: there is ${printable(what)}`, {
    data: { path: printable(path) },
  });
}
