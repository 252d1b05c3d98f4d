import { createHash } from "node:crypto";

/** A package to build, with fields that a test can make lie. */
export interface RpmInput {
  readonly tags?: readonly (readonly [tag: number, value: string | number])[];
  readonly signed?: boolean;
  readonly payload?: Uint8Array;
  readonly headerDigest?: string | null;
  readonly payloadDigest?: string | null;
  readonly count?: number;
  readonly offset?: number;
}

const u32 = (...values: readonly number[]) => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4);
  return bytes;
};
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Name, version, release, processor type and source package of a plain package. */
export const PLAIN_TAGS: readonly (readonly [number, string | number])[] = [
  [1000, "notes"],
  [1001, "1.2.0"],
  [1002, "3"],
  [1003, 1],
  [1022, "x86_64"],
  [1044, "notes-1.2.0-3.src.rpm"],
];

/** Builds an RPM package whose digests are right unless told otherwise. */
export function buildRpm(input: RpmInput = {}): Buffer {
  const payload = Buffer.from(input.payload ?? "payload");
  const payloadDigest = input.payloadDigest === undefined ? sha256(payload) : input.payloadDigest;
  const digestTags =
    payloadDigest === null
      ? []
      : ([
          [5092, payloadDigest],
          [5093, 8],
        ] as const);
  const header = headerOf([...(input.tags ?? PLAIN_TAGS), ...digestTags], input);
  const headerDigest = input.headerDigest === undefined ? sha256(header) : input.headerDigest;
  const signature = headerOf([
    ...(headerDigest === null ? [] : ([[273, headerDigest]] as const)),
    ...(input.signed === false ? [] : ([[268, "signature"]] as const)),
  ]);
  const lead = Buffer.concat([u32(0xedabeedb), Buffer.alloc(92)]);
  return Buffer.concat([lead, signature, Buffer.alloc(-signature.length & 7), header, payload]);
}

function headerOf(tags: readonly (readonly [tag: number, value: string | number])[], lie: RpmInput = {}): Buffer {
  const index: Buffer[] = [];
  const store: Buffer[] = [];
  let offset = 0;
  for (const [tag, value] of tags) {
    const bytes = typeof value === "number" ? u32(value) : Buffer.from(`${value}\0`);
    // Numbers lie on multiples of four.
    const pad = typeof value === "number" ? -offset & 3 : 0;
    store.push(Buffer.alloc(pad), bytes);
    index.push(u32(tag, typeof value === "number" ? 4 : 6, lie.offset ?? offset + pad, 1));
    offset += pad + bytes.length;
  }
  return Buffer.concat([u32(0x8eade801, 0, lie.count ?? tags.length, offset), ...index, ...store]);
}
