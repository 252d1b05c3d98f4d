import { InFlight, type Lists } from "../../kernel/in-flight.ts";
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
  /** Month of the shard that its rows lie in; null for the core. */
  readonly month: string | null;
}

/** A file with its bytes; null for what no reader takes: a link, a submodule, a program, or more bytes than a document has. */
export interface Content {
  readonly file: FactFile;
  readonly bytes: Uint8Array | null;
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

/** Files that are listed together. */
const LISTED = 256;

/** Every fact that gives rows, by path: those of a shard follow each other. `first` is the first month of the core. */
export async function* factFiles(
  { store, kinds, state }: { readonly store: GitStore; readonly kinds: readonly AnyKind[]; readonly state: Oid },
  first: string,
  within: (folder: string) => boolean = () => true,
): AsyncGenerator<readonly FactFile[]> {
  const placeOf = factFinder(kinds);
  const holdsFacts = factFolders(kinds);
  let files: FactFile[] = [];
  for await (const { path, after, mode } of store.diff(null, state, (folder) => within(folder) && holdsFacts(folder))) {
    const place = placeOf(path);
    if (after === null || place === undefined) continue;
    files.push({ path, oid: after, place, mode, month: shardMonth(place, first) });
    if (files.length < LISTED) continue;
    yield files;
    files = [];
  }
  yield files;
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

/** Inserts the rows of files, many together, in the order that they are added in. What is wrong with them stands in `problems`. */
export class FactInserter {
  readonly #db: Database;
  readonly #make: RowMaker;
  #rows: FileRows[] = [];
  #decided: FactFile[] = [];

  constructor(db: Database, make: RowMaker) {
    this.#db = db;
    this.#make = make;
  }

  add({ file, bytes }: Content): void {
    const made = madeOf(this.#make, file, bytes);
    if (isProblem(made)) insertProblems(this.#db, this.#make.schema, [made]);
    else this.#rows.push(...made);
    if (fillsDecided(this.#make.schema, file.place.kind)) this.#decided.push(file);
    if (this.#rows.length >= BATCH || this.#decided.length >= BATCH) this.flush();
  }

  flush(): void {
    insertRows(this.#db, this.#make.schema, this.#rows);
    noteFiles(this.#db, this.#decided);
    this.#rows = [];
    this.#decided = [];
  }
}

/** Notes files whose rows depend on decisions, which are filled anew with those. */
export function noteFiles(db: Database, files: readonly FactFile[]): void {
  if (files.length === 0) return;
  db.runMany(
    "INSERT OR REPLACE INTO files VALUES (?, ?, ?)",
    files.map(({ path, oid, mode }) => [path, Buffer.from(oid, "hex"), mode]),
  );
}

/** Reads files and inserts their rows. */
export async function insertFacts(
  store: GitStore,
  db: Database,
  make: RowMaker,
  files: readonly FactFile[],
): Promise<void> {
  const inserter = new FactInserter(db, make);
  const add = (content: Content) => inserter.add(content);
  for await (const some of contents(store, [files], add)) for (const content of some) add(content);
  inserter.flush();
}

function unreadable({ path, mode }: FactFile): Problem {
  const why = mode === PLAIN ? "is larger than any document" : `has mode ${mode}, and only ${PLAIN} is a document`;
  return { path, code: "state.document.invalid", message: `${printable(path)} ${why}` };
}

/**
 * Files with their bytes, in order, those that came together in one list. What no reader takes goes to `unread` as it is listed: nothing
 * is ever read between any number of those.
 */
export async function* contents(
  store: GitStore,
  files: Lists<FactFile>,
  unread: (content: Content) => void,
): AsyncGenerator<readonly Content[]> {
  const flight = new InFlight(readOf(files, unread));
  try {
    for await (const blobs of boundedBlobs(store, idsOf(flight.lists())))
      yield flight.answer(blobs.length).map((file, i) => ({ file, bytes: blobs[i]?.bytes ?? null }));
  } finally {
    flight.end();
  }
}

async function* readOf(
  lists: Lists<FactFile>,
  unread: (content: Content) => void,
): AsyncGenerator<readonly FactFile[]> {
  for await (const files of lists) {
    for (const file of files) if (!isRead(file)) unread({ file, bytes: null });
    yield files.filter(isRead);
  }
}

async function* idsOf(lists: AsyncIterable<readonly FactFile[]>): AsyncGenerator<readonly Oid[]> {
  for await (const files of lists) yield files.map(({ oid }) => oid);
}

function isRead({ mode }: FactFile): boolean {
  return mode === PLAIN;
}

/** Tells whether a kind fills a table that depends on decisions. */
export function fillsDecided(schema: SnapshotSchema, kind: DocumentKind): boolean {
  return kind.tables?.some(({ name }) => schema.decided.has(name)) ?? false;
}
