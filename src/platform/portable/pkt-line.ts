/** A line of git's protocol; null is a flush, which ends a part. Source: gitprotocol-common(5). */
export type PktLine = Buffer | null;

const MAX_LINE = 65_520;
const PACK = 1;
const PROGRESS = 2;
const FAILURE = 3;
const MAX_SAID = 16_384;

/** Prints a line, with its length before it. */
export function pktLine(text: string): Uint8Array {
  return Buffer.from(`${(text.length + 4).toString(16).padStart(4, "0")}${text}`, "latin1");
}

/** The end of a part. */
export const FLUSH: Uint8Array = Buffer.from("0000");

/** Reads lines as they arrive. Throws an error where something else comes. */
export async function* pktLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<PktLine> {
  let held = Buffer.alloc(0);
  for await (const chunk of chunks) {
    held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
    for (let length = lengthAt(held); length !== null && Math.max(length, 4) <= held.length; length = lengthAt(held)) {
      yield length < 4 ? null : held.subarray(4, length);
      held = held.subarray(Math.max(length, 4));
    }
  }
  if (held.length > 0) throw new Error("the answer of the server ends within a line");
}

function lengthAt(bytes: Buffer): number | null {
  if (bytes.length < 4) return null;
  const text = bytes.toString("latin1", 0, 4);
  const length = /^[0-9a-f]{4}$/i.test(text) ? Number.parseInt(text, 16) : Number.NaN;
  if (length <= MAX_LINE) return length;
  throw new Error("the server does not speak git's protocol");
}

/** What a server says in one of several bands: content, and words for people. */
export interface Banded {
  /** Content of the lines, from the first one that is not an acknowledgement on. */
  readonly content: AsyncIterable<Uint8Array>;
  /** What was said so far. */
  said(): string;
}

/** Takes the bands of an answer apart; `isHead` tells lines that stand before them. Throws an error with what the server called fatal. */
export function bandsOf(chunks: AsyncIterable<Uint8Array>, isHead: (line: string) => boolean): Banded {
  let words = "";
  async function* content(): AsyncGenerator<Uint8Array> {
    for await (const line of pktLines(chunks)) {
      if (line === null || isHead(line.toString("latin1", 0, 200))) continue;
      const text = () => line.toString("utf8", 1);
      if (line[0] === PACK) yield line.subarray(1);
      else if (line[0] === PROGRESS) words = (words + text()).slice(0, MAX_SAID);
      else if (line[0] === FAILURE) throw new Error(`${words}\n${text()}`);
      else if (line.toString("latin1", 0, 4) === "ERR ") throw new Error(line.toString("utf8", 4));
      else yield line;
    }
  }
  return { content: content(), said: () => words };
}
