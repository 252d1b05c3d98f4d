import { sha256Hex } from "../../kernel/digest.ts";
import { ToolError } from "../../kernel/errors.ts";
import type { Schemas } from "../../schema/schemas.ts";
import type { DocumentName, Documents } from "../../schema/types.gen.ts";
import { type DocumentKind, keyAt, pathOf } from "../document-kind.ts";
import type { FileBelow } from "./files-below.ts";
import { lineOfBytes, linesOf, MAX_SEGMENT_BYTES, printSegments, type SealableFile, sizeOfLine } from "./segment.ts";

/** What sealing one folder does. */
export interface FolderPlan {
  readonly folder: string;
  readonly documents: number;
  readonly sizeBytesBefore: number;
  readonly sizeBytesAfter: number;
  /** Segments, in order of their numbers, with how many documents each holds. */
  readonly segments: readonly SegmentPlan[];
  /** New bytes by path, and null for what they take the place of: the folder, or single files where something stays in it. */
  readonly writes: ReadonlyMap<string, Uint8Array | null>;
  /** Files that stay, since they are no documents of the kind, or too long for a line. */
  readonly left: readonly string[];
}

/** A segment as the event of a seal names it. */
export interface SegmentPlan {
  readonly path: string;
  readonly documents: number;
  readonly sha256: string;
}

/**
 * Plans the segments of a folder from its files: the same files give the same bytes, whoever seals them and whenever. Null where no
 * file of it can be sealed.
 */
export function planFolder(
  schemas: Schemas,
  kind: DocumentKind,
  folder: string,
  files: readonly FileBelow[],
): FolderPlan | null {
  const lines: SealableFile[] = [];
  const left: string[] = [];
  let sizeBytesBefore = 0;
  for (const { path, bytes } of files) {
    const line = lineOf(schemas, kind, path, bytes);
    if (line === null) left.push(path);
    else {
      lines.push({ path, line });
      sizeBytesBefore += bytes.length;
    }
  }
  if (lines.length === 0) return null;
  const segments = printSegments(folder, lines);
  const gone = left.length === 0 ? [folder] : lines.map(({ path }) => path);
  return {
    folder,
    documents: lines.length,
    sizeBytesBefore,
    sizeBytesAfter: [...segments.values()].reduce((sum, bytes) => sum + bytes.length, 0),
    segments: [...segments].map(([path, bytes]) => ({ path, documents: linesOf(bytes), sha256: sha256Hex(bytes) })),
    writes: new Map([...segments, ...gone.map((path) => [path, null] as const)]),
    left,
  };
}

/** The line of a file; null where the file is no document of the kind at its own path, or longer than a segment. */
export function lineOf(schemas: Schemas, kind: DocumentKind, path: string, bytes: Uint8Array): string | null {
  if (documentOf(schemas, kind, path, bytes) === null) return null;
  const line = lineOfBytes(bytes, path);
  return sizeOfLine(line) > MAX_SEGMENT_BYTES ? null : line;
}

/** The document of a file; null where it is none of the kind at its own path. */
export function documentOf(
  schemas: Schemas,
  kind: DocumentKind,
  path: string,
  bytes: Uint8Array,
): Documents[DocumentName] | null {
  if (keyAt(kind, path) === undefined) return null;
  try {
    const document = schemas.parse(kind.name, bytes, path);
    return pathOf(kind, kind.keyOf(document)) === path ? document : null;
  } catch (cause) {
    if (!(cause instanceof ToolError) || cause.code === "internal.bug") throw cause;
    return null;
  }
}
