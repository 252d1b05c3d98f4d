import { onTestFinished, describe, expect, it } from "vitest";
import { refsUnambiguous } from "../../../../src/distribution/doctor/refs-unambiguous.ts";
import { isOid } from "../../../../src/kernel/oid.ts";
import { DECISIONS, STATE } from "../../../../src/state/branches.ts";
import { examineBy } from "../../../support/examine.ts";
import { git, makeFolder } from "../../../support/git-repo.ts";
import { readingWorld } from "../../../support/reading-world.ts";

/** A world, and beside it a clone on disk with refs of its own. */
async function cloned() {
  const made = makeFolder();
  onTestFinished(() => made.remove());
  git(made.path, ["init", "-q", "--bare", "."]);
  const tree = git(made.path, ["mktree"]);
  const commit = git(made.path, ["commit-tree", tree, "-m", "other"]);
  const world = await readingWorld();
  const repository = { location: made.path, gitDir: made.path, workTree: null, github: null, made: false };
  return { world: { ...world, repository }, commit, run: (...args: readonly string[]) => git(made.path, args) };
}

describe("refs.unambiguous", () => {
  it("finds nothing wrong with a clone without such names, nor with an address", async () => {
    expect(await examineBy(refsUnambiguous, (await cloned()).world)).toEqual([]);
    expect(await examineBy(refsUnambiguous, await readingWorld())).toEqual([]);
  });

  it("warns of a tag and of a stale local branch, loose or packed", async () => {
    const { world, commit, run } = await cloned();
    run("tag", STATE, commit);
    run("branch", DECISIONS, commit);
    const expected = [
      { status: "warn", fix: `git tag --delete ${STATE}` },
      { status: "warn", fix: `Nothing reads it: git branch --delete --force ${DECISIONS}` },
    ];
    expect(await examineBy(refsUnambiguous, world)).toMatchObject(expected);
    run("pack-refs", "--all");
    expect(await examineBy(refsUnambiguous, world)).toMatchObject(expected);
  });

  it("takes a local branch that is at the tip for the branch itself", async () => {
    const { world, commit, run } = await cloned();
    run("branch", STATE, commit);
    const tip = isOid(commit) ? commit : null;
    const store = { ...world.store, head: async (branch: string) => (branch === STATE ? tip : null) };
    const ground = { ...world.ground, store };
    expect(await examineBy(refsUnambiguous, { ...world, ground })).toEqual([]);
  });
});
