import { sha256Hex } from "../../kernel/digest.ts";
import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { SqlValue } from "../../ports/sql.ts";
import type { Schemas } from "../../schema/schemas.ts";
import type { DocumentName, Documents, PolicyV1 } from "../../schema/types.gen.ts";
import { type DocumentKind, type Key, pathOf, type Place, type Told } from "../document-kind.ts";
import { bytesOfLine, readSegment } from "../seal/segment.ts";
import type { Segment } from "../seal/segment-path.ts";
import type { SnapshotSchema } from "./schema.ts";

/** Rows by table. */
export type Rows = ReadonlyMap<string, readonly (readonly SqlValue[])[]>;

/** Rows of one document, by the path of its file. */
export interface FileRows {
  readonly path: string;
  readonly rows: Rows;
}

/** A file that gives no rows, and why. */
export interface Problem {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** What rows of facts are made with. */
export interface RowMaker {
  readonly schema: SnapshotSchema;
  readonly schemas: Schemas;
  readonly policy: PolicyV1 | null;
}

/** Makes the rows of a file of the state branch, or says why it is no document. Only a bug throws. */
export function rowsOfFile(make: RowMaker, place: Place, path: string, bytes: Uint8Array): Rows | Problem {
  try {
    const document = documentAt(make.schemas, place, path, bytes);
    return rowsOf(make.schema, place.kind, document, place.key, new FileTold(make, path, () => bytes));
  } catch (cause) {
    return problemOf(path, cause);
  }
}

/** Makes the rows of every document of a segment, the same as those of its files were; a segment that is none gives none. */
export function rowsOfSegment(
  make: RowMaker,
  segment: Segment,
  path: string,
  bytes: Uint8Array,
): readonly FileRows[] | Problem {
  try {
    return readSegment(make.schemas, segment, bytes).map((one) => ({
      path: one.path,
      rows: rowsOf(
        make.schema,
        segment.kind,
        one.document,
        one.key,
        new FileTold(make, one.path, () => bytesOfLine(one.line, one.path)),
      ),
    }));
  } catch (cause) {
    return problemOf(path, cause);
  }
}

/** Digests cost more than rows, and few tables ask for one. */
class FileTold implements Told {
  readonly path: string;
  readonly policy: PolicyV1 | null;
  readonly decision = null;
  readonly #bytes: () => Uint8Array;

  constructor({ policy }: RowMaker, path: string, bytes: () => Uint8Array) {
    this.path = path;
    this.policy = policy;
    this.#bytes = bytes;
  }

  get sha256(): string {
    return sha256Hex(this.#bytes());
  }
}

function problemOf(path: string, cause: unknown): Problem {
  if (!(cause instanceof ToolError) || cause.code === "internal.bug") throw cause;
  return { path, code: cause.code, message: printable(cause.message, 500) };
}

/** Reads a document and holds it against its place. Throws as `Schemas.parse` does, and `state.document.invalid` at a wrong path. */
export function documentAt(schemas: Schemas, place: Place, path: string, bytes: Uint8Array): Documents[DocumentName] {
  const kind: DocumentKind = place.kind;
  const document = schemas.parse(kind.name, bytes, path);
  const own = kind.keyOf(document);
  // Its path is put together only where its key is not the place's.
  if (isSameKey(own, place.key)) return document;
  const belongs = pathOf(kind, own);
  if (belongs === path) return document;
  throw new ToolError("state.document.invalid", `${printable(path)} holds a document that belongs at ${belongs}`, {
    data: { path: printable(path), belongs },
    hints: ["Documents are written by waybill only; find who pushed this one by hand"],
  });
}

function isSameKey(a: Key, b: Key): boolean {
  for (const name in b) if (a[name] !== b[name]) return false;
  return true;
}

/** Makes the rows of a document. */
export function rowsOf(
  schema: SnapshotSchema,
  kind: DocumentKind,
  document: Documents[DocumentName],
  key: Key,
  told: Told,
): Rows {
  const rows = new Map<string, readonly (readonly SqlValue[])[]>();
  for (const table of kind.tables ?? []) {
    const columns = schema.tables.get(table.name)?.columns ?? [];
    const made = table.rows(document, key, told);
    if (made.length > 0)
      rows.set(
        table.name,
        made.map((row) => columns.map((column) => row[column] ?? null)),
      );
  }
  return rows;
}

/** Tells a problem from rows. */
export function isProblem(made: Rows | readonly FileRows[] | Problem): made is Problem {
  return "code" in made;
}
