import { problemsOf } from "./problem.ts";

/** What may be wrong with signed data in ASN.1. */
export const asn1Problems = problemsOf("asn1", "bad_value", "too_deep", "too_many");

/** One value: its tag byte, its content, and where the value ends. */
export interface Asn1 {
  readonly tag: number;
  readonly content: Uint8Array;
  /** The whole value with tag and length; for an indefinite length with its end mark. */
  readonly whole: Uint8Array;
}

const DEEPEST = 40;
const MOST_CHILDREN = 20_000;
const CONSTRUCTED = 0x20;

/** Reads the value at the beginning of bytes, in BER: Apple's signatures use indefinite lengths. */
export function readAsn1(bytes: Uint8Array): Asn1 {
  return valueAt(bytes, 0, 0);
}

/** Reads the values inside a constructed one. */
export function asn1Children(value: Asn1): readonly Asn1[] {
  const children: Asn1[] = [];
  for (let at = 0; at < value.content.length; ) {
    const child = valueAt(value.content, at, 0);
    children.push(child);
    if (children.length > MOST_CHILDREN)
      throw asn1Problems.error("too_many", `A value has more than ${MOST_CHILDREN} parts`);
    at += child.whole.length;
  }
  return children;
}

/** The bytes of an octet string, also of one in pieces. */
export function octets(value: Asn1, depth = 0): Uint8Array {
  if ((value.tag & CONSTRUCTED) === 0) return value.content;
  if (depth > DEEPEST) throw tooDeep();
  return Buffer.concat(asn1Children(value).map((piece) => octets(piece, depth + 1)));
}

function valueAt(bytes: Uint8Array, at: number, depth: number): Asn1 {
  if (depth > DEEPEST) throw tooDeep();
  const tag = bytes[at];
  const first = bytes[at + 1];
  // Tags of several bytes do not occur in what is read here.
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f)
    throw bad("A value is cut short or has an unknown tag");
  if (first === 0x80) return indefinite(bytes, at, tag, depth);
  const lengthBytes = first < 0x80 ? 0 : first - 0x80;
  if (lengthBytes > 4) throw bad("A length has more than four bytes");
  let length = first < 0x80 ? first : 0;
  for (let index = 0; index < lengthBytes; index += 1) length = length * 256 + (bytes[at + 2 + index] ?? 0);
  const start = at + 2 + lengthBytes;
  if (start + length > bytes.length) throw bad(`A value of ${length} bytes does not fit`);
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) };
}

/** A value that ends with two zero bytes, which only walking through its parts finds. */
function indefinite(bytes: Uint8Array, at: number, tag: number, depth: number): Asn1 {
  if ((tag & CONSTRUCTED) === 0) throw bad("A plain value has no length");
  let end = at + 2;
  for (let parts = 0; bytes[end] !== 0 || bytes[end + 1] !== 0; parts += 1) {
    if (parts > MOST_CHILDREN) throw asn1Problems.error("too_many", `A value has more than ${MOST_CHILDREN} parts`);
    end += valueAt(bytes, end, depth + 1).whole.length;
  }
  return { tag, content: bytes.subarray(at + 2, end), whole: bytes.subarray(at, end + 2) };
}

function tooDeep() {
  return asn1Problems.error("too_deep", `Values lie more than ${DEEPEST} deep in each other`);
}

function bad(message: string) {
  return asn1Problems.error("bad_value", message);
}
