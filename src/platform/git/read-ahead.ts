import type { ChildProcessWithoutNullStreams } from "node:child_process";
import type { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { isOid, type Oid } from "../../kernel/oid.ts";
import { type Git, startGit } from "./git-process.ts";
import type { Ahead } from "./raw-objects.ts";
import { LruCache } from "../../kernel/lru-cache.ts";
import { type Algorithm, type ObjectKind, storedId } from "./objects.ts";

/** What came ahead and may still be asked for. */
const HELD_BYTES = 8 * 1024 * 1024;
/** How far it may be ahead of the commit that was asked for last. */
const AHEAD_BYTES = HELD_BYTES / 2;
/** Commits that came and are remembered as such. */
const REMEMBERED = 8192;

const NEWLINE = 0x0a;
const LINE = /^([0-9a-f]{40}|[0-9a-f]{64}) (commit|tree|blob) ([0-9]{1,15})$/;
/** Longer than any such line. */
const MAX_LINE = 200;

interface Held {
  readonly kind: string;
  readonly content: Uint8Array;
}

/**
 * Objects of a history, read ahead in the order in which who walks it from its oldest commit asks for them: each commit before what it
 * brings. One git names them, another one prints them without being asked, which takes a fifth of the time of a question for each.
 * Nothing depends on it: what is not here, because it was larger, damaged or came too early, is asked for by itself.
 */
export class ReadAhead implements Ahead {
  readonly #algorithm: Algorithm;
  readonly #maxBytes: number;
  readonly #children: readonly ChildProcessWithoutNullStreams[];
  readonly #contents: Readable;
  readonly #held = new LruCache<Oid, Held>(HELD_BYTES, ({ content }) => content.length + 200);
  /** How much had come when a commit did. */
  readonly #commits = new LruCache<Oid, number>(REMEMBERED, () => 1);
  #latest: Oid | null = null;
  /** Pieces of an object that has not come whole, and how many bytes it takes. */
  #pieces: Buffer[] = [];
  #need = 0;
  #come = 0;
  #asked = 0;
  #hasEnded = false;
  #waiting: (() => void)[] = [];

  /** `maxBytes` is the largest object that anyone would take. */
  constructor(git: Git, gitDir: string, algorithm: Algorithm, on: { from: Oid | null; to: Oid; maxBytes: number }) {
    const range = on.from === null ? [on.to] : [on.to, `^${on.from}`];
    const order = ["--reverse", "--objects", "--in-commit-order", "--no-object-names"];
    const names = startGit(git, gitDir, ["rev-list", ...order, ...range], "reader");
    const contents = startGit(git, gitDir, ["cat-file", "--batch", "--buffer"], "reader");
    names.stdin.end();
    names.stdout.pipe(contents.stdin);
    for (const child of [names, contents]) {
      child.on("error", () => this.close());
      child.stdin.on("error", () => undefined);
      child.stderr.resume();
    }
    this.#algorithm = algorithm;
    this.#maxBytes = on.maxBytes;
    this.#children = [names, contents];
    this.#contents = contents.stdout;
    this.#contents.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#contents.on("close", () => this.close());
  }

  async until(commit: Oid): Promise<void> {
    // Whoever has all that it asks for leaves no turn in which more could come.
    await setImmediate();
    const most = this.#come + AHEAD_BYTES;
    for (;;) {
      const at = this.#commits.get(commit);
      this.#asked = Math.max(this.#asked, at ?? this.#come);
      const isWhole = at !== undefined && this.#latest !== commit;
      if (isWhole || this.#hasEnded || this.#come > most) return;
      this.#contents.resume();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  get(oid: Oid, kind: ObjectKind): Uint8Array | undefined {
    const held = this.#held.get(oid);
    if (held?.kind !== kind) return undefined;
    // A tree is kept for longer than the piece of the stream that it came with.
    return kind === "tree" ? copied(held.content) : held.content;
  }

  close(): void {
    this.#hasEnded = true;
    for (const child of this.#children) child.kill("SIGKILL");
    this.#wake();
  }

  #take(chunk: Buffer): void {
    if (this.#hasEnded) return;
    this.#come += chunk.length;
    this.#pieces.push(chunk);
    this.#need -= chunk.length;
    if (this.#need > 0) return;
    this.#cut(this.#pieces.length === 1 ? chunk : Buffer.concat(this.#pieces));
    // What is far ahead of who asks would drop what comes before it.
    if (this.#come - this.#asked > AHEAD_BYTES) this.#contents.pause();
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Cuts whole objects off what has come, and keeps the rest. */
  #cut(bytes: Buffer): void {
    let start = 0;
    this.#need = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, start);
      if (end < 0) break;
      const [, oid, kind, size] = LINE.exec(bytes.toString("latin1", start, end)) ?? [];
      if (oid === undefined || kind === undefined || !isOid(oid) || Number(size) > this.#maxBytes) return this.close();
      const next = end + 1 + Number(size);
      this.#need = next + 1 - bytes.length;
      if (this.#need > 0) break;
      // With a zero in the place of the line end, kind, size and content are what git hashes.
      bytes[end] = 0;
      if (storedId(this.#algorithm, bytes.subarray(start + oid.length + 1, next)) !== oid) return this.close();
      this.#held.set(oid, { kind, content: bytes.subarray(end + 1, next) });
      if (kind === "commit") this.#latest = oid;
      if (kind === "commit") this.#commits.set(oid, this.#come);
      start = next + 1;
    }
    this.#pieces = [bytes.subarray(start)];
    if (this.#need <= 0 && bytes.length - start > MAX_LINE) this.close();
  }
}

function copied(content: Uint8Array): Uint8Array {
  const own = Buffer.allocUnsafe(content.length);
  own.set(content);
  return own;
}
