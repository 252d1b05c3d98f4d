import type { Oid } from "../../kernel/oid.ts";
import { loosePath } from "../git/loose-objects.ts";
import { corrupt, type ObjectKind, storedId } from "../git/objects.ts";
import { inflateExactly, inflateHead } from "./inflate.ts";
import { openFile } from "./open-file.ts";

/** What may be said of an object before its content is taken; throws to refuse it. */
export type Accept = (kind: string, sizeBytes: number) => void;

/** Compressed bytes that hold the header of an object. */
const HEAD_BYTES = 256;
const HEADER = /^(blob|tree|commit|tag) (0|[1-9][0-9]{0,14})\0/;

/** Reads an object that lies in a file of its own, and compares its hash; null where there is none. Throws `state.object.corrupt`. */
export function readLoose(folder: string, oid: Oid, accept: Accept): Uint8Array | null {
  const file = openFile(loosePath(folder, oid));
  if (file === null) return null;
  try {
    const what = `Object ${oid}`;
    const head = file.read(0, HEAD_BYTES);
    const [header, kind, size] = HEADER.exec(inflateHead(head, what).toString("latin1", 0, 64)) ?? [];
    if (header === undefined || kind === undefined) throw corrupt(what, "its file does not begin as one of an object");
    accept(kind, Number(size));
    const storedBytes = header.length + Number(size);
    // Deflate makes nothing much longer than it was.
    const bound = storedBytes + (storedBytes >> 8) + 1024;
    const compressed = file.sizeBytes <= HEAD_BYTES ? head : file.read(0, bound);
    const stored = inflateExactly(compressed, storedBytes, what);
    if (stored === null || storedId("sha1", stored) !== oid) throw corrupt(what, "its content has another id");
    return stored.subarray(header.length);
  } finally {
    file.close();
  }
}

/** Tells whether an id names an object of a kind that branches are made of. */
export function isObjectKind(kind: string): kind is ObjectKind {
  return kind === "blob" || kind === "tree" || kind === "commit";
}
