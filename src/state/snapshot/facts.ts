import type { Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { GitStore } from "../../ports/git-store.ts";
import type { Database } from "../../ports/sql.ts";
import type { DocumentKind, Place } from "../document-kind.ts";
import { type FileRows, insertProblems, insertRows } from "./insert.ts";
import { isProblem, type Problem, type RowMaker, rowsOfFile } from "./rows.ts";
import type { SnapshotSchema } from "./schema.ts";

/** A file of the state branch that gives rows. */
export interface FactFile {
  readonly path: string;
  readonly oid: Oid;
  readonly place: Place;
  /** Git mode; anything but a plain file gives a problem and no rows. */
  readonly mode: string;
}

/** Git mode of a document. */
const PLAIN = "100644";
/** Files whose rows are inserted together. */
const BATCH = 250;

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
  for await (const { file, bytes } of contents(store, files)) {
    const made = file.mode === PLAIN ? rowsOfFile(make, file.place, file.path, bytes) : notPlain(file);
    if (isProblem(made)) {
      insertProblems(db, make.schema, [made]);
      problems.push(made);
    } else batch.push({ path: file.path, rows: made });
    if (batch.length === BATCH) flush();
  }
  flush();
  rememberFiles(db, make.schema, files);
  return problems;
}

function notPlain({ path, mode }: FactFile): Problem {
  return {
    path,
    code: "state.document.invalid",
    message: `${printable(path)} has mode ${mode}, and only ${PLAIN} is a document`,
  };
}

/** Files with their bytes, in order. */
export async function* contents(
  store: GitStore,
  files: readonly FactFile[],
): AsyncGenerator<{ readonly file: FactFile; readonly bytes: Uint8Array }> {
  let at = 0;
  for await (const { bytes } of store.blobs(files.map(({ oid }) => oid))) {
    const file = files[at];
    at += 1;
    if (file !== undefined) yield { file, bytes };
  }
}

/** Tells whether a kind fills a table that depends on decisions. */
export function fillsDecided(schema: SnapshotSchema, kind: DocumentKind): boolean {
  return kind.tables?.some(({ name }) => schema.decided.has(name)) ?? false;
}

function rememberFiles(db: Database, schema: SnapshotSchema, files: readonly FactFile[]): void {
  const table = schema.tables.get("files");
  const decided = files.filter(({ place }) => fillsDecided(schema, place.kind));
  if (table !== undefined)
    db.runMany(
      table.insert,
      decided.map(({ path, oid, mode }) => [path, Buffer.from(oid, "hex"), mode]),
    );
}
