import { corrupt } from "./objects.ts";

/** Modes that nearly every entry has, with the blank behind them. */
const FILE_MODE = Buffer.from("100644 ", "latin1");
const FOLDER_MODE = Buffer.from("40000 ", "latin1");
const MODE = /^[1-7][0-7]{4,5}$/;
const SLASH = 0x2f;
const BLANK = 0x20;

/** Where an entry of a raw tree lies. It is filled again for the next one, since a history has millions of them. */
export class Span {
  /** Where the entry begins, which is its mode. */
  at = 0;
  /** Where the name begins, and the zero byte behind it. */
  start = 0;
  end = 0;
  /** Where the next entry begins. */
  next = 0;
  isFolder = false;
  /** True for a plain file; false for a link, a submodule or a program. */
  isFile = false;

  /** Takes the entry that begins here. Throws `state.object.corrupt` on all that git itself would not write. */
  take(bytes: Buffer, at: number, oidSize: number, what: string): void {
    this.at = at;
    this.isFolder = startsWith(bytes, at, FOLDER_MODE);
    this.isFile = !this.isFolder && startsWith(bytes, at, FILE_MODE);
    if (this.isFolder) this.start = at + FOLDER_MODE.length;
    else if (this.isFile) this.start = at + FILE_MODE.length;
    else this.start = otherMode(bytes, at, what);
    let end = this.start;
    let isPath = false;
    for (; end < bytes.length; end += 1) {
      const byte = bytes[end];
      if (byte === 0) break;
      if (byte === SLASH) isPath = true;
    }
    this.end = end;
    this.next = end + 1 + oidSize;
    if (this.next > bytes.length) throw cutShort(what);
    if (end === this.start || isPath) throw corrupt(what, "an entry has no valid name");
  }

  /** Tells whether it comes before another of the same tree: a folder's name ends with a slash. */
  isBefore(other: Span, bytes: Buffer): boolean {
    for (let i = 0; ; i += 1) {
      const left = this.#byteAt(bytes, i);
      const right = other.#byteAt(bytes, i);
      if (left !== right) return left < right;
      if (left === -1) return false;
    }
  }

  #byteAt(bytes: Buffer, i: number): number {
    const at = this.start + i;
    if (at < this.end) return bytes[at] ?? 0;
    return this.isFolder && at === this.end ? SLASH : -1;
  }
}

function startsWith(bytes: Buffer, at: number, wanted: Buffer): boolean {
  for (let i = 0; i < wanted.length; i += 1) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

/** Where the name begins behind a mode that is neither a document's nor a folder's. */
function otherMode(bytes: Buffer, at: number, what: string): number {
  const blank = bytes.indexOf(BLANK, at);
  const zero = bytes.indexOf(0, at);
  if (blank < 0 || zero < blank) throw cutShort(what);
  if (!MODE.test(bytes.toString("latin1", at, blank))) throw corrupt(what, "an entry has no valid mode");
  return blank + 1;
}

function cutShort(what: string): Error {
  return corrupt(what, "an entry is cut short");
}

/** Where the entry ends that begins here, in a tree that was held against the rules. */
export function entryEnd(bytes: Buffer, at: number, oidSize: number): number {
  let end = at;
  while (bytes[end] !== 0) end += 1;
  return end + 1 + oidSize;
}

/** How many bytes are the same at the beginning. */
export function sharedHead(a: Buffer, b: Buffer): number {
  let low = 0;
  for (let high = Math.min(a.length, b.length); low < high; ) {
    const middle = (low + high + 1) >>> 1;
    if (a.compare(b, low, middle, low, middle) === 0) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** How many bytes are the same at the end, those of the beginning apart. */
export function sharedTail(a: Buffer, b: Buffer, head: number): number {
  let low = 0;
  for (let high = Math.min(a.length, b.length) - head; low < high; ) {
    const middle = (low + high + 1) >>> 1;
    const isSame = a.compare(b, b.length - middle, b.length - low, a.length - middle, a.length - low) === 0;
    if (isSame) low = middle;
    else high = middle - 1;
  }
  return low;
}
