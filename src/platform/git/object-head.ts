import type { ObjectKind } from "./objects.ts";

export const NEWLINE = 0x0a;
/** Longer than any first line that git answers. */
export const MAX_HEAD = 200;

const KINDS = {
  tree: Buffer.from(" tree ", "latin1"),
  blob: Buffer.from(" blob ", "latin1"),
  commit: Buffer.from(" commit ", "latin1"),
};
const ZERO = 0x30;
const NINE = 0x39;

/**
 * What git says of an object before its content, read where it lies: `<id> tree 12` and a line end. It is filled again for the next one,
 * since a history has millions.
 */
export class ObjectHead {
  kind: ObjectKind = "blob";
  sizeBytes = 0;
  /** Where the content begins. */
  end = 0;

  /** Takes what follows the id; false where that is something else or not whole. */
  take(bytes: Buffer, at: number): boolean {
    const first = bytes[at + 1];
    this.kind = first === KINDS.tree[1] ? "tree" : first === KINDS.blob[1] ? "blob" : "commit";
    const kind = KINDS[this.kind];
    for (let i = 0; i < kind.length; i += 1) if (bytes[at + i] !== kind[i]) return false;
    let next = at + kind.length;
    let digit = bytes[next] ?? NEWLINE;
    for (this.sizeBytes = 0; digit >= ZERO && digit <= NINE; digit = bytes[next] ?? 0) {
      this.sizeBytes = this.sizeBytes * 10 + digit - ZERO;
      next += 1;
    }
    this.end = next + 1;
    return digit === NEWLINE && next > at + kind.length && this.sizeBytes <= Number.MAX_SAFE_INTEGER;
  }
}
