import { chmodSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { carryOver } from "../../../../src/platform/git/carry-over.ts";
import { diskOps } from "../../../../src/platform/git/file-ops.ts";
import { gitOf } from "../../../../src/platform/git/git-process.ts";
import { gitObject } from "../../../../src/platform/git/objects.ts";
import { writeObjects } from "../../../../src/platform/git/write-objects.ts";
import { git, makeFolder } from "../../../support/git-repo.ts";
import { testEnv } from "../../../support/native-under-test.ts";

const folder = makeFolder();
afterAll(() => folder.remove());

/** Blobs that nobody else has. */
const blobs = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => gitObject("sha1", "blob", Buffer.from(`${name} ${i}`)));

it("takes over what was written just now, few or many, and neither what is old, nor what was fetched, nor what is damaged", async () => {
  const [from, to] = ["from.git", "to.git"].map((name) => join(folder.path, name));
  for (const path of [from!, to!]) git(folder.path, ["init", "-q", "--bare", path]);
  const objects = join(from!, "objects");
  const written = new Map<string, string>();
  for (const name of ["few", "many", "old", "fetched", "damaged"]) {
    const before = new Set(readdirSync(join(objects, "pack")));
    const made = blobs(name, name === "few" ? 3 : 120);
    await writeObjects(diskOps, objects, "sha1", made);
    written.set(name, made[0]!.oid);
    const pack = readdirSync(join(objects, "pack")).find((each) => !before.has(each) && each.endsWith(".pack"));
    const path = join(objects, "pack", (pack ?? "").replace(/\.pack$/, ""));
    if (name === "old") utimesSync(`${path}.idx`, 0, 0);
    if (name === "fetched") writeFileSync(`${path}.promisor`, "");
    if (name !== "damaged") continue;
    const bytes = readFileSync(`${path}.pack`);
    bytes[bytes.length >> 1]! ^= 0x55;
    chmodSync(`${path}.pack`, 0o644);
    writeFileSync(`${path}.pack`, bytes);
  }
  const exchanged = { from: objects, to: join(to!, "objects"), damaged: null, now: new Date() };
  await carryOver(gitOf(testEnv(folder.path)), exchanged);
  const isThere = (oid: string) =>
    git(to!, ["cat-file", "--batch-check"], Buffer.from(`${oid}\n`)) === `${oid} missing` ? [] : [oid];
  expect([...written].flatMap(([name, oid]) => (isThere(oid).length > 0 ? [name] : []))).toEqual(["few", "many"]);
  expect(git(to!, ["fsck", "--full", "--no-dangling"])).toBe("");
});
