import type { DocumentName, Documents } from "../schema/types.gen.ts";

/** Values of a path template's places. */
export type Key = Readonly<Record<string, string>>;

/** A table of the snapshot that a document kind fills; clustered by `primary`, bodies left in git. */
export interface Table<D> {
  readonly name: string;
  /** Column to SQLite type, in order. */
  readonly columns: Readonly<Record<string, "text" | "integer">>;
  /** Columns of the primary key, in clustering order. */
  readonly primary: readonly string[];
  /** Further indexes, each a list of columns. */
  readonly indexes?: readonly (readonly string[])[];
  rows(document: D, key: Key): readonly Readonly<Record<string, string | number | null>>[];
}

/** When a document may still change. */
export type Life<D> = "append-only" | "mutable" | { readonly frozenWhen: (document: D) => boolean };

/**
 * One kind of document: where it lies, when it may change, which rows it gives. Writer rules, snapshot, sealing and
 * `state verify` are all driven by the family of these; a plane lists its own in `documents.ts`.
 */
export interface DocumentKind<N extends DocumentName = DocumentName> {
  readonly name: N;
  readonly branch: "state" | "decisions";
  /** Path template such as `dist/apps/{slug}/app.json`; a place matches one path segment. */
  readonly path: string;
  readonly life: Life<Documents[N]>;
  /** The key that this document must lie under; a document at another path is invalid. */
  keyOf(document: Documents[N]): Key;
  readonly tables?: readonly Table<Documents[N]>[];
}

/** A kind of any name, as families hold it. */
export type AnyKind = { [N in DocumentName]: DocumentKind<N> }[DocumentName];

/** Fills a path template. */
export function pathOf(kind: { readonly path: string }, key: Key): string {
  return kind.path.replaceAll(/\{(\w+)\}/g, (_, place: string) => key[place] ?? "");
}

/** Matches a path against a template; undefined where it does not fit. */
export function keyAt(kind: { readonly path: string }, path: string): Key | undefined {
  const wants = kind.path.split("/");
  const has = path.split("/");
  if (wants.length !== has.length) return undefined;
  const key: Record<string, string> = {};
  for (const [i, want] of wants.entries()) {
    if (!matchSegment(want, has[i] ?? "", key)) return undefined;
  }
  return key;
}

function matchSegment(want: string, has: string, key: Record<string, string>): boolean {
  const open = want.indexOf("{");
  if (open < 0) return want === has;
  const close = want.indexOf("}", open);
  const before = want.slice(0, open);
  const after = want.slice(close + 1);
  if (has.length <= before.length + after.length || !has.startsWith(before) || !has.endsWith(after)) return false;
  key[want.slice(open + 1, close)] = has.slice(before.length, has.length - after.length);
  return true;
}

/** Finds the kind and key of a path; undefined where no kind knows it. */
export function kindAt(
  kinds: readonly AnyKind[],
  path: string,
): { readonly kind: AnyKind; readonly key: Key } | undefined {
  for (const kind of kinds) {
    const key = keyAt(kind, path);
    if (key !== undefined) return { kind, key };
  }
  return undefined;
}

/** Tells whether a document may not change any more. */
export function isFrozen<N extends DocumentName>(kind: DocumentKind<N>, document: Documents[N]): boolean {
  if (kind.life === "append-only") return true;
  return kind.life === "mutable" ? false : kind.life.frozenWhen(document);
}
