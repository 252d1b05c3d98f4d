import { byCodePoint } from "../../kernel/text.ts";
import type { SealedDocument } from "./segment.ts";

/** Lines of one segment; each is looked into when somebody asks for it, and once. */
export interface Lines {
  readonly length: number;
  at(i: number): SealedDocument;
}

/** Segments of one folder by their numbers from 1; null after the last. */
export type Segments = (number: number) => Promise<Lines | null>;

/** The document at a path; undefined where no line has it. */
export async function documentAt(segments: Segments, path: string): Promise<SealedDocument | undefined> {
  const lines = await segments(await firstWith(segments, path));
  if (lines === null) return undefined;
  const i = lowerBound(lines, path);
  const found = i < lines.length ? lines.at(i) : undefined;
  return found?.path === path ? found : undefined;
}

/** Documents whose paths begin with a text, by path. */
export async function documentsBelow(segments: Segments, prefix: string): Promise<readonly SealedDocument[]> {
  const all: SealedDocument[] = [];
  for (let number = await firstWith(segments, prefix); ; number += 1) {
    const lines = await segments(number);
    if (lines === null) return all;
    for (let i = all.length === 0 ? lowerBound(lines, prefix) : 0; i < lines.length; i += 1) {
      const document = lines.at(i);
      if (!document.path.startsWith(prefix)) return all;
      all.push(document);
    }
  }
}

/** Number of the first segment that may hold a path or one after it: by doubling, then by halving. */
async function firstWith(segments: Segments, path: string): Promise<number> {
  const endsBefore = async (number: number) => {
    const lines = await segments(number);
    return lines !== null && byCodePoint(lines.at(lines.length - 1).path, path) < 0;
  };
  let low = 1;
  let high = 1;
  while (await endsBefore(high)) [low, high] = [high + 1, high * 2];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await endsBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the first line whose path is not before a text. */
function lowerBound(lines: Lines, path: string): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (byCodePoint(lines.at(middle).path, path) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
