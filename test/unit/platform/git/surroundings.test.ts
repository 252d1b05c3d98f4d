import { appendFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { gitOf } from "../../../../src/platform/git/git-process.ts";
import { readRef } from "../../../../src/platform/git/ref-files.ts";
import { surroundingsOf } from "../../../../src/platform/git/surroundings.ts";
import { git, makeFolder } from "../../../support/git-repo.ts";

/** A bare repository with two commits, older first, and how to look around in it. */
function made() {
  const folder = makeFolder();
  onTestFinished(() => folder.remove());
  git(folder.path, ["init", "--bare", "--quiet", "repo.git"]);
  const at = join(folder.path, "repo.git");
  const run = (...argv: readonly string[]) => git(at, argv);
  const tree = run("mktree");
  const [old, tip] = ["one", "two"].map((message) => run("commit-tree", "-m", message, tree));
  run("update-ref", "refs/heads/waybill/state", tip ?? "");
  const look = (program?: string) =>
    surroundingsOf(gitOf(new Map(), program), at, ["waybill/state", "waybill/decisions"]);
  return { at, run, old: old ?? "", tip: tip ?? "", look };
}

test("finds every ref and file that git would take for a branch of ours, packed or not", async () => {
  const { at, run, old, tip, look } = made();
  for (const ref of ["tags/waybill/state", "waybill/state", "remotes/waybill/state", "remotes/o/r/waybill/decisions"])
    run("update-ref", `refs/${ref}`, old);
  run("update-ref", "refs/heads/not/waybill/state", old);
  run("pack-refs", "--all");
  mkdirSync(join(at, "waybill"));
  writeFileSync(join(at, "waybill/state"), `${old}\n`);
  const { namesakes } = await look();
  expect(namesakes.map(({ ref, branch, tip: to }) => `${ref} ${branch} ${to}`).toSorted()).toEqual([
    `refs/heads/waybill/state waybill/state ${tip}`,
    `refs/remotes/o/r/waybill/decisions waybill/decisions ${old}`,
    `refs/remotes/waybill/state waybill/state ${old}`,
    `refs/tags/waybill/state waybill/state ${old}`,
    `refs/waybill/state waybill/state ${old}`,
    "waybill/state waybill/state null",
  ]);
});

test("asks git only where files say that there may be other refs", async () => {
  const { run, old, tip, look } = made();
  const ours = { namesakes: [{ ref: "refs/heads/waybill/state", branch: "waybill/state", tip }], replaced: [] };
  run("update-ref", "refs/heads/other", old);
  expect(await look("no-such-git")).toMatchObject(ours);
  run("pack-refs", "--all");
  expect(await look("no-such-git")).toMatchObject(ours);
  run("symbolic-ref", "refs/heads/waybill/decisions", "refs/heads/other");
  const linked = { ref: "refs/heads/waybill/decisions", branch: "waybill/decisions", tip: old };
  expect((await look()).namesakes).toContainEqual(linked);
  run("symbolic-ref", "--delete", "refs/heads/waybill/decisions");
  for (const ref of ["tags/waybill/state", "waybill/decisions", "remotes/o/main"]) {
    run("update-ref", `refs/${ref}`, old);
    await expect(look("no-such-git"), ref).rejects.toThrow("cannot be started");
    run("update-ref", "-d", `refs/${ref}`);
  }
  expect(await look("no-such-git")).toMatchObject(ours);
});

test("finds a link that git takes for a symbolic ref, though it lists none where the link leads nowhere", async () => {
  const { at, run, old, look } = made();
  run("update-ref", "refs/heads/other", old);
  for (const place of ["refs/tags", ""]) {
    mkdirSync(join(at, place, "waybill"));
    symlinkSync("refs/heads/other", join(at, place, "waybill/state"));
  }
  expect(git(at, ["rev-parse", "tags/waybill/state"])).toBe(old);
  const told = (await look()).namesakes.map(({ ref, tip: to }) => [ref, to]);
  expect(told).toEqual(
    expect.arrayContaining([
      ["waybill/state", null],
      ["refs/tags/waybill/state", null],
    ]),
  );
});

test("answers as git does where a branch of ours is packed twice, or is a link", async () => {
  const { at, run, old, tip, look } = made();
  const found = async () => (await look()).namesakes.map(({ ref, tip: to }) => [ref, to]);
  run("pack-refs", "--all");
  appendFileSync(join(at, "packed-refs"), `${old} refs/heads/waybill/state\n`);
  expect(await found()).toEqual([["refs/heads/waybill/state", run("rev-parse", "refs/heads/waybill/state")]]);
  run("update-ref", "refs/heads/other", old);
  run("update-ref", "refs/heads/waybill/refs/heads/other", tip);
  symlinkSync("refs/heads/other", join(at, "refs/heads/waybill/state"));
  expect(await found()).toEqual([["refs/heads/waybill/state", old]]);
  const repository = { commonDir: at };
  const symbolic = { code: "state.repository.unsupported" };
  await expect(readRef(repository, "refs/heads/waybill/state")).rejects.toMatchObject(symbolic);
});

test.each([1024, 2 * 1024 * 1024])(
  "finds replaced objects among packed refs, whose file has %i bytes more",
  async (more) => {
    const { at, run, old, tip, look } = made();
    run("replace", old, tip);
    run("pack-refs", "--all");
    const packed = join(at, "packed-refs");
    const lines = Array.from(
      { length: Math.ceil(more / 100) },
      (_, i) => `${tip} refs/zz/${String(i).padStart(50, "0")}\n`,
    );
    appendFileSync(packed, lines.join(""));
    expect(await look()).toMatchObject({ replaced: [old] });
    run("update-ref", "-d", `refs/replace/${old}`);
    expect(await look()).toMatchObject({ replaced: [] });
  },
);

test("finds replaced objects, and files that change what git shows; empty ones change nothing", async () => {
  const { at, run, old, tip, look } = made();
  mkdirSync(join(at, "info"), { recursive: true });
  for (const file of ["info/attributes", "info/grafts", "objects/info/alternates"]) writeFileSync(join(at, file), "");
  expect(await look()).toMatchObject({ replaced: [], files: [] });
  run("replace", old, tip);
  for (const file of ["info/attributes", "objects/info/alternates"]) appendFileSync(join(at, file), "# something\n");
  writeFileSync(join(at, "info/grafts"), `${tip} ${old}\n`);
  expect(await look()).toEqual({
    namesakes: [{ ref: "refs/heads/waybill/state", branch: "waybill/state", tip }],
    replaced: [old],
    files: [
      { kind: "attributes", path: "info/attributes" },
      { kind: "grafts", path: "info/grafts" },
      { kind: "alternates", path: "objects/info/alternates" },
    ],
  });
});
