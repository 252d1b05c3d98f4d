import { bytesOf, type Bytes } from "../bytes.ts";
import type { BlockReader } from "../block-reader.ts";
import { problemsOf } from "../problem.ts";

/** What may be wrong with an RPM package. */
export const rpmProblems = problemsOf("rpm", "bad_header", "digest_mismatch", "too_large", "truncated");

/** One of the two headers of a package: tags with values. */
export interface RpmHeader {
  /** Bytes of the header itself, which the other header holds a digest of. */
  readonly bytes: Uint8Array;
  readonly next: number;
  readonly text: (tag: number) => string | undefined;
  readonly number: (tag: number) => number | undefined;
  readonly has: (tag: number) => boolean;
}

// Source: rpm.org, "RPM V4 Package format".
const MAGIC = 0x8eade801;
const INTRO_BYTES = 16;
const ENTRY_BYTES = 16;
const MOST_TAGS = 65_536;
const LARGEST_STORE = 64 << 20;
const INT32 = 4;
const STRING = 6;
const STRING_ARRAY = 8;
const I18N_STRING = 9;
const LONGEST_TEXT = 65_536;

/** Reads the header at a position. */
export async function readRpmHeader(reader: BlockReader, at: number): Promise<RpmHeader> {
  const intro = viewOf(await reader.read(at, INTRO_BYTES));
  if (intro.getUint32(0) !== MAGIC)
    throw rpmProblems.error("bad_header", "The package has no header where one must be");
  const count = intro.getUint32(8);
  const storeBytes = intro.getUint32(12);
  if (count > MOST_TAGS || storeBytes > LARGEST_STORE)
    throw rpmProblems.error("too_large", `A header cannot have ${count} tags and ${storeBytes} bytes`);
  const length = INTRO_BYTES + count * ENTRY_BYTES + storeBytes;
  const bytes = await reader.read(at, length);
  const index = viewOf(bytes);
  const store = bytesOf(bytes.subarray(INTRO_BYTES + count * ENTRY_BYTES), (message) =>
    rpmProblems.error("bad_header", message),
  );
  const entries = new Map<number, { readonly type: number; readonly offset: number }>();
  for (let entry = INTRO_BYTES; entry < INTRO_BYTES + count * ENTRY_BYTES; entry += ENTRY_BYTES) {
    const tag = index.getUint32(entry);
    if (entries.has(tag)) throw rpmProblems.error("bad_header", `A header holds the tag ${tag} twice`);
    entries.set(tag, { type: index.getUint32(entry + 4), offset: index.getUint32(entry + 8) });
  }
  return {
    bytes,
    next: at + length,
    has: (tag) => entries.has(tag),
    text: (tag) => {
      const entry = entries.get(tag);
      return entry !== undefined && [STRING, STRING_ARRAY, I18N_STRING].includes(entry.type)
        ? textAt(store, entry.offset)
        : undefined;
    },
    number: (tag) => {
      const entry = entries.get(tag);
      return entry?.type === INT32 ? viewOf(store.slice(entry.offset, 4)).getUint32(0) : undefined;
    },
  };
}

function textAt(store: Bytes, offset: number): string {
  const bytes = store.slice(offset, Math.max(0, Math.min(LONGEST_TEXT, store.length - offset)));
  const end = bytes.indexOf(0);
  if (end === -1) throw rpmProblems.error("bad_header", "A text in a header has no end");
  return new TextDecoder().decode(bytes.subarray(0, end));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
