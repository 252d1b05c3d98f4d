import type { Oid } from "../kernel/oid.ts";
import type { ApprovedBy, DocumentName, Documents, Grade, PolicyV1 } from "../schema/types.gen.ts";

/** Values of a path template's places. */
export type Key = Readonly<Record<string, string>>;

/** What rows may be made from besides the document: where it lies, and what decisions say. Nothing else, so that a rebuild gives the same. */
export interface Told {
  readonly path: string;
  /** SHA-256 of the document's bytes. */
  readonly sha256: string;
  /** The policy in force; null where there are no decisions. */
  readonly policy: PolicyV1 | null;
  /** How a document of the decisions branch came into force; null for facts. */
  readonly decision: DecidedBy | null;
}

/** The merge that put a document into force. */
export interface DecidedBy {
  readonly commit: Oid;
  readonly mergedAt: string;
  readonly grade: Grade | null;
  readonly approvers: readonly string[];
  readonly selfApproved: boolean;
  /** Attestor of policy that vouches for its evidence, where one does. */
  readonly attestor?: string | undefined;
  /** Null for what the root commit holds. */
  readonly proof: { readonly approvals: readonly ApprovedBy[] } | null;
}

/**
 * A table of the snapshot that a document kind fills; clustered by `primary`, bodies left in git. Several kinds may fill one
 * table, with equal columns: pointers of `auto` channels are facts and those of `gated` ones are decisions.
 */
export interface Table<D> {
  readonly name: string;
  /** Column to SQLite type, in order. */
  readonly columns: Readonly<Record<string, "text" | "integer">>;
  /** Columns of the primary key, in clustering order. */
  readonly primary: readonly string[];
  /** Further indexes, each a list of columns. */
  readonly indexes?: readonly (readonly string[])[];
  /** True where `rows` asks `told.policy`: the table is filled anew when decisions change. */
  readonly byPolicy?: true;
  /** Columns of `primary` are never null. A row whose primary key is taken already is left out and named as a problem. */
  rows(document: D, key: Key, told: Told): readonly Readonly<Record<string, string | number | null>>[];
}

/** When a document may still change. */
export type Life<D> = "append-only" | "mutable" | { frozenWhen(document: D): boolean };

/** Top-level members that commands change, or that the whole document goes again. */
export type Changes = { readonly members: readonly string[] } | { readonly goes: true };

/**
 * How old documents of a kind move into sorted segments (`src/state/seal`): those below one folder become lines of
 * `<folder>.ndjson`, `<folder>-2.ndjson` and so on, and their files go. A document lies in its file or in its line, never in both.
 */
export type Sealing<D = Documents[DocumentName]> = DaySealing | DocumentSealing<D>;

/** A folder is a day, which is sealed as a whole and closed for good. */
export interface DaySealing {
  readonly by: "day";
  /** Template of the folder, the beginning of the kind's own path; its last name never ends with a dash and digits. */
  readonly folder: string;
  /** The day, `yyyy-mm-dd`, that the documents of a folder belong to. */
  dayOf(key: Key): string;
}

/** Documents of a folder are sealed one by one as they are over, and others go on to come: segments are made again with more lines. */
export interface DocumentSealing<D = Documents[DocumentName]> {
  readonly by: "document";
  readonly folder: string;
  /** Files from which a folder is sealed: large segments are not made again for each document. */
  readonly least: number;
  /** Since when a document is over, RFC 3339; null while it is not. */
  since(document: D): string | null;
}

/**
 * How a kind that only grows falls into months: in the snapshot, all its rows of a month that is over for long lie in a shard of
 * their own, which never changes, so that what every command loads stays small.
 */
export interface History {
  /** Month, `yyyy-mm`, of a document by its key, or of all documents of a segment by its. */
  monthOf(key: Key): string;
  /** Folder that holds the documents of a month, and those of no other month of the kind. */
  folderOf(month: string): string;
  /** Column of each of its tables that begins with the month. */
  readonly column: string;
}

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
  /** What the tool's own commands change of a document that is not frozen; absent where that is any member, and it stays. */
  readonly changes?: Changes;
  /** The key that this document must lie under; a document at another path is invalid. */
  keyOf(document: Documents[N]): Key;
  readonly tables?: readonly Table<Documents[N]>[];
  /** Absent where documents of the kind stay files for ever. What may change at times leaves its segment again when it does. */
  readonly sealed?: Sealing<Documents[N]>;
  /** Absent where every row stays in the core of the snapshot. Tables of such a kind are filled by no other. */
  readonly history?: History;
}

/** A kind of any name, as families hold it. */
export type AnyKind = { [N in DocumentName]: DocumentKind<N> }[DocumentName];

