import { aabProblems } from "./problems.ts";

/** A field of a message: a number, or bytes that hold a text or another message. */
export interface Field {
  readonly number: number;
  readonly value: number | Uint8Array;
}

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;
const LONGEST_VARINT = 10;

/** Gives the fields of a protobuf message in order. Source: protobuf.dev, "Encoding". */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  for (let at = 0; at < message.length; ) {
    const key = varint(message, at);
    const number = Math.floor(key.value / 8);
    const type = key.value % 8;
    if (number === 0) throw bad("A field has the number 0");
    if (type === VARINT) {
      const { value, next } = varint(message, key.next);
      yield { number, value };
      at = next;
    } else {
      const { start, length } = extent(message, key.next, type);
      if (start + length > message.length) throw bad(`A field of ${length} bytes does not fit`);
      if (type === BYTES) yield { number, value: message.subarray(start, start + length) };
      at = start + length;
    }
  }
}

function extent(message: Uint8Array, at: number, type: number): { readonly start: number; readonly length: number } {
  if (type === FIXED_64) return { start: at, length: 8 };
  if (type === FIXED_32) return { start: at, length: 4 };
  if (type !== BYTES) throw bad(`A field has the unknown type ${type}`);
  const { value, next } = varint(message, at);
  return { start: next, length: value };
}

/** Numbers beyond 2^53 lose their last digits; none that is read here is that large. */
function varint(message: Uint8Array, start: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let at = start; at < start + LONGEST_VARINT; at += 1) {
    const byte = message[at];
    if (byte === undefined) throw bad("A number is cut short");
    value += (byte & 0x7f) * 2 ** (7 * (at - start));
    if (byte < 0x80) return { value, next: at + 1 };
  }
  throw bad(`A number has more than ${LONGEST_VARINT} bytes`);
}

function bad(message: string) {
  return aabProblems.error("bad_manifest", message);
}
