import { type AnyKind, type DocumentKind, type Key, keyAt, pathOf, type Sealing } from "../document-kind.ts";

/** Ending of every segment. */
const ENDING = ".ndjson";
/** Name of a segment after its first: the folder's, a dash and a count from 2. */
const NUMBERED = /^(.*[^/])-([1-9]\d{0,4})$/;

/** A kind whose old documents are sealed. */
export interface SealedKind<S extends Sealing = Sealing> {
  readonly kind: DocumentKind;
  readonly sealing: S;
}

/** A segment, by its path: whose documents it holds, the folder that it takes the place of, and its number from 1. */
export interface Segment extends SealedKind {
  readonly folder: string;
  readonly key: Key;
  readonly number: number;
}

/** Kinds of a family that are sealed. */
export function sealedKinds(kinds: readonly (AnyKind | DocumentKind)[]): readonly SealedKind[] {
  return kinds.flatMap((kind) =>
    kind.branch === "state" && kind.sealed !== undefined ? [{ kind, sealing: kind.sealed }] : [],
  );
}

/** Path of a segment of a folder; the first has number 1. */
export function segmentPath(folder: string, number: number): string {
  return number === 1 ? folder + ENDING : `${folder}-${number}${ENDING}`;
}

/** The folder whose segments hold a document once it is sealed; undefined where its kind is not. */
export function sealedFolder({ sealed }: Pick<DocumentKind, "sealed">, key: Key): string | undefined {
  return sealed === undefined ? undefined : pathOf({ path: sealed.folder }, key);
}

/** Prepares to tell segments by their paths. */
export function segmentFinder(kinds: readonly (AnyKind | DocumentKind)[]): (path: string) => Segment | undefined {
  const sealed = sealedKinds(kinds);
  return (path) => {
    if (!path.endsWith(ENDING)) return undefined;
    const { folder, number } = splitName(path.slice(0, -ENDING.length));
    if (number === undefined) return undefined;
    for (const { kind, sealing } of sealed) {
      const key = keyAt({ path: sealing.folder }, folder);
      if (key !== undefined) return { kind, sealing, folder, key, number };
    }
    return undefined;
  };
}

function splitName(name: string): { readonly folder: string; readonly number: number | undefined } {
  const [, folder, digits] = NUMBERED.exec(name) ?? [];
  if (folder === undefined) return { folder: name, number: 1 };
  // The first has no number.
  return { folder, number: digits === "1" ? undefined : Number(digits) };
}
