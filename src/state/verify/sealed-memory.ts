import { sha256Hex } from "../../kernel/digest.ts";
import type { Oid } from "../../kernel/oid.ts";
import { isNoDocument } from "../no-document.ts";
import { type Segment, segmentPath } from "../seal/segment-path.ts";
import type { Walk } from "./check.ts";
import { sealedPaths } from "./sealed-lines.ts";

/** What was sealed before the commit at hand. Of what lies before the walk only folders that something happens in are asked for. */
export interface SealedMemory {
  /** Tells whether a folder has a segment. */
  has(folder: string): Promise<boolean>;
  /** Notes that the commit at hand sealed a day. */
  rememberDay(folder: string): void;
  /** Tells whether a folder's segments may hold a document; a "no" is sure. */
  mayHold(segment: Segment, path: string): Promise<boolean>;
  /** Notes which documents came to a folder's segments and which went. */
  remember(segment: Segment, come: readonly string[], gone: readonly string[]): Promise<void>;
}

/** Prepares to remember. Of a path a number is kept, so that memory is some bytes a sealed document. */
export function sealedMemory({ ground, after, first }: Walk): SealedMemory {
  const start: Oid | null = after ?? first;
  const folders = new Map<string, boolean>();
  const holds = new Map<string, Set<number>>();
  const has = async (folder: string) => {
    const known = folders.get(folder);
    if (known !== undefined || start === null) return known ?? false;
    const [found] = await ground.store.read(start, [segmentPath(folder, 1)]);
    folders.set(folder, found !== null && found !== undefined);
    return folders.get(folder) ?? false;
  };
  const numbersOf = async (segment: Segment) => {
    const known = holds.get(segment.folder);
    if (known !== undefined) return known;
    const numbers = (await has(segment.folder)) ? await load(ground, segment, start) : new Set<number>();
    holds.set(segment.folder, numbers);
    return numbers;
  };
  return {
    has,
    rememberDay: (folder) => folders.set(folder, true),
    async mayHold(segment, path) {
      const numbers = await numbersOf(segment);
      return numbers.size > 0 && numbers.has(numberOf(path));
    },
    async remember(segment, come, gone) {
      const numbers = await numbersOf(segment);
      folders.set(segment.folder, true);
      for (const path of gone) numbers.delete(numberOf(path));
      for (const path of come) numbers.add(numberOf(path));
    },
  };
}

async function load(ground: Walk["ground"], segment: Segment, start: Oid | null): Promise<Set<number>> {
  try {
    return new Set(start === null ? [] : (await sealedPaths(ground, segment, start)).map(numberOf));
  } catch (cause) {
    // What is no segment was named when it came.
    if (isNoDocument(cause)) return new Set();
    throw cause;
  }
}

/** 48 bits of a digest. */
function numberOf(path: string): number {
  return Number.parseInt(sha256Hex(path).slice(0, 12), 16);
}
