import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { Difference } from "../../ports/git-store.ts";
import type { Place } from "../document-kind.ts";
import { documentAt } from "../snapshot/rows.ts";
import type { ChangedFile, Side, VerifyGround } from "./check.ts";

/** Files of a commit whose bytes are in memory at once. */
const CHUNK = 256;

/** Files that a commit changes, with their bytes where a kind knows the path, in chunks; null stands before the root. */
export async function* changedFiles(
  ground: VerifyGround,
  placeOf: (path: string) => Place | undefined,
  parent: Oid | null,
  commit: Oid,
): AsyncGenerator<readonly ChangedFile[]> {
  let chunk: Difference[] = [];
  for await (const difference of ground.store.diff(parent, commit)) {
    chunk.push(difference);
    if (chunk.length < CHUNK) continue;
    yield await withBytes(ground, placeOf, chunk);
    chunk = [];
  }
  yield await withBytes(ground, placeOf, chunk);
}

async function withBytes(
  ground: VerifyGround,
  placeOf: (path: string) => Place | undefined,
  differences: readonly Difference[],
): Promise<readonly ChangedFile[]> {
  const known = differences.filter(({ path }) => placeOf(path) !== undefined);
  const oids = new Set(known.flatMap(({ before, after }) => [before, after].filter((oid) => oid !== null)));
  const contents = new Map<Oid, Uint8Array>();
  for await (const { oid, bytes } of ground.store.blobs([...oids])) contents.set(oid, bytes);
  return differences.map(({ path, mode, before, after }) => {
    const place = placeOf(path);
    const sideOf = (oid: Oid | null) =>
      oid === null ? null : side(ground, place, path, oid, contents.get(oid) ?? new Uint8Array());
    return { path, mode, place, before: sideOf(before), after: sideOf(after) };
  });
}

/** A side is parsed when a check first asks, and once. */
function side({ schemas }: VerifyGround, place: Place | undefined, path: string, oid: Oid, bytes: Uint8Array): Side {
  let read: Pick<Side, "document" | "problem"> | undefined;
  const parsed = () => {
    read ??=
      place === undefined
        ? { document: undefined, problem: undefined }
        : parse(() => documentAt(schemas, place, path, bytes));
    return read;
  };
  return {
    oid,
    bytes,
    get document() {
      return parsed().document;
    },
    get problem() {
      return parsed().problem;
    },
  };
}

function parse(read: () => Side["document"]): Pick<Side, "document" | "problem"> {
  try {
    return { document: read(), problem: undefined };
  } catch (cause) {
    if (!(cause instanceof ToolError) || cause.code === "internal.bug") throw cause;
    return { document: undefined, problem: { code: cause.code, message: cause.message } };
  }
}
