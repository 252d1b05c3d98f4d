import { bytesOf, type Bytes } from "../bytes.ts";
import { apkProblems } from "./problems.ts";
import { stringPool, type StringPool } from "./string-pool.ts";

/** A typed value of an attribute or resource. */
export type AxmlValue =
  | { readonly kind: "string"; readonly text: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "reference"; readonly id: number }
  | { readonly kind: "other" };

/** An element with the attributes that were asked about; `find` knows them by resource id, since their names may be stripped. */
export interface AxmlElement {
  readonly name: string;
  /** The root has depth 1. */
  readonly depth: number;
  readonly find: (resourceId: number) => AxmlValue | undefined;
  /** An attribute without namespace, which has no resource id. */
  readonly plain: (name: string) => AxmlValue | undefined;
}

// Chunk types of AOSP ResourceTypes.h.
const XML = 0x0003;
const STRING_POOL = 0x0001;
const RESOURCE_MAP = 0x0180;
const START_ELEMENT = 0x0102;
const END_ELEMENT = 0x0103;

const MOST_ELEMENTS = 100_000;
const DEEPEST = 64;
const MOST_ATTRIBUTES = 1000;
const NONE = 0xffff_ffff;

const outside = (message: string) => apkProblems.error("bad_manifest", message);

/** Gives the elements of a binary XML document in order. */
export function* axmlElements(content: Uint8Array): Generator<AxmlElement> {
  const bytes = bytesOf(content, outside);
  if (bytes.u16(0) !== XML) throw apkProblems.error("bad_manifest", "The manifest is not in Android's binary form");
  let strings: StringPool | null = null;
  let ids: Bytes | null = null;
  let depth = 0;
  let elements = 0;
  for (const chunk of chunks(bytes, bytes.u16(2), Math.min(bytes.u32(4), bytes.length))) {
    const type = chunk.u16(0);
    if (type === STRING_POOL) strings ??= stringPool(chunk);
    else if (type === RESOURCE_MAP) ids ??= chunk.part(chunk.u16(2), chunk.length - chunk.u16(2));
    else if (type === END_ELEMENT) depth -= 1;
    else if (type === START_ELEMENT) {
      depth += 1;
      elements += 1;
      if (elements > MOST_ELEMENTS || depth > DEEPEST || depth < 1 || strings === null) {
        throw apkProblems.error(
          "bad_manifest",
          `The manifest has more than ${MOST_ELEMENTS} elements or ${DEEPEST} levels, or no strings`,
        );
      }
      yield elementOf(chunk, strings, ids, depth);
    }
  }
  if (elements === 0) throw apkProblems.error("bad_manifest", "The manifest has no elements");
}

/** Chunks of a container, each with its header; a size that leads nowhere is refused. */
export function* chunks(bytes: Bytes, from: number, to: number): Generator<Bytes> {
  for (let at = from; at + 8 <= to; ) {
    const length = bytes.u32(at + 4);
    if (length < 8) throw outside(`A chunk at ${at} has ${length} bytes`);
    yield bytes.part(at, length);
    at += length;
  }
}

function elementOf(chunk: Bytes, strings: StringPool, ids: Bytes | null, depth: number): AxmlElement {
  const body = chunk.u16(2);
  const first = body + chunk.u16(body + 8);
  const stride = chunk.u16(body + 10);
  const count = chunk.u16(body + 12);
  if (count > MOST_ATTRIBUTES || (count > 0 && stride < 20))
    throw outside(`An element has ${count} attributes of ${stride} bytes`);
  const indexOf = (matches: (nameIndex: number, namespace: number) => boolean): AxmlValue | undefined => {
    const found: number[] = [];
    for (let at = first; at < first + count * stride; at += stride) {
      if (matches(chunk.u32(at + 4), chunk.u32(at))) found.push(at);
    }
    // Which of two values counts depends on who reads.
    if (found.length > 1) throw outside("An element has one attribute twice");
    return found[0] === undefined ? undefined : valueOf(chunk, found[0] + 12, strings);
  };
  return {
    name: strings.at(chunk.u32(body + 4)) ?? "",
    depth,
    find: (resourceId) =>
      indexOf((name) => ids !== null && name * 4 + 4 <= ids.length && ids.u32(name * 4) === resourceId),
    plain: (wanted) => indexOf((name, namespace) => namespace === NONE && strings.at(name) === wanted),
  };
}

/** Reads a Res_value. */
export function valueOf(bytes: Bytes, at: number, strings: StringPool): AxmlValue {
  return typedValue(bytes.u8(at + 3), bytes.u32(at + 4), strings);
}

/** Makes a value of its type and data. */
export function typedValue(type: number, data: number, strings: StringPool): AxmlValue {
  if (type === 0x01) return { kind: "reference", id: data };
  if (type === 0x03) return { kind: "string", text: strings.at(data) ?? "" };
  // Decimal, hexadecimal and truth values; all are 32-bit integers with a sign.
  if (type >= 0x10 && type <= 0x12) return { kind: "number", value: data | 0 };
  return { kind: "other" };
}
