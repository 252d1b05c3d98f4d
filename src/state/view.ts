import { ToolError } from "../kernel/errors.ts";
import type { Oid } from "../kernel/oid.ts";
import type { Found, GitStore } from "../ports/git-store.ts";
import type { Schemas } from "../schema/schemas.ts";
import type { DocumentName, Documents } from "../schema/types.gen.ts";
import { type AnyKind, type DocumentKind, type Key, pathOf } from "./document-kind.ts";

/** Documents of one commit of one branch. Everything that is asked for becomes part of the read set. */
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
    const missing = paths.filter((path) => !known.has(path));
    const found = missing.length === 0 ? [] : await on.store.read(at, missing);
    for (const [i, path] of missing.entries()) {
      const entry = found[i] ?? null;
      known.set(path, entry);
      reads.set(path, entry?.oid ?? null);
    }
    return paths.map((path) => known.get(path) ?? null);
  };
  const documentOf = <N extends DocumentName>(kind: DocumentKind<N>, key: Key, path: string, found: Found | null) => {
    if (found === null || !("bytes" in found)) return undefined;
    const document = on.schemas.parse(kind.name, found.bytes, path);
    const belongs = kind.keyOf(document);
    if (pathOf(kind, belongs) !== pathOf(kind, key)) throw misplaced(path, pathOf(kind, belongs));
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
      const paths = keys.map((key) => pathOf(kind, key));
      const found = await read(paths);
      return keys.map((key, i) => documentOf(kind, key, paths[i] ?? "", found[i] ?? null));
    },
    async names(folder) {
      const [found] = await read([folder]);
      return found && "names" in found ? found.names : [];
    },
    async bytes(name, key) {
      const [found] = await read([pathOf(kindNamed(on.kinds, on.branch, name), key)]);
      return found && "bytes" in found ? found.bytes : undefined;
    },
  };
}

function misplaced(path: string, belongs: string): ToolError {
  return new ToolError("state.document.invalid", `${path} holds a document that belongs at ${belongs}`, {
    data: { path, belongs },
    hints: ["Documents are written by waybill only; find who pushed this one by hand"],
  });
}
