import { byCodePoint } from "../../kernel/text.ts";
import type { Found } from "../../ports/git-store.ts";
import type { Schemas } from "../../schema/schemas.ts";
import { keyAt } from "../document-kind.ts";
import { readSegment, type SealedDocument } from "./segment.ts";
import { type SealedKind, segmentFinder, segmentPath } from "./segment-path.ts";

/** Documents of one commit that lie in segments. A segment is read when somebody asks for what it may hold, and once. */
export interface SegmentLookup {
  /** The document at a path below a sealed folder; undefined where no segment has it. */
  find(on: SealedKind, folder: string, path: string): Promise<SealedDocument | undefined>;
  /** Every document of a folder, by path. */
  list(on: SealedKind, folder: string): Promise<readonly SealedDocument[]>;
  /** Names in a folder as if nothing were sealed, made from those that are there. */
  names(folder: string, names: readonly string[]): Promise<readonly string[]>;
}

/** Reads paths of the commit, in order. */
type Read = (paths: readonly string[]) => Promise<readonly (Found | null)[]>;

/** Prepares to look into segments; what is no segment throws as a document that is none does. */
export function segmentLookup(schemas: Schemas, sealed: readonly SealedKind[], read: Read): SegmentLookup {
  const known = new Map<string, readonly SealedDocument[]>();
  const segmentOf = segmentFinder(sealed.map(({ kind }) => kind));
  const open = async (on: SealedKind, folder: string, number: number) => {
    const path = segmentPath(folder, number);
    const before = known.get(path);
    if (before !== undefined) return before;
    const [found] = await read([path]);
    if (!found || !("bytes" in found)) return null;
    const key = keyAt({ path: on.sealing.folder }, folder) ?? {};
    const documents = readSegment(schemas, { ...on, folder, key, number }, found.bytes);
    known.set(path, documents);
    return documents;
  };
  const list = async (on: SealedKind, folder: string) => {
    const all: SealedDocument[] = [];
    for (let number = 1; ; number += 1) {
      const documents = await open(on, folder, number);
      if (documents === null) return all;
      all.push(...documents);
    }
  };
  return {
    list,
    async find(on, folder, path) {
      for (let number = 1; ; number += 1) {
        const documents = await open(on, folder, number);
        if (documents === null) return undefined;
        // Segments of a folder are sorted as one: the first that goes as far has it, or none has.
        if (byCodePoint(documents.at(-1)?.path ?? "", path) < 0) continue;
        return documents.find((one) => one.path === path);
      }
    },
    async names(folder, names) {
      const shown = names.map((name) => {
        const segment = segmentOf(folder === "" ? name : `${folder}/${name}`);
        return segment === undefined ? name : `${segment.folder.slice(segment.folder.lastIndexOf("/") + 1)}/`;
      });
      for (const on of sealed) {
        const top = topOf(on, folder);
        if (top === undefined) continue;
        for (const { path } of await list(on, top)) {
          if (path.startsWith(`${folder}/`)) shown.push(firstName(path.slice(folder.length + 1)));
        }
      }
      return [...new Set(shown)].toSorted(byCodePoint);
    },
  };
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
