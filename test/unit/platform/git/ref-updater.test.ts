import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isOid } from "../../../../src/kernel/oid.ts";
import { gitOf } from "../../../../src/platform/git/git-process.ts";
import { RefUpdater } from "../../../../src/platform/git/ref-updater.ts";
import { git, makeFolder } from "../../../support/git-repo.ts";
import { testEnv } from "../../../support/native-under-test.ts";

let folder: ReturnType<typeof makeFolder>;
let repository: string;
beforeEach(() => {
  folder = makeFolder();
  repository = join(folder.path, "repository.git");
  git(folder.path, ["init", "-q", "--bare", repository]);
});
afterEach(() => folder.remove());

const commit = () => {
  const tree = git(repository, ["hash-object", "-t", "tree", "-w", "--stdin"], new Uint8Array());
  const oid = git(repository, ["commit-tree", tree, "-m", "a"]);
  if (!isOid(oid)) throw new Error(oid);
  return oid;
};

it("moves a ref with the git that it started ahead, and with another after one that lost", async () => {
  const updater = new RefUpdater(gitOf(testEnv(folder.path)), repository, "sha1");
  updater.begin();
  const oid = commit();
  expect(await updater.swap("refs/heads/a", null, oid)).toBe("swapped");
  expect(await updater.swap("refs/heads/a", null, oid)).toBe("lost");
  updater.begin();
  expect(await updater.swap("refs/heads/a", oid, null)).toBe("swapped");
  await updater.close();
});

it("says that there is no git when a ref is to be moved, not when it starts ahead", async () => {
  const updater = new RefUpdater(gitOf(testEnv(folder.path), join(folder.path, "no-git")), repository, "sha1");
  updater.begin();
  const oid = commit();
  await expect(updater.swap("refs/heads/a", null, oid)).rejects.toMatchObject({ code: "state.repository.unsupported" });
  await updater.close();
});
