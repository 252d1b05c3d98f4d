import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { diskOps, type FileOps } from "../../../../src/platform/git/file-ops.ts";
import { type GitObject, gitObject } from "../../../../src/platform/git/objects.ts";
import { writeObjects } from "../../../../src/platform/git/write-objects.ts";
import { portableObjects } from "../../../../src/platform/portable/objects.ts";
import { git, gitBytes, makeFolder } from "../../../support/git-repo.ts";

const folder = makeFolder();
afterAll(() => folder.remove());

function repository(...options: readonly string[]): string {
  const path = join(folder.path, randomBytes(4).toString("hex"));
  git(folder.path, ["init", "-q", "--bare", ...options, path]);
  return path;
}

/** Blobs of every length of a head in a pack, and a tree and a commit over them. */
function objectsOf(algorithm: "sha1" | "sha256", count: number): readonly GitObject[] {
  const sizes = [0, 1, 15, 16, 2047, 2048, 4096, 4097, 300_000];
  const blobs = Array.from({ length: count - 2 }, (_, i) =>
    gitObject(algorithm, "blob", Buffer.alloc(sizes[i] ?? 100 + i, `${i}.`)),
  );
  const entries = blobs.flatMap(({ oid }, i) => [
    Buffer.from(`100644 ${String(i).padStart(4, "0")}\0`),
    Buffer.from(oid, "hex"),
  ]);
  const tree = gitObject(algorithm, "tree", Buffer.concat(entries));
  const who = "Ada <ada@waybill.invalid> 1767225600 +0000";
  const commit = gitObject(
    algorithm,
    "commit",
    Buffer.from(`tree ${tree.oid}\nauthor ${who}\ncommitter ${who}\n\nMany\n`),
  );
  return [...blobs, tree, commit];
}

const filesIn = (path: string) => readdirSync(join(path, "objects"), { recursive: true, encoding: "utf8" });
const looseIn = (path: string) => filesIn(path).filter((name) => /^[0-9a-f]{2}\/[0-9a-f]{38,62}$/.test(name));
const packsIn = (path: string) => filesIn(path).filter((name) => name.endsWith(".pack"));

describe("objects that are stored together", () => {
  it("are one pack from the hundredth on, which git takes for sound, and every reader reads", async () => {
    const path = repository();
    const objects = objectsOf("sha1", 150);
    const last = objects.at(-1)!;
    await writeObjects(diskOps, join(path, "objects"), "sha1", [...objects, last]);
    expect([looseIn(path), packsIn(path).length]).toEqual([[], 1]);
    git(path, ["update-ref", "refs/heads/many", last.oid]);
    expect(git(path, ["fsck", "--strict", "--full"])).toBe("");
    git(path, ["verify-pack", join(path, "objects", packsIn(path)[0]!)]);
    const portable = portableObjects(path, diskOps);
    for (const { oid, kind, content } of objects) {
      expect(gitBytes(path, ["cat-file", kind, oid]).equals(content)).toBe(true);
      expect(Buffer.from(await portable.read(oid, kind, () => undefined)).equals(content)).toBe(true);
    }
    await portable.close();
  });

  it("are files of their own where they are few, or where the repository has another hash", async () => {
    const few = repository();
    await writeObjects(diskOps, join(few, "objects"), "sha1", objectsOf("sha1", 100));
    expect([looseIn(few).length, packsIn(few)]).toEqual([100, []]);
    const other = repository("--object-format=sha256");
    await writeObjects(diskOps, join(other, "objects"), "sha256", objectsOf("sha256", 150));
    expect([looseIn(other).length, packsIn(other)]).toEqual([150, []]);
  });

  it("leave nothing that a reader takes for a pack when the disk fails", async () => {
    for (const fails of ["first", "second"] as const) {
      const path = repository();
      let calls = 0;
      const ops: FileOps = {
        ...diskOps,
        async rename(from, to) {
          calls += 1;
          if (calls === (fails === "first" ? 1 : 2)) throw Object.assign(new Error("full"), { code: "ENOSPC" });
          await diskOps.rename(from, to);
        },
      };
      const objects = objectsOf("sha1", 150);
      const stored = writeObjects(ops, join(path, "objects"), "sha1", objects);
      await expect(stored).rejects.toMatchObject({ code: "file.no_space" });
      expect(filesIn(path).filter((name) => /tmp_|\.idx$/.test(name))).toEqual([]);
      await writeObjects(diskOps, join(path, "objects"), "sha1", objects);
      expect(git(path, ["fsck", "--strict", "--full", "--no-dangling"])).toBe("");
      expect(existsSync(join(path, "objects", packsIn(path)[0]!.replace(/pack$/, "idx")))).toBe(true);
    }
  });
});
