import { ToolError } from "../../kernel/errors.ts";
import { LruCache } from "../../kernel/lru-cache.ts";
import { type Oid, shortOid } from "../../kernel/oid.ts";
import { Turns } from "../../kernel/turns.ts";
import type { Difference } from "../../ports/git-store.ts";
import { type BoundedBlob, boundedBlobs } from "../blobs.ts";
import type { Place } from "../document-kind.ts";
import { documentAt } from "../snapshot/rows.ts";
import type { ChangedFile, Side, VerifyGround } from "./check.ts";

/** How files of a history are read: the ground, what kind a path is of, and what was read last, since what a commit replaces often came shortly before. */
export interface FileReading {
  readonly ground: VerifyGround;
  readonly placeOf: (path: string) => Place | undefined;
  readonly sides: LruCache<string, Side>;
  readonly turns: Turns;
}

/** Bytes of documents that are kept parsed. */
const KEPT_BYTES = 1024 * 1024;

/** Begins to read files of a history. */
export function readFiles(ground: VerifyGround, placeOf: FileReading["placeOf"]): FileReading {
  return { ground, placeOf, sides: new LruCache(KEPT_BYTES, ({ bytes }) => bytes.length + 500), turns: new Turns() };
}

/** Git mode of a document. */
const PLAIN = "100644";

/** Files of a commit whose bytes are in memory at once. */
const CHUNK = 256;

/** Most files that one commit may change: ours change a handful and a seal some thousands; more is a bomb of trees. */
const MAX_CHANGED = 200_000;

/** Files that a commit changes, with their bytes where a kind knows the path, in chunks; null stands before the root. */
export async function* changedFiles(
  on: FileReading,
  parent: Oid | null,
  commit: Oid,
): AsyncGenerator<readonly ChangedFile[]> {
  let chunk: Difference[] = [];
  let count = 0;
  for await (const difference of on.ground.store.diff(parent, commit)) {
    count += 1;
    if (count > MAX_CHANGED) throw tooMany(commit);
    chunk.push(difference);
    if (chunk.length < CHUNK) continue;
    yield await withBytes(on, chunk);
    chunk = [];
  }
  yield await withBytes(on, chunk);
}

/** Most files of a commit that is read together with others. */
const FEW = 16;

/**
 * Files of several commits that change a few, as {@link changedFiles} gives them; null for one that changes more, or where anything
 * cannot be read, so that it is read by itself and says why.
 */
export async function filesTogether(
  on: FileReading,
  pairs: readonly (readonly [parent: Oid | null, commit: Oid])[],
): Promise<readonly (readonly ChangedFile[] | null)[]> {
  try {
    const differences = (await on.ground.store.diffs(pairs)).map((found) =>
      found && found.length <= FEW ? found : null,
    );
    const all = differences.flatMap((found) => found ?? []);
    const files = await on.turns.take(0, () => withBytes(on, all));
    let end = 0;
    return differences.map((found) => found && files.slice(end, (end += found.length)));
  } catch (cause) {
    if (!(cause instanceof ToolError) || cause.code === "internal.bug") throw cause;
    return pairs.map(() => null);
  }
}

function tooMany(commit: Oid): ToolError {
  const what = `Commit ${shortOid(commit)}`;
  return new ToolError("state.limit.exceeded", `${what} changes more than ${MAX_CHANGED} files`, {
    data: { what, limit: "files", bound: MAX_CHANGED },
  });
}

async function withBytes(on: FileReading, differences: readonly Difference[]): Promise<readonly ChangedFile[]> {
  const places = differences.map(({ path }) => on.placeOf(path));
  const known = new Map<string, Side>();
  const wanted = new Set<Oid>();
  for (const [i, difference] of differences.entries()) {
    const place = places[i];
    if (place === undefined) continue;
    for (const oid of documentsOf(difference)) {
      const read = isReplaced(place) ? on.sides.get(difference.path) : undefined;
      if (read?.oid === oid) known.set(difference.path, read);
      else wanted.add(oid);
    }
  }
  const contents = new Map<Oid, BoundedBlob>();
  for await (const some of boundedBlobs(on.ground.store, [[...wanted]]))
    for (const blob of some) contents.set(blob.oid, blob);
  return differences.map((difference, i) => {
    const { path, mode, twin, before, after } = difference;
    const place = places[i];
    const sideOf = (oid: Oid | null) => {
      if (oid === null) return null;
      const read = known.get(path);
      return read?.oid === oid ? read : side(on, place, path, oid, contents.get(oid));
    };
    // What was a link, a submodule or a program was no document, so none was changed or removed.
    const was = difference.modeBefore === undefined ? before : null;
    return { path, mode, twin, place, before: sideOf(was), after: sideOf(after) };
  });
}

/** What is never written again is asked for once. */
function isReplaced({ kind }: Place): boolean {
  return kind.life !== "append-only";
}

/** Sides that are plain files: the id of a submodule is no blob, and what a link holds is no document. */
function documentsOf({ mode, modeBefore, before, after }: Difference): readonly Oid[] {
  return [modeBefore === undefined ? before : null, mode === PLAIN ? after : null].filter((oid) => oid !== null);
}

/** A side is parsed when a check first asks, and once. */
function side(
  { ground, sides }: FileReading,
  place: Place | undefined,
  path: string,
  oid: Oid,
  blob: BoundedBlob | undefined,
): Side {
  if (place === undefined || blob === undefined || !isReplaced(place))
    return new ReadSide(ground, place, path, oid, blob);
  const latest = sides.get(path);
  if (latest?.oid === oid) return latest;
  // What is kept is not kept with the piece of a stream that it came with.
  const own = blob.bytes === undefined ? blob : { ...blob, bytes: Uint8Array.from(blob.bytes) };
  const made = new ReadSide(ground, place, path, oid, own);
  sides.set(path, made);
  return made;
}

class ReadSide implements Side {
  readonly oid: Oid;
  readonly #ground: VerifyGround;
  readonly #place: Place | undefined;
  readonly #path: string;
  readonly #blob: BoundedBlob | undefined;
  #read: Pick<Side, "document" | "problem"> | undefined;

  constructor(ground: VerifyGround, place: Place | undefined, path: string, oid: Oid, blob: BoundedBlob | undefined) {
    this.oid = oid;
    this.#ground = ground;
    this.#place = place;
    this.#path = path;
    this.#blob = blob;
  }

  get bytes(): Uint8Array {
    return this.#blob?.bytes ?? new Uint8Array();
  }

  get document(): Side["document"] {
    return this.#parsed().document;
  }

  get problem(): Side["problem"] {
    return this.#parsed().problem;
  }

  #parsed(): Pick<Side, "document" | "problem"> {
    const [place, blob] = [this.#place, this.#blob];
    this.#read ??=
      place === undefined || blob === undefined
        ? { document: undefined, problem: undefined }
        : parse(() => {
            if (blob.tooLarge !== undefined) throw blob.tooLarge;
            return documentAt(this.#ground.schemas, place, this.#path, blob.bytes);
          });
    return this.#read;
  }
}

function parse(read: () => Side["document"]): Pick<Side, "document" | "problem"> {
  try {
    return { document: read(), problem: undefined };
  } catch (cause) {
    if (!(cause instanceof ToolError) || cause.code === "internal.bug") throw cause;
    return { document: undefined, problem: { code: cause.code, message: cause.message } };
  }
}
