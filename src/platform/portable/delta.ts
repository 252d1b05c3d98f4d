import { corrupt } from "../git/objects.ts";

/** What a delta says of itself: sizes of what it is applied to and of what comes out, and where its instructions begin. */
export interface DeltaHead {
  readonly baseBytes: number;
  readonly resultBytes: number;
  readonly at: number;
}

/** Reads the two sizes at the start of a delta. Throws `state.object.corrupt`. */
export function deltaHead(delta: Uint8Array, what: string): DeltaHead {
  const base = sizeAt(delta, 0, what);
  const result = sizeAt(delta, base.at, what);
  return { baseBytes: base.size, resultBytes: result.size, at: result.at };
}

function sizeAt(bytes: Uint8Array, from: number, what: string): { readonly size: number; readonly at: number } {
  let size = 0;
  for (let at = from, factor = 1; factor < 2 ** 49; at += 1, factor *= 128) {
    const byte = bytes[at];
    if (byte === undefined) break;
    size += (byte & 0x7f) * factor;
    if (byte < 0x80) return { size, at: at + 1 };
  }
  throw corrupt(what, "its delta has no size");
}

/** Applies a delta: copies of parts of the base, and new bytes, in order. Source: gitformat-pack(5). Throws `state.object.corrupt`. */
export function applyDelta(base: Uint8Array, delta: Uint8Array, what: string): Buffer {
  const { baseBytes, resultBytes, at: start } = deltaHead(delta, what);
  if (baseBytes !== base.length) throw corrupt(what, "its delta is for something of another size");
  const result = Buffer.allocUnsafe(resultBytes);
  let filled = 0;
  for (let at = start; at < delta.length; ) {
    const instruction = delta[at] ?? 0;
    at += 1;
    const copy = instruction >= 0x80;
    const { from, length, next } = copy
      ? copyAt(delta, at, instruction)
      : { from: at, length: instruction, next: at + instruction };
    const source = copy ? base : delta;
    if (length === 0 || from + length > source.length || filled + length > resultBytes)
      throw corrupt(what, "its delta leads out of what it is made from");
    result.set(source.subarray(from, from + length), filled);
    filled += length;
    at = next;
  }
  if (filled !== resultBytes) throw corrupt(what, "its delta makes less than it names");
  return result;
}

/** Seven bits say which bytes of offset and length follow; a length of 0 stands for 64 KiB. */
function copyAt(delta: Uint8Array, at: number, instruction: number) {
  let next = at;
  const value = (bits: readonly number[]): number => {
    let sum = 0;
    for (const [i, bit] of bits.entries()) if ((instruction & bit) !== 0) sum += (delta[next++] ?? 0) * 256 ** i;
    return sum;
  };
  const from = value([1, 2, 4, 8]);
  const length = value([16, 32, 64]);
  return { from, length: length === 0 ? 0x1_0000 : length, next };
}
