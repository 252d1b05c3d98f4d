import { createHash, hash } from "node:crypto";
import { ToolError } from "../../kernel/errors.ts";
import { isOid, type Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";

/** Hash that a repository names its objects by. */
export type Algorithm = "sha1" | "sha256";

/** Kinds of object that a branch of ours is made of; a tag object is never read. */
export type ObjectKind = "blob" | "tree" | "commit";

/** An object that is ready to be stored: its content is what git hashes after the header. */
export interface GitObject {
  readonly oid: Oid;
  readonly kind: ObjectKind;
  readonly content: Uint8Array;
}

/** Bytes of an object id in a tree. */
export function oidSizeBytes(algorithm: Algorithm): number {
  return algorithm === "sha1" ? 20 : 32;
}

/** The header that git hashes and stores before the content. */
export function objectHeader(kind: string, sizeBytes: number): Uint8Array {
  return Buffer.from(`${kind} ${sizeBytes}\0`, "latin1");
}

/** Computes the id of an object. */
export function objectId(algorithm: Algorithm, kind: string, content: Uint8Array): Oid {
  const hex = createHash(algorithm).update(objectHeader(kind, content.length)).update(content).digest("hex");
  return oidOf(hex, "An object id");
}

/** Computes the id of an object from header and content in one piece, which takes half the time. */
export function storedId(algorithm: Algorithm, stored: Uint8Array): Oid {
  return hash(algorithm, stored, "hex") as Oid;
}

/** Makes an object from its content. */
export function gitObject(algorithm: Algorithm, kind: ObjectKind, content: Uint8Array): GitObject {
  return { oid: objectId(algorithm, kind, content), kind, content };
}

/** Takes a text for an object id. Throws `state.object.corrupt`. */
export function oidOf(text: string, what: string): Oid {
  if (isOid(text)) return text;
  throw corrupt(what, "an object id is not 40 or 64 lower-case hex digits");
}

/** An object that is not what its id or its kind says. */
export function corrupt(what: string, why: string, cause?: unknown): ToolError {
  return new ToolError("state.object.corrupt", `${what} is damaged: ${why}`, {
    data: { object: what },
    hints: ["Compare with another clone, then run git fsck"],
    cause,
  });
}

/** An object that git found damaged, in the last of its words. */
export function foundCorrupt(what: string, stderr: string): ToolError {
  const last = /[^\n]*$/.exec(stderr.trim())?.[0] ?? "";
  const why = printable(last.replace(/^(?:fatal|error): /, ""), 500);
  return corrupt(what, why, new Error(printable(stderr.trim(), 1000)));
}

/** An object that the repository does not hold. */
export function missing(oid: string): ToolError {
  return new ToolError("state.object.missing", `The repository does not hold the object ${oid}`, {
    data: { object: oid },
    hints: [
      "A shallow clone gets it by: git fetch --unshallow",
      "A partial clone gets it by: git fetch --refetch --no-filter origin",
    ],
  });
}
