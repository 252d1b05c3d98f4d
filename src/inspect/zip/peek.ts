import type { ByteSource } from "../../kernel/byte-source.ts";
import { blockReader } from "../block-reader.ts";
import { bytesOf } from "../bytes.ts";
import { isProblem } from "../problem.ts";
import { LARGEST_DIRECTORY } from "./archive.ts";
import { findZipEnd } from "./end-record.ts";
import { zipProblems } from "./problems.ts";

const FIXED_BYTES = 46;
const truncated = (message: string) => zipProblems.error("truncated", message);

/** Names by file, since every format that is a zip archive asks for them. */
const known = new WeakMap<ByteSource, Promise<ReadonlySet<string>>>();

/**
 * Lists the names in an archive for detection, without judging anything, so that a hostile package is still known as a package.
 * A file that is no archive, or one without a readable directory, has none.
 */
export function peekNames(file: ByteSource): Promise<ReadonlySet<string>> {
  const names = known.get(file) ?? readNames(file);
  known.set(file, names);
  return names;
}

async function readNames(file: ByteSource): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  try {
    const reader = blockReader(file, truncated);
    const end = await findZipEnd(reader);
    if (end.directoryBytes > LARGEST_DIRECTORY) return names;
    const directory = bytesOf(await reader.read(end.directoryOffset, end.directoryBytes), truncated);
    const decoder = new TextDecoder();
    for (let at = 0; at + FIXED_BYTES <= directory.length; ) {
      const nameBytes = directory.u16(at + 28);
      names.add(decoder.decode(directory.slice(at + FIXED_BYTES, nameBytes)));
      at += FIXED_BYTES + nameBytes + directory.u16(at + 30) + directory.u16(at + 32);
    }
  } catch (cause) {
    // Names up to the damage may already tell what it is.
    if (!isProblem(cause)) throw cause;
  }
  return names;
}
