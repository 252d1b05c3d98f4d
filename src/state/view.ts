import { ToolError } from "../kernel/errors.ts";
import type { Oid } from "../kernel/oid.ts";
import type { Found, GitStore } from "../ports/git-store.ts";
import type { Schemas } from "../schema/schemas.ts";
import type { DocumentName, Documents } from "../schema/types.gen.ts";
import { type AnyKind, type DocumentKind, type Key, pathOf } from "./document-kind.ts";
import { type SegmentLookup, segmentLookup } from "./seal/lookup.ts";
import { bytesOfLine } from "./seal/segment.ts";
import { sealedFolder, sealedKinds, segmentPath } from "./seal/segment-path.ts";

/**
 * Documents of one commit of one branch, each in its file or in its segment: who asks does not care which. Everything that is asked
 * for becomes part of the read set.
 */
export interface View {
  readonly at: Oid;
  /** A document by kind and key, or undefined where there is none. Throws `state.document.invalid` when it is not one. */
  find<N extends DocumentName>(name: N, key: Key): Promise<Documents[N] | undefined>;
  /** Several documents of one kind at once. */
  findAll<N extends DocumentName>(name: N, keys: readonly Key[]): Promise<readonly (Documents[N] | undefined)[]>;
  /** Names in a folder by code point, folders with a final `/`; empty where there is none. */
  names(folder: string): Promise<readonly string[]>;
  /** Raw bytes of a document, for digests. */
  bytes(name: DocumentName, key: Key): Promise<Uint8Array | undefined>;
  /** Tells whether the day that a key belongs to is sealed: no further document is written on it. */
  isSealed(name: DocumentName, key: Key): Promise<boolean>;
  /** What lies at paths itself, whatever documents it holds; for those who seal. */
  files(paths: readonly string[]): Promise<readonly (Found | null)[]>;
}

/** A view that remembers what it read, for compare-and-swap. */
export interface RecordingView extends View {
  readonly reads: Map<string, Oid | null>;
}

/** Finds the kind of a name on the branch that it belongs to. Throws `internal.bug` where a plane forgot to list it. */
export function kindNamed<N extends DocumentName>(
  kinds: readonly AnyKind[],
  branch: "state" | "decisions",
  name: N,
): DocumentKind<N> {
  for (const kind of kinds) {
    if (isKind(kind, name) && kind.branch === branch) return kind;
  }
  throw new ToolError("internal.bug", `No document kind ${name} on the ${branch} branch`);
}

function isKind<N extends DocumentName>(kind: { readonly name: DocumentName }, name: N): kind is DocumentKind<N> {
  return kind.name === name;
}

/** Opens a view on one commit. */
export function openView(
  on: {
    readonly store: GitStore;
    readonly kinds: readonly AnyKind[];
    readonly schemas: Schemas;
    readonly branch: "state" | "decisions";
  },
  at: Oid,
): RecordingView {
  const reads = new Map<string, Oid | null>();
  const known = new Map<string, Found | null>();
  const read = async (paths: readonly string[]): Promise<readonly (Found | null)[]> => {
    const missing = [...new Set(paths)].filter((path) => !known.has(path));
    const found = missing.length === 0 ? [] : await on.store.read(at, missing);
    for (const [i, path] of missing.entries()) {
      const entry = found[i] ?? null;
      known.set(path, entry);
      reads.set(path, entry?.oid ?? null);
    }
    return paths.map((path) => known.get(path) ?? null);
  };
  const segments = segmentLookup(on.schemas, on.branch === "state" ? sealedKinds(on.kinds) : [], read);
  const bytesOf = (kind: DocumentKind, keys: readonly Key[]) => readDocuments(read, segments, kind, keys);
  const documentOf = <N extends DocumentName>(kind: DocumentKind<N>, key: Key, bytes: Uint8Array | undefined) => {
    if (bytes === undefined) return undefined;
    const path = pathOf(kind, key);
    const document = on.schemas.parse(kind.name, bytes, path);
    const belongs = pathOf(kind, kind.keyOf(document));
    if (belongs !== path) throw misplaced(path, belongs);
    return document;
  };
  return {
    at,
    reads,
    async find(name, key) {
      return (await this.findAll(name, [key]))[0];
    },
    async findAll(name, keys) {
      const kind = kindNamed(on.kinds, on.branch, name);
      const found = await bytesOf(kind, keys);
      return keys.map((key, i) => documentOf(kind, key, found[i]));
    },
    async names(folder) {
      const [found] = await read([folder]);
      return segments.names(folder, found && "names" in found ? found.names : []);
    },
    async bytes(name, key) {
      return (await bytesOf(kindNamed(on.kinds, on.branch, name), [key]))[0];
    },
    async isSealed(name, key) {
      const kind = kindNamed(on.kinds, on.branch, name);
      if (kind.sealed?.by !== "day") return false;
      const [found] = await read(firstSegments(kind, [key]));
      return found !== undefined && found !== null;
    },
    files: read,
  };
}

type Read = (paths: readonly string[]) => Promise<readonly (Found | null)[]>;

/** Bytes of documents, each from its file or its segment. */
async function readDocuments(
  read: Read,
  segments: SegmentLookup,
  kind: DocumentKind,
  keys: readonly Key[],
): Promise<readonly (Uint8Array | undefined)[]> {
  const paths = keys.map((key) => pathOf(kind, key));
  // The first segments come with the files: a folder that is not sealed costs no further question.
  const found = await read([...paths, ...firstSegments(kind, keys)]);
  const sealedBytes = async (key: Key, path: string) => {
    const folder = sealedFolder(kind, key);
    if (folder === undefined || kind.sealed === undefined) return undefined;
    const sealed = await segments.find({ kind, sealing: kind.sealed }, folder, path);
    return sealed && bytesOfLine(sealed.line, path);
  };
  return Promise.all(
    keys.map(async (key, i) => {
      const path = paths[i] ?? "";
      const file = found[i] ?? null;
      return eitherOf(path, file !== null && "bytes" in file ? file.bytes : undefined, await sealedBytes(key, path));
    }),
  );
}

function firstSegments(kind: DocumentKind, keys: readonly Key[]): readonly string[] {
  return keys.flatMap((key) => {
    const folder = sealedFolder(kind, key);
    return folder === undefined ? [] : [segmentPath(folder, 1)];
  });
}

/** A file that came beside its sealed line must say the same; which of two is true, no reader can know. */
function eitherOf(path: string, file: Uint8Array | undefined, sealed: Uint8Array | undefined): Uint8Array | undefined {
  if (file === undefined || sealed === undefined || Buffer.compare(file, sealed) === 0) return sealed ?? file;
  throw new ToolError("state.document.invalid", `${path} holds another document than its sealed line`, {
    data: { path },
    hints: ["waybill state verify names the commit that brought it"],
  });
}

function misplaced(path: string, belongs: string): ToolError {
  return new ToolError("state.document.invalid", `${path} holds a document that belongs at ${belongs}`, {
    data: { path, belongs },
    hints: ["Documents are written by waybill only; find who pushed this one by hand"],
  });
}
