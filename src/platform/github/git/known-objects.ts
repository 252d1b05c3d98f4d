import type { Oid } from "../../../kernel/oid.ts";
import { LruCache } from "../../../kernel/lru-cache.ts";
import { type GitObject, oidOf } from "../../git/objects.ts";
import type { ThingAnswer } from "./answers.ts";
import { rebuild } from "./rebuild.ts";

/** Raw objects that are remembered, in bytes, and commits whose children were read. */
const CACHE_BYTES = 32 * 1024 * 1024;
const PARENTS = 4096;
/** Commits that are asked for with the parent of one that was read: a few at first, pages when the walk goes on. */
const FEW = 10;
/** Commits of a page of history, GitHub's limit. */
const PAGE = 100;

/** Objects that were made again from answers of GitHub, or made here; each has the id that it is known by. */
export class KnownObjects {
  readonly #objects = new LruCache<Oid, GitObject>(CACHE_BYTES, ({ content }) => content.length + 100);
  readonly #parents = new LruCache<Oid, number>(PARENTS, () => 1);

  get(oid: Oid): GitObject | undefined {
    return this.#objects.get(oid);
  }

  /** Remembers objects that were just made. */
  keep(objects: readonly GitObject[]): void {
    for (const object of objects) this.#objects.set(object.oid, object);
  }

  /** Takes what GitHub said of an object, and answers that object; null where what it said has another id. */
  take(answer: ThingAnswer | null): GitObject | null {
    return this.#take(answer, FEW);
  }

  /** Takes a page of history. */
  takeAll(commits: readonly ThingAnswer[]): void {
    for (const commit of commits) this.#take(commit, PAGE);
  }

  /** How many commits to ask for with one: more than one where a walk along first parents comes by. */
  ahead(oid: Oid): number {
    return this.#parents.get(oid) ?? 1;
  }

  #take(answer: ThingAnswer | null, page: number): GitObject | null {
    const object = answer === null ? null : rebuild(answer);
    if (object === null) return null;
    this.keep([object]);
    const parent = answer?.kind === "Commit" ? answer.parents.nodes[0] : undefined;
    if (parent !== undefined) this.#parents.set(oidOf(parent.oid, `Commit ${object.oid}`), page);
    return object;
  }
}
