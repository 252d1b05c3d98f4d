import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { byCodePoint } from "../../kernel/text.ts";
import { fileError } from "../file-errors.ts";
import type { FileOps } from "./file-ops.ts";
import { writeLoose } from "./loose-objects.ts";
import type { Algorithm, GitObject, ObjectKind } from "./objects.ts";
import { type Placed, printIndex } from "./print-pack-index.ts";
import { type Draft, writeFiles } from "./write-files.ts";

/** Up to so many objects become files of their own, as with git: a pack for each operation would make many. */
const UNPACKED = 100;
/** A pack is made in memory. */
const PACKED_BYTES = 32 * 1024 * 1024;
/** Most objects are small; for one that fits into a window of 4 KiB zlib sets up a tenth of the memory, to the same result. */
const SMALL_BYTES = 4096;
const SMALL = { windowBits: 12, memLevel: 5 } as const;
const KINDS = { commit: 1, tree: 2, blob: 3 } as const satisfies Record<ObjectKind, number>;

/**
 * Stores objects: few in files of their own, many in one pack, which takes two files. A crash leaves objects that nothing refers to, which
 * git gc prunes, temporary files, or a pack without its index, which nothing reads. Throws `file.no_space`, `file.read_only`, `file.not_permitted`.
 */
export async function writeObjects(
  ops: FileOps,
  folder: string,
  algorithm: Algorithm,
  objects: readonly GitObject[],
): Promise<void> {
  const sizeBytes = objects.reduce((sum, { content }) => sum + content.length, 0);
  const isMany = objects.length > UNPACKED && sizeBytes <= PACKED_BYTES && algorithm === "sha1";
  if (!isMany) return writeLoose(ops, folder, objects);
  try {
    await writeFiles(ops, await ops.modeOf(folder), packOf(join(folder, "pack"), objects));
  } catch (error) {
    throw fileError(error, folder);
  }
}

/** A pack of whole objects and its index, which makes it one, so it comes last. Source: gitformat-pack(5). */
async function* packOf(folder: string, objects: readonly GitObject[]): AsyncGenerator<Draft> {
  const nonce = randomBytes(9).toString("base64url");
  const unique = [...new Map(objects.map((object) => [object.oid, object])).values()];
  const head = Buffer.from("5041434b0000000200000000", "hex");
  head.writeUInt32BE(unique.length, 8);
  const parts: Uint8Array[] = [head];
  const placed: Placed[] = [];
  let offset = head.length;
  for (const object of unique) {
    const entry = entryOf(object);
    placed.push({ oid: object.oid, offset, crc: crc32(entry) });
    parts.push(entry);
    offset += entry.length;
  }
  const entries = Buffer.concat(parts);
  const checksum = createHash("sha1").update(entries).digest();
  const index = printIndex(
    placed.toSorted((a, b) => byCodePoint(a.oid, b.oid)),
    checksum,
  );
  const name = join(folder, `pack-${checksum.toString("hex")}`);
  const content = Buffer.concat([entries, checksum]);
  yield { path: `${name}.pack`, temporary: join(folder, `tmp_pack_${nonce}`), content };
  yield { path: `${name}.idx`, temporary: join(folder, `tmp_idx_${nonce}`), content: index };
}

/** Kind and size, four bits of it and then seven in each byte, and the deflated content. */
function entryOf({ kind, content }: GitObject): Buffer {
  const head: number[] = [];
  let byte = (KINDS[kind] << 4) | (content.length & 0x0f);
  for (let rest = content.length >> 4; rest > 0; rest >>= 7) {
    head.push(byte | 0x80);
    byte = rest & 0x7f;
  }
  return Buffer.concat([
    Buffer.from([...head, byte]),
    deflateSync(content, content.length <= SMALL_BYTES ? SMALL : {}),
  ]);
}
