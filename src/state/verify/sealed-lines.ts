import { sha256Hex } from "../../kernel/digest.ts";
import type { Oid } from "../../kernel/oid.ts";
import { byCodePoint } from "../../kernel/text.ts";
import type { GitStore } from "../../ports/git-store.ts";
import type { Schemas } from "../../schema/schemas.ts";
import { type DocumentSealing, isFrozen } from "../document-kind.ts";
import { segmentLookup } from "../seal/lookup.ts";
import { segmentsOf } from "../seal/remake.ts";
import { bytesOfLine, readLine, type SealedDocument, sizeOfLine, splitLines, splitSegment } from "../seal/segment.ts";
import { type Segment, segmentPath } from "../seal/segment-path.ts";

/** Lines that a commit brings to the segments of one folder and takes from them, and what is wrong with their form. */
export interface ChangedLines {
  readonly come: readonly SealedDocument[];
  readonly gone: readonly SealedDocument[];
  /** Segments that were made or changed, with how many lines each has and its digest. */
  readonly segments: readonly { readonly path: string; readonly documents: number; readonly sha256: string }[];
  readonly wrong: readonly string[];
  /** Segments that follow each other from the first, afterwards. */
  readonly count: number;
}

/** One segment of a folder at a commit. */
interface Part {
  readonly segment: Segment;
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly lines: readonly string[];
}

/**
 * Compares the segments of a folder before and after a commit. Only lines that come and go are looked into: the others were, when they
 * came, so that the cost is that of the change.
 */
export async function changedLines(
  on: { readonly store: GitStore; readonly schemas: Schemas },
  segment: Segment,
  commit: Oid,
  parent: Oid | null,
): Promise<ChangedLines> {
  const before = parent === null ? [] : await partsAt(on.store, segment, parent);
  const after = await partsAt(on.store, segment, commit);
  const had = new Set(before.flatMap(({ lines }) => lines));
  const has = new Set(after.flatMap(({ lines }) => lines));
  const come = after.flatMap((part) => documentsIn(on.schemas, part, (line) => !had.has(line)));
  const gone = before.flatMap((part) => documentsIn(on.schemas, part, (line) => !has.has(line)));
  const was = new Map(before.map(({ path, bytes }) => [path, bytes]));
  const made = after.filter(({ path, bytes }) => Buffer.compare(bytes, was.get(path) ?? NONE) !== 0);
  return {
    come,
    gone,
    segments: made.map(({ path, bytes, lines }) => ({ path, documents: lines.length, sha256: sha256Hex(bytes) })),
    wrong: [...formOf(after), ...orderOf(on.schemas, after, new Set(come.map(({ line }) => line)), before, has)],
    count: after.length,
  };
}

const NONE = new Uint8Array();

/** Tells whether a line is of a document that is over: a draft goes on. */
export function isOver({ kind, sealing }: Segment, { document }: SealedDocument): boolean {
  const by: DocumentSealing | null = sealing.by === "document" ? sealing : null;
  return by !== null && by.since(document) !== null && (kind.life === "mutable" || isFrozen(kind, document));
}

/** Digest of the file that a line stands for. */
export function fileDigest({ line, path }: SealedDocument): string {
  return sha256Hex(bytesOfLine(line, path));
}

/** Paths of all documents that the segments of a folder hold. */
export async function sealedPaths(
  { store, schemas }: { readonly store: GitStore; readonly schemas: Schemas },
  segment: Segment,
  at: Oid,
): Promise<readonly string[]> {
  const parts = await partsAt(store, segment, at);
  return parts.flatMap((part) => documentsIn(schemas, part, () => true).map(({ path }) => path));
}

async function partsAt(store: GitStore, segment: Segment, at: Oid): Promise<readonly Part[]> {
  const files = (paths: readonly string[]) => store.read(at, paths);
  return (await segmentsOf(files, segment.folder)).map((bytes, i) => {
    const path = segmentPath(segment.folder, i + 1);
    return { segment: { ...segment, number: i + 1 }, path, bytes, lines: splitSegment(path, bytes) };
  });
}

function documentsIn(
  schemas: Schemas,
  { segment, lines }: Part,
  wanted: (line: string) => boolean,
): readonly SealedDocument[] {
  return lines.flatMap((line, i) => (wanted(line) ? [readLine(schemas, segment, line, i)] : []));
}

/** Whether each segment takes as many lines as fit before the next begins. */
function formOf(parts: readonly Part[]): readonly string[] {
  const counts = splitLines(parts.flatMap(({ lines }) => lines.map(sizeOfLine)));
  const isFilled = counts.length === parts.length && parts.every(({ lines }, i) => lines.length === counts[i]);
  return isFilled ? [] : ["its segments are not filled one after the other"];
}

/** Whether lines that came lie between their neighbours, and those that stay as they did. */
function orderOf(
  schemas: Schemas,
  parts: readonly Part[],
  fresh: ReadonlySet<string>,
  before: readonly Part[],
  has: ReadonlySet<string>,
): readonly string[] {
  const rows = parts.flatMap((part) => part.lines.map((line, i) => ({ line, path: () => pathIn(schemas, part, i) })));
  const isOff = rows.some(({ line, path }, i) => {
    const last = rows[i - 1];
    if (last === undefined || (!fresh.has(line) && !fresh.has(last.line))) return false;
    return byCodePoint(last.path(), path()) >= 0;
  });
  const stay = rows.flatMap(({ line }) => (fresh.has(line) ? [] : [line]));
  const stayed = before.flatMap(({ lines }) => lines.filter((line) => has.has(line)));
  const isMoved = stay.length !== stayed.length || stay.some((line, i) => line !== stayed[i]);
  return isOff || isMoved ? ["its lines are out of order"] : [];
}

function pathIn(schemas: Schemas, { segment, lines }: Part, i: number): string {
  return readLine(schemas, segment, lines[i] ?? "", i).path;
}

/** The line of a document at a commit; undefined where there is none. */
export async function lineBefore(
  { store, schemas }: { readonly store: GitStore; readonly schemas: Schemas },
  segment: Segment,
  at: Oid,
  path: string,
): Promise<SealedDocument | undefined> {
  const lookup = segmentLookup(schemas, [segment], (paths) => store.read(at, paths));
  return lookup.find(segment, segment.folder, path);
}
