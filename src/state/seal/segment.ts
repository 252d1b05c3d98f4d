import { parseCanonical, parseLine, printCanonical, printLine } from "../../kernel/canonical-json.ts";
import { ToolError } from "../../kernel/errors.ts";
import { byCodePoint, decodeUtf8, printable } from "../../kernel/text.ts";
import type { Schemas } from "../../schema/schemas.ts";
import type { DocumentName, Documents } from "../../schema/types.gen.ts";
import { type DocumentKind, type Key, pathOf } from "../document-kind.ts";
import { type Segment, segmentPath } from "./segment-path.ts";

/** Most bytes that a segment may have (spec/trust.md section 2). */
export const MAX_SEGMENT_BYTES = 512 * 1024;

/** A document in a line of a segment, at the path of the file whose place it took. */
export interface SealedDocument {
  readonly path: string;
  readonly key: Key;
  readonly document: Documents[DocumentName];
  readonly line: string;
}

/** A file that becomes a line. */
export interface SealableFile {
  readonly path: string;
  readonly line: string;
}

/** Bytes of the file that a line took the place of. */
export function bytesOfLine(line: string, path: string): Uint8Array {
  return new TextEncoder().encode(printCanonical(parseLine(line, path)));
}

/** Line of a file. Throws `document.not_canonical` where no line gives its bytes back. */
export function lineOfBytes(bytes: Uint8Array, path: string): string {
  return printLine(parseCanonical(bytes, path));
}

/**
 * How many lines, of these bytes each with their newlines, every segment holds: each takes as many as fit, so that one way to
 * write them exists. A line longer than a segment belongs in none.
 */
export function splitLines(sizes: readonly number[]): readonly number[] {
  const counts: number[] = [];
  let room = 0;
  for (const size of sizes) {
    if (counts.length === 0 || size > room) {
      counts.push(0);
      room = MAX_SEGMENT_BYTES;
    }
    counts[counts.length - 1] = (counts.at(-1) ?? 0) + 1;
    room -= size;
  }
  return counts;
}

/** Bytes of a line in a segment. */
export function sizeOfLine(line: string): number {
  return Buffer.byteLength(line) + 1;
}

/** Lines of a segment, counted without reading them. */
export function linesOf(bytes: Uint8Array): number {
  let lines = 0;
  for (const byte of bytes) if (byte === 0x0a) lines += 1;
  return lines;
}

/** Prints the segments of a folder: the same files, in whatever order, give the same bytes. */
export function printSegments(folder: string, files: readonly SealableFile[]): ReadonlyMap<string, Uint8Array> {
  const sorted = files.toSorted((a, b) => byCodePoint(a.path, b.path));
  const segments = new Map<string, Uint8Array>();
  let start = 0;
  for (const count of splitLines(sorted.map(({ line }) => sizeOfLine(line)))) {
    const lines = sorted.slice(start, start + count).map(({ line }) => `${line}\n`);
    segments.set(segmentPath(folder, segments.size + 1), new TextEncoder().encode(lines.join("")));
    start += count;
  }
  return segments;
}

/**
 * Reads a segment whole, each line as strictly as the file that it was: canonical, valid, of the segment's own folder, sorted, none
 * twice. Throws `state.limit.exceeded`, `document.not_canonical`, `state.document.invalid`, `text.invalid_utf8`.
 */
export function readSegment(schemas: Schemas, segment: Segment, bytes: Uint8Array): readonly SealedDocument[] {
  const path = segmentPath(segment.folder, segment.number);
  const documents: SealedDocument[] = [];
  for (const [i, line] of splitSegment(path, bytes).entries()) {
    const document = readLine(schemas, segment, line, i);
    const before = documents.at(-1)?.path;
    if (before !== undefined && byCodePoint(before, document.path) >= 0)
      throw noSegment(path, `line ${i + 1} does not come after the one before it`);
    documents.push(document);
  }
  return documents;
}

/** Lines of a segment, without looking into them. Throws `state.limit.exceeded`, `state.document.invalid`, `text.invalid_utf8`. */
export function splitSegment(path: string, bytes: Uint8Array): readonly string[] {
  if (bytes.length > MAX_SEGMENT_BYTES) throw tooLarge(path);
  const text = decodeUtf8(bytes, path);
  if (!text.endsWith("\n")) throw noSegment(path, "its last line does not end");
  return text.slice(0, -1).split("\n");
}

/** The document of one line, counted from 0, of a segment. Throws as {@link readSegment} does. */
export function readLine(schemas: Schemas, segment: Segment, line: string, i: number): SealedDocument {
  const what = `${segmentPath(segment.folder, segment.number)}:${i + 1}`;
  const kind: DocumentKind = segment.kind;
  const document = schemas.parseLine(kind.name, line, what);
  const key = kind.keyOf(document);
  const path = pathOf(kind, key);
  if (!path.startsWith(`${segment.folder}/`)) throw noSegment(what, `its document belongs at ${printable(path)}`);
  return { path, key, document, line };
}

function noSegment(what: string, why: string): ToolError {
  return new ToolError("state.document.invalid", `${printable(what)} is no segment: ${why}`, {
    data: { path: printable(what) },
    hints: ["Segments are written by waybill only; find who pushed this one by hand"],
  });
}

function tooLarge(path: string): ToolError {
  return new ToolError("state.limit.exceeded", `${printable(path)} is larger than any segment`, {
    data: { what: printable(path), limit: "bytes", bound: MAX_SEGMENT_BYTES },
  });
}
