import type { Oid } from "../../../kernel/oid.ts";
import { FILE, FOLDER, isFolder } from "../../git/tree-entry.ts";
import { EMPTY_TREE, type Tree } from "../../git/tree.ts";
import type { ObjectDatabase } from "../../git/object-database.ts";
import type { ForgeObjects } from "./forge-objects.ts";

/** Names that mean themselves in an expression of git; what has another one is found folder by folder. */
const PLAIN = /^[A-Za-z0-9_@+~-][A-Za-z0-9._@+~-]*$/;
/** Folders that are fetched ahead for one difference; the rest is asked for when the walk is near. */
const FOLDERS = 20_000;

/** Paths with every folder above them, the root included; without those that no expression can name. */
export function withFolders(paths: Iterable<string>): readonly string[] {
  const all = new Set<string>([""]);
  for (const path of paths) {
    const names = path.split("/");
    const plain = names.findIndex((name) => !PLAIN.test(name));
    const end = plain < 0 ? names.length : plain;
    for (let count = 1; count <= end; count += 1) all.add(names.slice(0, count).join("/"));
  }
  return [...all];
}

/** The folder that a path lies in. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Fetches what reading paths of a commit needs and is not here yet, in one request. */
export async function fetchPaths(
  raw: ForgeObjects,
  objects: ObjectDatabase,
  at: Oid,
  paths: readonly string[],
): Promise<void> {
  const wanted = new Set<string>();
  for (const path of withFolders(paths)) if (!(await isHere(raw, objects, at, path))) wanted.add(path);
  if (wanted.size > 0) await Promise.all([objects.commit(at), raw.bring(at, [...wanted])]);
}

/** Tells whether nothing has to be asked to say what stands at a path. */
async function isHere(raw: ForgeObjects, objects: ObjectDatabase, at: Oid, path: string): Promise<boolean> {
  if (raw.known.get(at) === undefined) return false;
  let oid = (await objects.commit(at)).tree;
  for (const name of path === "" ? [] : path.split("/")) {
    if (raw.known.get(oid) === undefined) return false;
    const entry = (await objects.tree(oid)).find(name);
    if (entry === undefined || (entry.mode !== FILE && entry.mode !== FOLDER)) return true;
    oid = entry.oid;
    if (!isFolder(entry)) break;
  }
  return raw.known.get(oid) !== undefined;
}

interface Pair {
  /** One of the paths at which it was found. */
  readonly folder: string;
  readonly before: Oid | null;
  readonly after: Oid | null;
}

/** Fetches the wanted folders that differ between two trees, all of one depth at a time. */
export async function fetchDifference(
  objects: ObjectDatabase,
  before: Oid | null,
  after: Oid,
  wanted: (folder: string) => boolean = () => true,
): Promise<void> {
  let fetched = 0;
  let level: readonly Pair[] = [{ folder: "", before, after }];
  for (let depth = 0; level.length > 0 && depth < objects.limits.depth && fetched < FOLDERS; depth += 1) {
    fetched += level.length;
    const pairs = await Promise.allSettled(
      level.map(async ({ folder, before: left, after: right }) =>
        changedFolders(folder, ...(await Promise.all([treeAt(objects, left), treeAt(objects, right)]))).filter((pair) =>
          wanted(pair.folder),
        ),
      ),
    );
    // What cannot be read is met again by the walk, which says why.
    level = distinct(pairs.flatMap((pair) => (pair.status === "fulfilled" ? pair.value : [])));
  }
}

function treeAt(objects: ObjectDatabase, oid: Oid | null): Promise<Tree> {
  return oid === null ? Promise.resolve(EMPTY_TREE) : objects.tree(oid);
}

function changedFolders(folder: string, left: Tree, right: Tree): readonly Pair[] {
  const pathOf = (name: string) => (folder === "" ? name : `${folder}/${name}`);
  const before = new Map(left.entries.filter(isFolder).map((entry) => [entry.name, entry.oid]));
  const pairs: Pair[] = [];
  for (const { name, oid } of right.entries.filter(isFolder)) {
    const old = before.get(name) ?? null;
    before.delete(name);
    if (old !== oid) pairs.push({ folder: pathOf(name), before: old, after: oid });
  }
  for (const [name, oid] of before) pairs.push({ folder: pathOf(name), before: oid, after: null });
  return pairs;
}

/** A hostile tree holds one folder many times. */
function distinct(pairs: readonly Pair[]): readonly Pair[] {
  return [...new Map(pairs.map((pair) => [`${pair.before} ${pair.after}`, pair])).values()];
}
