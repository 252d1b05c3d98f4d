import type { Schemas } from "../../schema/schemas.ts";
import type { DocumentKind, Key } from "../document-kind.ts";
import type { View } from "../view.ts";
import { remakeSegments } from "./remake.ts";
import { sealedFolder } from "./segment-path.ts";

/** A document that is there and is written again. */
export interface Changed {
  readonly kind: DocumentKind;
  readonly key: Key;
  readonly path: string;
}

/**
 * Segments without the documents that change: who changes a sealed one takes it out, into a file of its own, so that it goes on to lie
 * in one place. Empty where all of them lie in their files.
 */
export async function leaveSegments(
  { schemas }: { readonly schemas: Schemas },
  view: View,
  changed: readonly Changed[],
): Promise<ReadonlyMap<string, Uint8Array | null>> {
  const going = new Map<string, { readonly kind: DocumentKind; readonly paths: Set<string> }>();
  for (const { kind, key, path } of changed) {
    const folder = kind.sealed?.by === "document" ? sealedFolder(kind, key) : undefined;
    if (folder === undefined) continue;
    const [file] = await view.files([path]);
    if (file) continue;
    const on = going.get(folder) ?? { kind, paths: new Set() };
    going.set(folder, on);
    on.paths.add(path);
  }
  const writes = new Map<string, Uint8Array | null>();
  for (const [folder, { kind, paths }] of going) {
    if (kind.sealed === undefined) continue;
    const on = { kind, sealing: kind.sealed };
    const remade = await remakeSegments({ schemas, view }, on, folder, { come: [], go: paths });
    for (const [path, bytes] of remade.writes) writes.set(path, bytes);
  }
  return writes;
}
