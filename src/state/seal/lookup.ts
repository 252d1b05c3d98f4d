import { byCodePoint } from "../../kernel/text.ts";
import type { Found } from "../../ports/git-store.ts";
import type { Schemas } from "../../schema/schemas.ts";
import { keyAt } from "../document-kind.ts";
import { documentAt, documentsBelow, type Lines, type Segments } from "./search.ts";
import { readLine, type SealedDocument, splitSegment } from "./segment.ts";
import { type SealedKind, segmentFinder, segmentPath } from "./segment-path.ts";

/** Documents of one commit that lie in segments. A segment is read when somebody asks for what it may hold, and once. */
export interface SegmentLookup {
  /** The document at a path below a sealed folder; undefined where no segment has it. */
  find(on: SealedKind, folder: string, path: string): Promise<SealedDocument | undefined>;
  /** Names in a folder as if nothing were sealed, made from those that are there. */
  names(folder: string, names: readonly string[]): Promise<readonly string[]>;
}

/** Reads paths of the commit, in order. */
type Read = (paths: readonly string[]) => Promise<readonly (Found | null)[]>;

/**
 * Prepares to look into segments; what is no segment throws as a document that is none does. Lines of a folder are sorted as one over
 * all its segments, so that some steps of halving find a document, however many there are.
 */
export function segmentLookup(schemas: Schemas, sealed: readonly SealedKind[], read: Read): SegmentLookup {
  const known = new Map<string, Promise<Lines | null>>();
  const segmentOf = segmentFinder(sealed.map(({ kind }) => kind));
  const linesOf =
    (on: SealedKind, folder: string): Segments =>
    (number) => {
      const path = segmentPath(folder, number);
      const lines = known.get(path) ?? openLines(schemas, read, { ...on, folder, number });
      known.set(path, lines);
      return lines;
    };
  return {
    find: (on, folder, path) => documentAt(linesOf(on, folder), path),
    async names(folder, names) {
      const shown = names.map((name) => {
        const segment = segmentOf(folder === "" ? name : `${folder}/${name}`);
        return segment === undefined ? name : `${segment.folder.slice(segment.folder.lastIndexOf("/") + 1)}/`;
      });
      for (const on of sealed) {
        const top = topOf(on, folder);
        if (top === undefined) continue;
        for (const { path } of await documentsBelow(linesOf(on, top), `${folder}/`))
          shown.push(firstName(path.slice(folder.length + 1)));
      }
      return [...new Set(shown)].toSorted(byCodePoint);
    },
  };
}

async function openLines(
  schemas: Schemas,
  read: Read,
  { folder, number, ...on }: SealedKind & { readonly folder: string; readonly number: number },
): Promise<Lines | null> {
  const path = segmentPath(folder, number);
  const [found] = await read([path]);
  if (!found || !("bytes" in found)) return null;
  const segment = { ...on, folder, number, key: keyAt({ path: on.sealing.folder }, folder) ?? {} };
  const lines = splitSegment(path, found.bytes);
  const documents: (SealedDocument | undefined)[] = [];
  return { length: lines.length, at: (i) => (documents[i] ??= readLine(schemas, segment, lines[i] ?? "", i)) };
}

/** The sealed folder that a folder is, or lies in. */
function topOf({ sealing }: SealedKind, folder: string): string | undefined {
  const top = folder.split("/").slice(0, sealing.folder.split("/").length).join("/");
  return keyAt({ path: sealing.folder }, top) === undefined ? undefined : top;
}

/** The first name of a path, with a slash where more follow. */
function firstName(path: string): string {
  const end = path.indexOf("/");
  return end < 0 ? path : path.slice(0, end + 1);
}
