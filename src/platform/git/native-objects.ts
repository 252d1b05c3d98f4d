import { join } from "node:path";
import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { CatFile } from "./cat-file.ts";
import { type FileOps, isThere } from "./file-ops.ts";
import type { Git } from "./git-process.ts";
import { loosePath } from "./loose-objects.ts";
import type { RawObjects } from "./raw-objects.ts";
import { corrupt } from "./objects.ts";
import { firstParentsOf } from "./object-stream.ts";
import { readMany, readStream } from "./read-many.ts";
import type { Repository } from "./repository.ts";
import { writeObjects } from "./write-objects.ts";

/** Objects of a repository on disk: read through one long-lived git, written by us. */
export function nativeObjects(git: Git, repository: Repository, ops: FileOps): RawObjects {
  const { algorithm, gitDir, commonDir } = repository;
  const folder = join(commonDir, "objects");
  const catFile = new CatFile(git, gitDir, algorithm);
  return {
    algorithm,
    read: (oid, kind, accept) =>
      catFile
        .read(oid, (found, sizeBytes) => {
          if (found !== kind) throw corrupt(`Object ${oid}`, `it is a ${found}, not a ${kind}`);
          accept(sizeBytes);
        })
        .catch((error: unknown) => explain(error, folder, oid)),
    readAll: (oids, kind, accept) =>
      catFile.readAll(oids, (found, sizeBytes) => {
        if (found !== kind) throw corrupt("An object", `it is a ${found}, not a ${kind}`);
        accept(sizeBytes);
      }),
    readMany: (wanted) => readMany(git, folder, algorithm, wanted),
    firstParents: (range, wanted) => readStream(firstParentsOf(git, gitDir, range), algorithm, wanted),
    write: (objects) => writeObjects(ops, folder, algorithm, objects),
    async close() {
      catFile.close();
    },
  };
}

/** Git calls an object missing that it cannot read; where its file is there, it is damaged. */
async function explain(error: unknown, folder: string, oid: Oid): Promise<never> {
  if (!(error instanceof ToolError) || error.code !== "state.object.missing") throw error;
  throw (await isThere(loosePath(folder, oid))) ? corrupt(`Object ${oid}`, "git cannot read its file", error) : error;
}
