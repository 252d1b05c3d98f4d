import { createHash } from "node:crypto";
import { mkdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { printCommit, type CommitParts } from "./commit-object.ts";
import { ObjectReader, type GitObject } from "./object-reader.ts";
import { type GitAnswer, runGit } from "./run-git.ts";
import { parseTree, printTree, type TreeEntry } from "./tree-object.ts";

/** The id that git gives to a ref that does not exist, in compare-and-swap. */
export const NO_OBJECT = "0".repeat(40);

/** A change of one path of a tree; null removes it. */
export type TreeEdit = { readonly mode: string; readonly oid: string } | null;

/** One ref and what it points at. */
export interface RefTip {
  readonly ref: string;
  readonly oid: string;
}

/** A bare git repository on disk; every object and ref of the stand-in is real. */
export class BareRepository {
  readonly path: string;
  readonly #reader: ObjectReader;
  #temporaries = 0;

  constructor(path: string) {
    this.path = path;
    this.#reader = new ObjectReader(path);
  }

  /** Runs git in the repository; answers its output, throws with its errors. */
  async git(args: readonly string[], input?: Uint8Array | string): Promise<string> {
    const done = await this.tryGit(args, input);
    if (done.code !== 0) throw new Error(`git ${args.join(" ")}: ${done.stderr}`);
    return done.stdout.toString("utf8").trimEnd();
  }

  /** Runs git in the repository and answers whatever its exit code was. */
  tryGit(args: readonly string[], input?: Uint8Array | string): Promise<GitAnswer> {
    return runGit(this.path, args, input);
  }

  /** Finds an object by id or by an expression such as `main:docs/a.json`; null where there is none. */
  object(expression: string): Promise<GitObject | null> {
    return this.#reader.read(expression);
  }

  /** Finds the id of what a ref, an id or an expression such as `main:docs` names; null where there is none. */
  async resolve(expression: string): Promise<string | null> {
    return (await this.object(expression))?.oid ?? null;
  }

  /** Finds the commit that a ref, an id or a tag names; null where there is none. */
  async commitOf(expression: string): Promise<string | null> {
    return await this.resolve(`${expression}^{commit}`);
  }

  /** Finds what a full ref name, for example `refs/heads/main`, points at; null where there is no such ref. */
  async ref(name: string): Promise<string | null> {
    // Anything else would be read as an expression, such as `refs/heads/main~1`.
    const isPlain = /^refs\/[^\s~^:?*[\\]+$/.test(name) && !/\.\.|@\{/.test(name);
    return isPlain ? await this.resolve(name) : null;
  }

  /** Lists refs whose full name starts with `prefix`, sorted by name. */
  async refs(prefix = "refs/"): Promise<readonly RefTip[]> {
    const all = await this.git(["for-each-ref", "--format=%(objectname) %(refname)", "refs/"]);
    return all
      .split("\n")
      .map((line) => ({ oid: line.slice(0, 40), ref: line.slice(41) }))
      .filter((each) => each.ref !== "" && each.ref.startsWith(prefix));
  }

  /** Moves a ref if it still stands at `from`; null stands for "does not exist". Answers false where it moved meanwhile. */
  compareAndSwap(ref: string, from: string | null, to: string | null): Promise<boolean> {
    return this.swap([{ ref, from, to }]);
  }

  /** Moves refs, all or none. */
  async swap(
    moves: readonly { readonly ref: string; readonly from: string | null; readonly to: string | null }[],
  ): Promise<boolean> {
    if (moves.some(({ ref }) => /[\s\0]/.test(ref))) return false;
    const lines = moves.map(({ ref, from, to }) => `update ${ref} ${to ?? NO_OBJECT} ${from ?? NO_OBJECT}\n`);
    return (await this.tryGit(["update-ref", "--stdin"], lines.join(""))).code === 0;
  }

  /** Tells whether `ancestor` is reachable from `descendant`. */
  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    return (await this.tryGit(["merge-base", "--is-ancestor", ancestor, descendant])).code === 0;
  }

  /** Merges two commits three-way; answers the tree, or null on a conflict. */
  async mergeTree(base: string, head: string): Promise<string | null> {
    const done = await this.tryGit(["merge-tree", "--write-tree", base, head]);
    if (done.code > 1) throw new Error(`git merge-tree: ${done.stderr}`);
    return done.code === 0 ? done.stdout.toString("utf8").slice(0, 40) : null;
  }

  /** Writes a commit and answers its id; no ref moves. */
  commitTree(parts: CommitParts): Promise<string> {
    return this.writeObject("commit", printCommit(parts));
  }

  /** Lists the entries of a tree, not of the trees below it. Throws where it is none. */
  async tree(oid: string): Promise<readonly TreeEntry[]> {
    const found = await this.object(oid);
    if (found?.type !== "tree") throw new Error(`${oid} is no tree`);
    return parseTree(found.bytes);
  }

  /** Writes a tree like `base` with some paths changed; null is the empty tree. Answers its id; folders left empty vanish. */
  async editTree(base: string | null, edits: ReadonlyMap<string, TreeEdit>): Promise<string> {
    return (await this.#edited(base, edits)) ?? (await this.writeObject("tree", Buffer.alloc(0)));
  }

  async #edited(base: string | null, edits: ReadonlyMap<string, TreeEdit>): Promise<string | null> {
    const entries = new Map((base === null ? [] : await this.tree(base)).map((each) => [each.name, each]));
    const below = new Map<string, Map<string, TreeEdit>>();
    for (const [path, edit] of edits) {
      const slash = path.indexOf("/");
      const name = slash < 0 ? path : path.slice(0, slash);
      if (slash >= 0)
        below.set(name, (below.get(name) ?? new Map<string, TreeEdit>()).set(path.slice(slash + 1), edit));
      else if (edit === null) entries.delete(name);
      else entries.set(name, { name, ...edit });
    }
    for (const [name, inner] of below) {
      const old = entries.get(name);
      const oid = await this.#edited(old?.mode === "040000" ? old.oid : null, inner);
      if (oid === null) entries.delete(name);
      else entries.set(name, { name, mode: "040000", oid });
    }
    return entries.size === 0 ? null : await this.writeObject("tree", printTree([...entries.values()]));
  }

  /** Writes one loose object as git does and answers its id. */
  async writeObject(type: "blob" | "tree" | "commit" | "tag", bytes: Uint8Array): Promise<string> {
    const whole = Buffer.concat([Buffer.from(`${type} ${bytes.length}\0`), bytes]);
    const oid = createHash("sha1").update(whole).digest("hex");
    const folder = join(this.path, "objects", oid.slice(0, 2));
    const path = join(folder, oid.slice(2));
    if (await exists(path)) return oid;
    await mkdir(folder, { recursive: true });
    this.#temporaries += 1;
    const temporary = join(folder, `tmp_obj_${this.#temporaries}`);
    await writeFile(temporary, deflateSync(whole, { level: 1 }), { mode: 0o444 });
    await rename(temporary, path);
    return oid;
  }

  /** Brings a commit of another repository here, as forks share their objects on GitHub, and points a ref at it. */
  async take(other: BareRepository, oid: string, ref: string): Promise<void> {
    await this.git(["fetch", "--quiet", "--no-tags", other.path, `+${oid}:${ref}`]);
  }

  /** Ends the processes that read it. */
  close(): void {
    this.#reader.close();
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
