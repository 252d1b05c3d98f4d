import { createHash } from "node:crypto";
import { mkdtemp, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { ToolError } from "../../kernel/errors.ts";
import { makeFolders } from "../make-folders.ts";
import { errnoOf, fileError } from "../file-errors.ts";
import type { FileOps } from "../git/file-ops.ts";
import { writeLoose } from "../git/loose-objects.ts";
import { corrupt, type GitObject, missing } from "../git/objects.ts";
import { printIndex } from "../git/print-pack-index.ts";
import { countOf, type Indexed, indexPack } from "./index-pack.ts";
import { isObjectKind } from "./loose-reader.ts";
import { openPackFile, type Packed, type PackFile, readPacked } from "./pack.ts";

/** What is taken from a server at once; more takes git. */
export interface PackLimits {
  readonly packBytes: number;
  readonly objects: number;
}

/** Up to so many objects become files of their own, as with git: a pack for each fetch would make many. They are in memory together. */
const UNPACKED = 100;
const UNPACKED_BYTES = 32 * 1024 * 1024;
const CHECKSUM_BYTES = 20;

/**
 * Stores the objects of a pack as it arrives: checked, named and indexed aside, then renamed into place. A crash leaves a folder
 * `tmp_waybill_*` among the objects, which nothing reads. Throws `state.repository.too_large`, `state.object.corrupt`.
 */
export async function takePack(
  commonDir: string,
  ops: FileOps,
  chunks: AsyncIterable<Uint8Array>,
  limits: PackLimits,
): Promise<void> {
  const objects = join(commonDir, "objects");
  const aside = await mkdtemp(join(objects, "tmp_waybill_")).catch((cause: unknown) => {
    throw fileError(cause, objects);
  });
  try {
    const path = join(aside, "pack");
    const checksum = await receive(path, chunks, limits);
    if (checksum !== null) await settle(objects, ops, path, checksum, limits);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Writes what arrives to a file; answers its checksum, which stands at its end, null where nothing arrived. */
async function receive(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  { packBytes }: PackLimits,
): Promise<Buffer | null> {
  const file = await open(path, "wx");
  try {
    const hash = createHash("sha1");
    let sizeBytes = 0;
    let tail = Buffer.alloc(0);
    for await (const chunk of chunks) {
      sizeBytes += chunk.length;
      if (sizeBytes > packBytes) throw tooLarge("bytes", packBytes);
      await file.write(chunk);
      const held = Buffer.concat([tail, chunk]);
      hash.update(held.subarray(0, Math.max(0, held.length - CHECKSUM_BYTES)));
      tail = held.subarray(Math.max(0, held.length - CHECKSUM_BYTES));
    }
    if (sizeBytes === 0) return null;
    if (!hash.digest().equals(tail)) throw corrupt("The pack that the server sent", "its checksum is another");
    await file.sync();
    return tail;
  } catch (cause) {
    throw errnoOf(cause).startsWith("E") ? fileError(cause, path) : cause;
  } finally {
    await file.close();
  }
}

async function settle(folder: string, ops: FileOps, path: string, checksum: Buffer, limits: PackLimits): Promise<void> {
  const pack = openPackFile(path);
  if (pack === null) throw corrupt("The pack that the server sent", "it is gone");
  try {
    if (countOf(pack) > limits.objects) throw tooLarge("objects", limits.objects);
    const indexed = await indexPack(pack);
    const sizeBytes = indexed.reduce((sum, one) => sum + one.sizeBytes, 0);
    const isSmall = indexed.length <= UNPACKED && sizeBytes <= UNPACKED_BYTES;
    if (isSmall && indexed.every(({ kind }) => isObjectKind(kind)))
      await writeLoose(ops, folder, objectsOf(pack, indexed));
    else await keepPack(folder, path, indexed, checksum);
  } finally {
    pack.file.close();
  }
}

function objectsOf(pack: PackFile, indexed: readonly Indexed[]): readonly GitObject[] {
  const offsets = new Map(indexed.map(({ oid, offset }) => [oid, offset]));
  const read = (offset: number): Packed =>
    readPacked(
      pack,
      offset,
      () => undefined,
      (base) => {
        const at = offsets.get(base);
        if (at === undefined) throw missing(base);
        return read(at);
      },
    );
  return indexed.flatMap(({ oid, kind, offset }) =>
    isObjectKind(kind) ? [{ oid, kind, content: read(offset).content }] : [],
  );
}

/** Git takes a pack for one once its index is there. */
async function keepPack(folder: string, path: string, indexed: readonly Indexed[], checksum: Buffer): Promise<void> {
  const name = join(folder, "pack", `pack-${checksum.toString("hex")}`);
  try {
    await makeFolders(join(folder, "pack"), (await stat(folder)).mode & 0o7777);
    const file = await open(`${path}.idx`, "wx", 0o444);
    await file.writeFile(printIndex(indexed, checksum));
    await file.sync();
    await file.close();
    await rename(path, `${name}.pack`);
    await rename(`${path}.idx`, `${name}.idx`);
  } catch (cause) {
    throw fileError(cause, name);
  }
}

function tooLarge(what: string, bound: number): ToolError {
  return new ToolError(
    "state.repository.too_large",
    `The branches are more than ${bound} ${what}, too large to do without git`,
    {
      data: { limit: what, bound },
      hints: [
        "Install git: with it a million documents cost no more than a thousand",
        "waybill state seal makes a state smaller",
      ],
    },
  );
}
