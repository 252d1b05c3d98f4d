import { sha256Hex } from "../../kernel/digest.ts";
import type { Found } from "../../ports/git-store.ts";
import type { Schemas } from "../../schema/schemas.ts";
import { keyAt } from "../document-kind.ts";
import type { View } from "../view.ts";
import type { SegmentPlan } from "./plan.ts";
import { linesOf, printSegments, readSegment, type SealableFile } from "./segment.ts";
import { type SealedKind, segmentPath } from "./segment-path.ts";

/** Segments of a folder that are asked for together. */
const TOGETHER = 4;

/** What making the segments of a folder again changes. */
export interface Remade {
  /** Lines that came; one whose document has a line already stays out, and its file where it is. */
  readonly come: readonly SealableFile[];
  /** New bytes of each segment that changes, and null for one that is left over. */
  readonly writes: ReadonlyMap<string, Uint8Array | null>;
  /** Segments that were made or changed. */
  readonly segments: readonly SegmentPlan[];
  /** Bytes of all segments of the folder, before and after. */
  readonly sizeBytes: readonly [before: number, after: number];
}

/**
 * Makes the segments of a folder again, with other lines beside those that it has, and without some of those. The same documents give
 * the same bytes, in however many steps they came. Throws as `readSegment` does.
 */
export async function remakeSegments(
  on: { readonly schemas: Schemas; readonly view: Pick<View, "files"> },
  kind: SealedKind,
  folder: string,
  change: { readonly come: readonly SealableFile[]; readonly go: ReadonlySet<string> },
): Promise<Remade> {
  const before = await segmentsOf((paths) => on.view.files(paths), folder);
  const key = keyAt({ path: kind.sealing.folder }, folder) ?? {};
  const kept = before.flatMap((bytes, i) => readSegment(on.schemas, { ...kind, folder, key, number: i + 1 }, bytes));
  const has = new Set(kept.map(({ path }) => path));
  const come = change.come.filter(({ path }) => !has.has(path));
  const after = printSegments(folder, [...kept.filter(({ path }) => !change.go.has(path)), ...come]);
  const was = new Map(before.map((bytes, i) => [segmentPath(folder, i + 1), bytes]));
  const writes = new Map<string, Uint8Array | null>();
  for (const [path, bytes] of after) if (Buffer.compare(bytes, was.get(path) ?? NONE) !== 0) writes.set(path, bytes);
  for (const path of was.keys()) if (!after.has(path)) writes.set(path, null);
  const segments = [...writes].flatMap(([path, bytes]) =>
    bytes === null ? [] : [{ path, documents: linesOf(bytes), sha256: sha256Hex(bytes) }],
  );
  return { come, writes, segments, sizeBytes: [sizeOf(before), sizeOf(after.values())] };
}

const NONE = new Uint8Array();

function sizeOf(segments: Iterable<Uint8Array>): number {
  let sum = 0;
  for (const bytes of segments) sum += bytes.length;
  return sum;
}

/** Bytes of all segments of a folder, in order of their numbers. */
export async function segmentsOf(
  files: (paths: readonly string[]) => Promise<readonly (Found | null)[]>,
  folder: string,
): Promise<readonly Uint8Array[]> {
  const segments: Uint8Array[] = [];
  // Most folders have one segment, and the first question says so.
  for (let count = 1; ; count = TOGETHER) {
    const paths = Array.from({ length: count }, (_, i) => segmentPath(folder, segments.length + 1 + i));
    for (const found of await files(paths)) {
      if (!found || !("bytes" in found)) return segments;
      segments.push(found.bytes);
    }
  }
}
