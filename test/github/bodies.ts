import type { IncomingMessage } from "node:http";
import { setTimeout as wait } from "node:timers/promises";

/** The body ended before its length: the client went away, or a fault cut it. */
export class CutShort extends Error {}

/** A line of so many bytes a second that all uploads share. */
export class Line {
  readonly #bytesPerSecond: number;
  #freeAtMs = 0;

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Waits until so many bytes have come through. */
  async pass(sizeBytes: number): Promise<void> {
    const nowMs = performance.now();
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + (sizeBytes / this.#bytesPerSecond) * 1000;
    if (this.#freeAtMs > nowMs) await wait(this.#freeAtMs - nowMs);
  }
}

/** Reads a body, counting what came into `sentBytes`; throws {@link CutShort} where the client goes away. */
export async function* counted(
  request: IncomingMessage,
  count: { sentBytes: number },
  line: Line | null,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of request) {
      if (!(chunk instanceof Uint8Array)) continue;
      await line?.pass(chunk.length);
      count.sentBytes += chunk.length;
      yield chunk;
    }
  } catch (cause) {
    throw new CutShort("the client went away", { cause });
  }
}

/** So many bytes of a body, and then none, as behind a proxy that gave up. */
export async function* cutAfter(bytes: AsyncIterable<Uint8Array>, limitBytes: number): AsyncGenerator<Uint8Array> {
  let left = limitBytes;
  for await (const chunk of bytes) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) break;
  }
  throw new CutShort("the body was cut");
}

/** Reads a whole body. */
export async function allOf(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}
