import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { Algorithm, GitObject, ObjectKind } from "./objects.ts";
import type { Blob } from "../../ports/git-store.ts";
import type { Wanted } from "./read-many.ts";

/**
 * Where raw objects lie. `read` answers content whose hash it has compared with the id; it throws `state.object.missing`,
 * `state.object.corrupt` (also for another kind), or what `accept` throws, which it asks with the size before it takes the content.
 */
export interface RawObjects {
  readonly algorithm: Algorithm;
  read(oid: Oid, kind: ObjectKind, accept: (sizeBytes: number) => void): Promise<Uint8Array>;
  /** As `read` of each, in order, where that costs less. Its errors need not name the object: reading that one says more. */
  readonly readAll?: ReadAll;
  /**
   * Where many at once cost less than each by itself: contents in order, each compared with its id. Ends early at one that cannot
   * be had, and where its ids do; reading that one, or asking for the next ids, says why.
   */
  readMany?(wanted: Wanted): AsyncIterable<readonly Blob[]>;
  /**
   * Commits that probably are the first parents of a stretch, newest first, each compared with its id; whoever takes them holds each
   * against the parent of the one before. Ends early as `readMany` does.
   */
  firstParents?(stretch: Stretch, wanted: Omit<Wanted, "oids">): AsyncIterable<readonly Blob[]>;
  /** Stores objects, in any order; returns when all of them are as safe as the driver makes them. */
  write(objects: readonly GitObject[]): Promise<void>;
  /** Where commits are made by others: makes one like this after everything that it needs, and answers the id that it got. */
  writeCommit?(commit: GitObject): Promise<Oid>;
  close(): Promise<void>;
}

/** History from one commit, without it, up to another; null for the root. */
export interface Stretch {
  readonly from: Oid | null;
  readonly to: Oid;
}

/** Reads objects of one kind by id, in order. Whoever keeps a content copies it: it may be a part of a larger piece. */
export type ReadAll = (
  oids: readonly Oid[],
  kind: ObjectKind,
  accept: (sizeBytes: number) => void,
) => Promise<readonly Uint8Array[]>;

/** Reads several objects in the way that costs least there. */
export function readAllOf(raw: RawObjects): ReadAll {
  return raw.readAll ?? ((oids, kind, accept) => Promise.all(oids.map((oid) => raw.read(oid, kind, accept))));
}

/** A driver that answers fewer objects than it was asked for has a bug. */
export function unanswered(): never {
  throw new ToolError("internal.bug", "An object was not answered");
}
