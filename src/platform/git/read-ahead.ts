import { setImmediate } from "node:timers/promises";
import { LruCache } from "../../kernel/lru-cache.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { ObjectCutter, ObjectStream, StreamedObject } from "./object-stream.ts";
import type { ObjectKind } from "./objects.ts";
import type { Ahead } from "./raw-objects.ts";

/** Options of `git rev-list` for the order in which this takes objects. */
export const IN_ORDER = ["--reverse", "--objects", "--in-commit-order", "--no-object-names"];

/** What came ahead and may still be asked for. */
const HELD_BYTES = 4 * 1024 * 1024;
/** How far it may be ahead of the commit that was asked for last. */
const AHEAD_BYTES = 1024 * 1024;
/** Commits that came and are remembered as such. */
const REMEMBERED = 8192;

/**
 * Objects of a history, read ahead in the order in which who walks it from its oldest commit asks for them: each commit before what it
 * brings. One git names them, another one prints them without being asked, which takes a fifth of the time of a question for each.
 * Nothing depends on it: what is not here, because it was larger, damaged or came too early, is asked for by itself.
 */
export class ReadAhead implements Ahead {
  readonly #stream: ObjectStream;
  readonly #cutter: ObjectCutter;
  readonly #held = new LruCache<Oid, StreamedObject>(HELD_BYTES, ({ content }) => content.length + 200);
  /** How much had come when a commit did. */
  readonly #commits = new LruCache<Oid, number>(REMEMBERED, () => 1);
  #latest: Oid | null = null;
  #come = 0;
  #asked = 0;
  #hasEnded = false;
  #waiting: (() => void)[] = [];

  constructor(stream: ObjectStream, cutter: ObjectCutter) {
    this.#stream = stream;
    this.#cutter = cutter;
    stream.contents.on("data", (piece: Buffer) => this.#take(piece));
    stream.contents.on("close", () => this.close());
  }

  async until(commit: Oid): Promise<void> {
    // Whoever has all that it asks for leaves no turn in which more could come.
    await setImmediate();
    // What has come by then is dropped before this could be taken.
    const most = this.#come + HELD_BYTES;
    for (;;) {
      const at = this.#commits.get(commit);
      this.#asked = Math.max(this.#asked, at ?? this.#come);
      const isWhole = at !== undefined && this.#latest !== commit;
      if (isWhole || this.#hasEnded || this.#come > most) return;
      this.#stream.contents.resume();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  get(oid: Oid, kind: ObjectKind): Uint8Array | undefined {
    const held = this.#held.get(oid);
    if (held?.kind !== kind) return undefined;
    // Whoever keeps it does so for longer than the piece of the stream that it came with, which may be a thousand times as large.
    return copied(held.content, kind);
  }

  close(): void {
    this.#hasEnded = true;
    this.#stream.end();
    this.#wake();
  }

  #take(piece: Buffer): void {
    if (this.#hasEnded) return;
    this.#come += piece.length;
    for (const object of this.#cutter.take(piece)) {
      this.#held.set(object.oid, object);
      if (object.kind !== "commit") continue;
      this.#latest = object.oid;
      this.#commits.set(object.oid, this.#come);
    }
    if (this.#cutter.hasEnded) return this.close();
    // What is far ahead of who asks would drop what comes before it.
    if (this.#come - this.#asked > AHEAD_BYTES) this.#stream.contents.pause();
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Trees are kept for long: in the pool of small buffers each would keep what it shares its piece of the pool with. */
function copied(content: Uint8Array, kind: ObjectKind): Uint8Array {
  const own = kind === "tree" ? Buffer.allocUnsafeSlow(content.length) : Buffer.allocUnsafe(content.length);
  own.set(content);
  return own;
}