/** Fills a path template. */
export function pathOf(kind: { readonly path: string }, key: Key): string {
  let path = "";
  let at = 0;
  for (let open = kind.path.indexOf("{"); open >= 0; open = kind.path.indexOf("{", at)) {
    const close = kind.path.indexOf("}", open);
    path += kind.path.slice(at, open) + (key[kind.path.slice(open + 1, close)] ?? "");
    at = close + 1;
  }
  return path + kind.path.slice(at);
}

/** One name of a path template: a text, or a place between two texts. */
interface Name {
  readonly before: string;
  readonly place: string | null;
  readonly after: string;
}

/** Templates that were read, of which there are few: paths are matched by the million. */
const read = new Map<string, readonly Name[]>();

function namesOf(template: string): readonly Name[] {
  const known = read.get(template);
  if (known !== undefined) return known;
  const names = template.split("/").map((name): Name => {
    const open = name.indexOf("{");
    if (open < 0) return { before: name, place: null, after: "" };
    const close = name.indexOf("}", open);
    return { before: name.slice(0, open), place: name.slice(open + 1, close), after: name.slice(close + 1) };
  });
  read.set(template, names);
  return names;
}

/** Matches a path against a template; undefined where it does not fit. */
export function keyAt(kind: { readonly path: string }, path: string): Key | undefined {
  return keyIn(namesOf(kind.path), path);
}

function keyIn(wants: readonly Name[], path: string): Key | undefined {
  const key: Record<string, string> = {};
  return fits(wants, path, key) ? key : undefined;
}

/** Tells whether a path is one of a template, without taking it apart: of a hundred thousand, most names are only compared. */
function fits(wants: readonly Name[], path: string, key: Record<string, string> | null): boolean {
  let start = 0;
  for (const want of wants) {
    if (start > path.length) return false;
    const slash = path.indexOf("/", start);
    const end = slash < 0 ? path.length : slash;
    if (!matchName(want, path, start, end, key)) return false;
    start = end + 1;
  }
  return start > path.length;
}

/** Matches the name that stands between two places of a path. */
function matchName(
  { before, place, after }: Name,
  path: string,
  start: number,
  end: number,
  key: Record<string, string> | null,
): boolean {
  const from = start + before.length;
  const to = end - after.length;
  if (place === null) return from === end && path.startsWith(before, start);
  if (from >= to || !path.startsWith(before, start) || !path.startsWith(after, to)) return false;
  if (key !== null) key[place] = path.slice(from, to);
  return true;
}

/** A kind with the key of one of its documents. */
export interface Place {
  readonly kind: AnyKind;
  readonly key: Key;
}

/** Prepares to find kinds by path. */
export function kindFinder(
  kinds: readonly AnyKind[],
  branch: "state" | "decisions",
): (path: string) => Place | undefined {
  const own = kinds.filter((kind) => kind.branch === branch).map((kind) => ({ kind, names: namesOf(kind.path) }));
  const likelyOf = byShape(own);
  return (path) => {
    for (const { kind, names } of likelyOf(path)) {
      const key = keyIn(names, path);
      if (key !== undefined) return { kind, key };
    }
    return undefined;
  };
}

/**
 * Prepares to tell the folders that documents of templates lie in, at any depth: below another one there is none. Readers do not
 * enter those, so that what somebody puts there, however much or deep, cannot stop them.
 */
export function folderFinder(templates: readonly { readonly path: string }[]): (folder: string) => boolean {
  const above = new Set<string>();
  for (const { path } of templates)
    for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) above.add(path.slice(0, end));
  const likelyOf = byShape([...above].map((folder) => ({ names: namesOf(folder) })));
  return (folder) => likelyOf(folder).some(({ names }) => fits(names, folder, null));
}

/** Prepares to find the templates of as many names and the same first one: a folder of the root is always fixed. */
function byShape<T extends { readonly names: readonly Name[] }>(all: readonly T[]): (path: string) => readonly T[] {
  const groups = new Map<string, T[][]>();
  for (const one of all) {
    const first = one.names[0]?.before ?? "";
    const group = groups.get(first) ?? [];
    groups.set(first, group);
    (group[one.names.length] ??= []).push(one);
  }
  return (path) => {
    const slash = path.indexOf("/");
    const group = groups.get(slash < 0 ? path : path.slice(0, slash));
    if (group === undefined) return [];
    let names = 1;
    for (let at = slash; at >= 0; at = path.indexOf("/", at + 1)) names += 1;
    return group[names] ?? [];
  };
}

/** Tells whether a document may not change any more. */
export function isFrozen<N extends DocumentName>(kind: DocumentKind<N>, document: Documents[N]): boolean {
  if (kind.life === "append-only") return true;
  return kind.life === "mutable" ? false : kind.life.frozenWhen(document);
}
