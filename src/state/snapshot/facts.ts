import type { Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { GitStore } from "../../ports/git-store.ts";
import type { Database } from "../../ports/sql.ts";
import { boundedBlobs } from "../blobs.ts";
import { type AnyKind, type DocumentKind, folderFinder, kindFinder, type Place } from "../document-kind.ts";
import { type Segment, segmentFinder } from "../seal/segment-path.ts";
import { insertProblems, insertRows } from "./insert.ts";
import { shardMonth } from "./months.ts";
import { type FileRows, isProblem, type Problem, type RowMaker, rowsOfFile, rowsOfSegment } from "./rows.ts";
import type { SnapshotSchema } from "./schema.ts";

/** A file of the state branch that gives rows: a document, or a segment of them. */
export interface FactFile {
  readonly path: string;
  readonly oid: Oid;
  readonly place: Place | Segment;
  /** Git mode; anything but a plain file gives a problem and no rows. */
  readonly mode: string;
}

/** Git mode of a document. */
export const PLAIN = "100644";
/** Files whose rows are inserted together. */
const BATCH = 1000;

/** Prepares to find what gives rows by path. */
export function factFinder(kinds: readonly AnyKind[]): (path: string) => FactFile["place"] | undefined {
  const placeOf = kindFinder(kinds, "state");
  const segmentOf = segmentFinder(kinds);
  return (path) => {
    const place = placeOf(path) ?? segmentOf(path);
    return place?.kind.tables === undefined ? undefined : place;
  };
}

/** Files that are read together, all of one shard or all of the core. */
export interface FactChunk {
  /** Null for the core. */
  readonly month: string | null;
  readonly files: readonly FactFile[];
}

/** Files of a chunk at most; the next ones are looked for meanwhile. More of them outlive what collects short-lived memory. */
const CHUNK = 1000;

/** Every fact that gives rows, in chunks, by path: a shard's follow each other. `first` is the first month of the core. */
export async function* factChunks(
  { store, kinds, state }: { readonly store: GitStore; readonly kinds: readonly AnyKind[]; readonly state: Oid },
  first: string,
  within: (folder: string) => boolean = () => true,
): AsyncGenerator<FactChunk> {
  const placeOf = factFinder(kinds);
  const holdsFacts = factFolders(kinds);
  let month: string | null = null;
  let files: FactFile[] = [];
  for await (const found of store.diff(null, state, (folder) => within(folder) && holdsFacts(folder))) {
    const place = placeOf(found.path);
    if (found.after === null || place === undefined) continue;
    const own = shardMonth(place, first);
    if (files.length === CHUNK || own !== month) {
      if (files.length > 0) yield { month, files };
      month = own;
      files = [];
    }
    files.push({ path: found.path, oid: found.after, place, mode: found.mode });
  }
  if (files.length > 0) yield { month, files };
}

/** Prepares to tell folders that may hold, at any depth, what gives rows; a segment lies beside the folder that it takes the place of. */
export function factFolders(kinds: readonly AnyKind[]): (folder: string) => boolean {
  return folderFinder(kinds.filter(({ branch, tables }) => branch === "state" && tables !== undefined));
}

/** What a file gives: rows of each document in it, or why it gives none. */
export function madeOf(make: RowMaker, file: FactFile, bytes: Uint8Array | null): readonly FileRows[] | Problem {
  const { place, path } = file;
  if (bytes === null) return unreadable(file);
  if ("number" in place) return rowsOfSegment(make, place, path, bytes);
  const rows = rowsOfFile(make, place, path, bytes);
  return isProblem(rows) ? rows : [{ path, rows }];
}

/** Reads files and inserts their rows, in the order given. Answers what was wrong with them; it also stands in `problems`. */
export async function insertFacts(
  store: GitStore,
  db: Database,
  make: RowMaker,
  files: readonly FactFile[],
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  let batch: FileRows[] = [];
  const flush = () => {
    problems.push(...insertRows(db, make.schema, batch));
    batch = [];
  };
  for await (const some of contents(store, files))
    for (const { file, bytes } of some) {
      const made = madeOf(make, file, bytes);
      if (isProblem(made)) {
        insertProblems(db, make.schema, [made]);
        problems.push(made);
      } else batch.push(...made);
      if (batch.length >= BATCH) flush();
    }
  flush();
  rememberFiles(db, make.schema, files);
  return problems;
}

function unreadable({ path, mode }: FactFile): Problem {
  const why = mode === PLAIN ? "is larger than any document" : `has mode ${mode}, and only ${PLAIN} is a document`;
  return { path, code: "state.document.invalid", message: `${printable(path)} ${why}` };
}

/** A file with its bytes; null for what no reader takes: a link, a submodule, a program, or more bytes than a document has. */
interface Content {
  readonly file: FactFile;
  readonly bytes: Uint8Array | null;
}

/** Files with their bytes, in order, those that came together in one list. */
export async function* contents(store: GitStore, files: readonly FactFile[]): AsyncGenerator<readonly Content[]> {
  const isRead = ({ mode }: FactFile) => mode === PLAIN;
  let at = 0;
  for await (const blobs of boundedBlobs(
    store,
    files.filter(isRead).map(({ oid }) => oid),
  )) {
    const some: Content[] = [];
    for (let next = 0; next < blobs.length; at += 1) {
      const file = files[at];
      if (file === undefined) break;
      some.push({ file, bytes: isRead(file) ? (blobs[next++]?.bytes ?? null) : null });
    }
    yield some;
  }
  yield files.slice(at).map((file) => ({ file, bytes: null }));
}

/** Tells whether a kind fills a table that depends on decisions. */
export function fillsDecided(schema: SnapshotSchema, kind: DocumentKind): boolean {
  return kind.tables?.some(({ name }) => schema.decided.has(name)) ?? false;
}

function rememberFiles(db: Database, schema: SnapshotSchema, files: readonly FactFile[]): void {
  const table = schema.tables.get("files");
  const decided = files.filter(({ place }) => fillsDecided(schema, place.kind));
  if (table !== undefined && decided.length > 0)
    db.runMany(
      table.insert,
      decided.map(({ path, oid, mode }) => [path, Buffer.from(oid, "hex"), mode]),
    );
}
