import { bytesOf, type Bytes } from "../bytes.ts";
import type { ZipArchive } from "../zip/archive.ts";
import { apkProblems } from "./problems.ts";

/** The block between the entries and the directory of a package, which holds its signatures. */
export interface SigningBlock {
  /** Where it begins: everything before it is signed content. */
  readonly offset: number;
  readonly values: ReadonlyMap<number, Bytes>;
}

/** `APK Sig Block 42`. Source: source.android.com, "APK signature scheme v2". */
const MAGIC = "APK Sig Block 42";
const FOOTER_BYTES = 24;
const LARGEST_BLOCK = 16 << 20;
const MOST_VALUES = 1000;

const outside = (message: string) => apkProblems.error("bad_signing_block", message);

/** Reads the signing block; null where the package has none. */
export async function readSigningBlock(archive: ZipArchive): Promise<SigningBlock | null> {
  const { directoryOffset } = archive.end;
  if (directoryOffset < FOOTER_BYTES + 8) return null;
  const footer = bytesOf(await archive.reader.read(directoryOffset - FOOTER_BYTES, FOOTER_BYTES), outside);
  if (new TextDecoder("latin1").decode(footer.slice(8, 16)) !== MAGIC) return null;
  const sizeBytes = footer.u64(0);
  const offset = directoryOffset - sizeBytes - 8;
  if (sizeBytes > LARGEST_BLOCK || sizeBytes < FOOTER_BYTES || offset < 0)
    throw outside(`The signing block cannot have ${sizeBytes} bytes`);
  const block = bytesOf(await archive.reader.read(offset, sizeBytes + 8), outside);
  if (block.u64(0) !== sizeBytes) throw outside("The signing block has two sizes");
  refuseUnsignedContent(archive, offset);
  return { offset, values: valuesOf(block.part(8, sizeBytes - FOOTER_BYTES)) };
}

function valuesOf(pairs: Bytes): ReadonlyMap<number, Bytes> {
  const values = new Map<number, Bytes>();
  for (let at = 0; at < pairs.length; ) {
    const length = pairs.u64(at);
    if (length < 4) throw outside("A value of the signing block has no id");
    const pair = pairs.part(at + 8, length);
    const id = pair.u32(0);
    // Android takes the first of two, other programs the last.
    if (values.has(id))
      throw apkProblems.error("duplicate_block", `The signing block holds two values with the id 0x${id.toString(16)}`);
    if (values.size >= MOST_VALUES) throw outside(`The signing block holds more than ${MOST_VALUES} values`);
    values.set(id, pair.part(4, length - 4));
    at += 8 + length;
  }
  return values;
}

/** An entry inside the block would be content that no signature covers. */
function refuseUnsignedContent(archive: ZipArchive, blockOffset: number): void {
  const last = archive.entries.at(-1);
  if (last !== undefined && last.headerOffset + 30 + last.nameBytes.length + last.packedBytes > blockOffset) {
    throw apkProblems.error(
      "unsigned_content",
      "The last entry reaches into the signing block, which no signature covers",
    );
  }
}
