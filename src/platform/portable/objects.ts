import { join } from "node:path";
import type { Oid } from "../../kernel/oid.ts";
import type { FileOps } from "../git/file-ops.ts";
import { writeObjects } from "../git/write-objects.ts";
import type { RawObjects } from "../git/raw-objects.ts";
import { corrupt, type GitObject, missing, objectId } from "../git/objects.ts";
import { alternatesOf } from "./alternates.ts";
import { type Accept, readLoose } from "./loose-reader.ts";
import { Packs } from "./packs.ts";

/** Objects of a repository on disk, read and written without git. `made` hears of what is written. */
export function portableObjects(
  commonDir: string,
  ops: FileOps,
  made: (objects: readonly GitObject[]) => void = () => undefined,
): RawObjects {
  const own = join(commonDir, "objects");
  let places: Promise<readonly Place[]> | null = null;
  const open = async (): Promise<readonly Place[]> =>
    [own, ...(await alternatesOf(own))].map((folder) => ({ folder, packs: new Packs(folder) }));
  return {
    algorithm: "sha1",
    async read(oid, kind, accept) {
      places ??= open();
      const check: Accept = (found, sizeBytes) => {
        if (found !== kind) throw corrupt(`Object ${oid}`, `it is a ${found}, not a ${kind}`);
        accept(sizeBytes);
      };
      for (const place of await places) {
        const content = await readAt(place, oid, kind, check);
        if (content !== null) return content;
      }
      throw missing(oid);
    },
    async write(objects) {
      await writeObjects(ops, own, "sha1", objects);
      made(objects);
    },
    async close() {
      for (const { packs } of (await places) ?? []) packs.close();
      places = null;
    },
  };
}

/** A folder of objects: each in a file of its own, or in a pack. */
interface Place {
  readonly folder: string;
  readonly packs: Packs;
}

/** A file of its own comes first: where somebody put another object in its place, that is found. */
async function readAt({ folder, packs }: Place, oid: Oid, kind: string, check: Accept): Promise<Uint8Array | null> {
  const loose = readLoose(folder, oid, check);
  if (loose !== null) return loose;
  const packed = await packs.read(oid, check);
  // Git may have packed it between the two looks.
  if (packed === null) return readLoose(folder, oid, check);
  if (objectId("sha1", kind, packed.content) !== oid) throw corrupt(`Object ${oid}`, "its content has another id");
  return packed.content;
}
