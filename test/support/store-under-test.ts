import { isOid, type Oid } from "../../src/kernel/oid.ts";
import type { Applied, Change, GitStore } from "../../src/ports/git-store.ts";
import { testAct } from "./git-repo.ts";

/** A store with its repository, and ways to touch that repository behind the store's back. */
export interface StoreUnderTest {
  readonly algorithm: "sha1" | "sha256";
  /** Commits on top of another get their time and their author from the forge. */
  readonly isDatedByForge?: true;
  readonly store: GitStore;
  /** Another store on the same repository, as another process has it: nothing cached. */
  another(): Promise<GitStore>;
  /** Stores a raw object, whatever it holds. */
  put(kind: "blob" | "tree" | "commit", content: Uint8Array): Promise<Oid>;
  setBranch(branch: string, tip: Oid): Promise<void>;
  /** Overwrites an object wherever it lies with another valid one, as a broken disk or a hostile hand would. */
  damage(oid: Oid): Promise<void>;
  /** Lets nobody move a branch until the answer is called. */
  hold(branch: string): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** Branch of most tests. */
export const BRANCH = "waybill/state";

/** Bytes of a text. */
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A time that no test reaches. */
export const soon = (): Date => new Date(Date.now() + 20_000);

/** A change of text files; null removes one. */
export function changeOf(
  name: string,
  files: Readonly<Record<string, string | null>>,
  more: Partial<Change> = {},
): Change {
  const writes = new Map(Object.entries(files).map(([path, text]) => [path, text === null ? null : bytes(text)]));
  return { act: testAct(name), reads: new Map(), writes, message: `Test ${name}`, ...more };
}

/** The commit of an answer; fails where it is none. */
export function commitOf(applied: Applied): Oid {
  if ("commit" in applied) return applied.commit;
  throw new Error(`moved: ${applied.moved.join(", ")}`);
}

/** All items of a stream. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Ids of the blobs that are answered where their lists end with an error, and what reading them ends with. */
export async function blobsUntil(store: GitStore, lists: readonly (readonly Oid[])[], stop: Error) {
  const seen: Oid[] = [];
  const failing = async function* () {
    yield* lists;
    throw stop;
  };
  try {
    for await (const some of store.blobs(failing())) seen.push(...some.map(({ oid }) => oid));
    return { seen };
  } catch (error) {
    return { seen, error };
  }
}

/** The text of a file at a commit, null where there is none. */
export async function textAt(store: GitStore, at: Oid, path: string): Promise<string | null> {
  const [found] = await store.read(at, [path]);
  return found !== null && found !== undefined && "bytes" in found ? new TextDecoder().decode(found.bytes) : null;
}

/** An object id of one digit, as long as another id. */
export function oidLike(other: string, digit: string): Oid {
  const text = digit.repeat(other.length);
  if (!isOid(text)) throw new Error(`${text} is no object id`);
  return text;
}
