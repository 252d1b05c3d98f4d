import type { Act } from "../kernel/act.ts";
import type { Lists } from "../kernel/in-flight.ts";
import type { Oid } from "../kernel/oid.ts";

/** Path of a file or folder to the object id that was read there; null where nothing was. The path "" is the root folder. */
export type Tree = ReadonlyMap<string, Oid | null>;

/** A change as data: no objects, trees or refs, so that another process or a forge can carry it out. */
export interface Change {
  readonly act: Act;
  /** What the plan depends on; while it holds, the driver makes the trees again on a moved branch by itself. */
  readonly reads: Tree;
  /** Path to new bytes, or null to remove the file or the whole folder. */
  readonly writes: ReadonlyMap<string, Uint8Array | null>;
  /** Subject and body, without trailers: the driver adds `Waybill-Seq`, `-Operation`, `-Command`, `-Actor` and `-Request`. */
  readonly message: string;
  /** A branch that does not exist yet starts at this commit; without it, a missing branch gets a root commit. */
  readonly onto?: Oid;
  /** Second parent: the head of a merged proposal. */
  readonly merge?: Oid;
}

/** Either the change is on the branch, or what it read is not there any more and it must be planned again. */
export type Applied = { readonly commit: Oid } | { readonly moved: readonly string[]; readonly head: Oid };

/** A file with its bytes, or a folder with the names in it (folders end with `/`), by code point. */
export type Found =
  | { readonly oid: Oid; readonly bytes: Uint8Array }
  | { readonly oid: Oid; readonly names: readonly string[] };

/** One path that differs between two trees; null where it is absent. Files only. Modes other than 100644 are named. */
export interface Difference {
  readonly path: string;
  readonly before: Oid | null;
  readonly after: Oid | null;
  /** Git mode of `after`, as octal text; documents are "100644". */
  readonly mode: string;
  /** Path of a neighbour from which this one, or a folder that came with it, differs only by case. */
  readonly twin?: string;
  /** Git mode of `before`, only where that is no document: a link, a submodule, a program. */
  readonly modeBefore?: string;
}

/** A commit as its raw object says. Trailers hold the last paragraph's `Key: value` lines. */
export interface Commit {
  readonly commit: Oid;
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  /** Committer time, RFC 3339 UTC. */
  readonly at: string;
  readonly author: string;
  readonly committer: string;
  readonly subject: string;
  readonly trailers: ReadonlyMap<string, string>;
}

/** A blob with its bytes. */
export interface Blob {
  readonly oid: Oid;
  readonly bytes: Uint8Array;
}

/**
 * Documents on git branches, with compare-and-swap. Branches are named without prefix, for example `waybill/state`;
 * the driver maps them to full ref names. Obeys spec/trust.md section 2: raw objects, hashed on reading, bounded.
 * Drivers: native, memory (portable and forge later); all pass test/contract/git-store.ts.
 */
export interface GitStore {
  /** What people call this repository: a path or URL. */
  readonly location: string;
  /** Tip of a branch, or null where it does not exist. `fresh` asks a remote, however new what is known of it. */
  head(branch: string, how?: { readonly fresh: boolean }): Promise<Oid | null>;
  /** Branches below a prefix that ends with `/`, with their tips. */
  branches(prefix: string): Promise<ReadonlyMap<string, Oid>>;
  /**
   * Reads paths of one commit, in order; null where there is nothing. A path may name a file, a folder, or "" for the root.
   * Throws `state.limit.exceeded`, `state.object.corrupt` or `state.object.missing`.
   */
  read(at: Oid, paths: readonly string[]): Promise<readonly (Found | null)[]>;
  /**
   * Reads blobs by id, in order of the ids given, with as few round trips as the driver can; those that came together are answered
   * together. Ids may come while others are read, but may not wait for them. Throws what stops them, once those before were
   * answered.
   */
  blobs(oids: Lists<Oid>): AsyncIterable<readonly Blob[]>;
  /**
   * Files that differ between two commits, by code point of path; `from` null means everything in `to`. A folder that is not
   * `wanted` is not entered, so that what lies below it, however much or deep, neither costs nor stops anything.
   */
  diff(from: Oid | null, to: Oid, wanted?: (folder: string) => boolean): AsyncIterable<Difference>;
  /**
   * As {@link GitStore.diff} of several pairs, for less than one by one. Null where a pair has more than a few files; it throws where
   * one cannot be read. Asking for each by itself tells which, and why.
   */
  diffs(pairs: readonly (readonly [from: Oid | null, to: Oid])[]): Promise<readonly (readonly Difference[] | null)[]>;
  /** One commit. Throws `state.object.missing`. */
  commit(oid: Oid): Promise<Commit>;
  /** First-parent history from `to` back to, and without, `from` (null: to the root), newest first. */
  log(from: Oid | null, to: Oid): AsyncIterable<Commit>;
  /** True where history is cut short here (a shallow clone); a driver that can fetch it does so first. */
  isShallow(): Promise<boolean>;
  /** Where the driver holds a part and fetches the rest as it is read: all history with all documents, in one go. */
  fetchAll?(): Promise<void>;
  /**
   * Puts a change on a branch as one commit. Makes trees again while `reads` hold, answers `moved` when they do not;
   * a lost reply is settled by looking for `act.operation` on the branch.
   * Throws `state.push.conflict` at the deadline, `state.push.protected`, `.unauthorised`, `.network`,
   * `file.no_space`, `file.read_only`, `file.not_permitted`; a crash leaves the old tip or the new one.
   */
  apply(branch: string, change: Change, deadline: Date): Promise<Applied>;
  /** Deletes a branch that still is at `tip`; one that is gone already is fine. Used for finished proposals only. */
  drop(branch: string, tip: Oid): Promise<void>;
  /** Replaces a branch by one parentless commit of these files; for `waybill/snapshot` only. */
  replace(branch: string, files: ReadonlyMap<string, Uint8Array>, act: Act): Promise<Oid>;
  /** Ends helper processes. The store cannot be used afterwards. */
  close(): Promise<void>;
}
