import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openNativeStore } from "../../../../src/platform/git/native-store.ts";
import { DECISIONS, STATE } from "../../../../src/state/branches.ts";
import { git } from "../../../support/git-repo.ts";
import { type HonestWorld, honestHistory } from "../../../support/honest-history.ts";
import { memoryFolder } from "../../../support/memory-folder.ts";
import { testEnv } from "../../../support/native-under-test.ts";
import { onDisk, type RealRepository } from "../../../support/real-repository.ts";

let world: HonestWorld;
let repository: RealRepository;
let cache: ReturnType<typeof memoryFolder>;

beforeEach(async () => {
  world = await honestHistory();
  repository = onDisk(world.repository);
  cache = memoryFolder();
});

afterEach(() => repository.remove());

/** Verifies through the native store, with what this user remembers. */
async function verify(location = repository.bare) {
  const store = await openNativeStore({ location, env: testEnv(repository.folder), cache: repository.folder });
  try {
    return await world.verify({ ground: { store, cache } });
  } finally {
    await store.close();
  }
}

const found = ({ violations }: Awaited<ReturnType<typeof verify>>) =>
  violations.map(({ rule, path }) => `${rule} ${path}`);

/** Changes a file on a branch with plain git and pushes it. */
function push(branch: string, path: string, change: (before: string) => string | null): string {
  let commit = "";
  repository.onBranch(branch, (run) => {
    const file = join(repository.clone, path);
    const text = change(before(file));
    if (text === null) rmSync(file);
    else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    run("add", "-A");
    run("commit", "-q", "-m", "By hand");
    commit = run("rev-parse", "HEAD");
  });
  return commit;
}

function before(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

test("an untouched repository is verified, in place and in a plain clone", async () => {
  expect(await verify()).toMatchObject({ status: "verified", violations: [] });
  expect(await verify(repository.clone)).toMatchObject({ status: "verified", decisions: { commits: 2 } });
});

describe("what a person pushes with plain git is found", () => {
  test("an edited release", async () => {
    const commit = push(STATE, world.paths.release, (text) => text.replace('"notes": null', '"notes": "better"'));
    const result = await verify();
    expect(found(result)).toContain(`release.frozen ${world.paths.release}`);
    expect(found(result)).toContain("history.not_linear null");
    expect(result.violations.map(({ commit: at }) => at)).toEqual(result.violations.map(() => commit));
  });

  test("a deleted and an edited audit event", async () => {
    push(STATE, world.paths.event, () => null);
    expect(found(await verify())).toContain(`audit.append_only ${world.paths.event}`);
  });

  test("a gated pointer that was moved", async () => {
    const path = "channels/notes/stable.json";
    const commit = push(DECISIONS, path, (text) => text.replace('"version": "1.0.0"', '"version": "6.6.6"'));
    const result = await verify();
    expect(result.violations).toMatchObject([
      { rule: "decision.conforming", branch: DECISIONS, commit, path, data: { condition: "shape" } },
    ]);
  });

  test("a policy that was pushed", async () => {
    const commit = push(DECISIONS, "policy.json", (text) => text.replace('"min_approvals": 1', '"min_approvals": 2'));
    expect((await verify()).violations).toMatchObject([{ rule: "decision.conforming", commit, path: "policy.json" }]);
  });

  test("a branch that was rewound", async () => {
    await verify();
    const tip = git(repository.bare, ["rev-parse", STATE]);
    git(repository.bare, ["update-ref", `refs/heads/${STATE}`, `${tip}~1`]);
    const result = await verify();
    expect(found(result)).toContain("state.ref.rewound null");
    expect(result.violations[0]?.data).toMatchObject({ remembered: { commit: tip } });
  });

  test.each([".gitattributes", "dist/apps/con/app.json", "dist/Apps/notes/app.json", ".gitmodules"])(
    "%s",
    async (path) => {
      push(STATE, path, () => "*.json export-ignore\n");
      expect(found(await verify())).toContain(`path.unknown ${path}`);
    },
  );

  test("a program and a link in the place of documents", async () => {
    repository.onBranch(STATE, (run) => {
      run("update-index", "--chmod=+x", "dist/apps/notes/app.json");
      run("commit", "-q", "-m", "By hand");
    });
    expect(found(await verify())).toContain("path.unknown dist/apps/notes/app.json");
  });

  test("every commit without a count, also one that says that a command wrote it", async () => {
    const commits: string[] = [];
    repository.onBranch(STATE, (run) => {
      for (const message of [
        "By hand",
        "Again",
        "Publish\n\nWaybill-Operation: op_1\nWaybill-Command: dist ci publish",
      ]) {
        run("commit", "-q", "--allow-empty", "-m", message);
        commits.push(run("rev-parse", "HEAD"));
      }
    });
    const { violations } = await verify();
    expect(violations.map(({ rule, commit }) => [rule, commit])).toEqual(
      commits.map((commit) => ["history.not_linear", commit]),
    );
  });

  test("a merge of another branch", async () => {
    repository.onBranch(STATE, (run) => {
      run("merge", "-q", "--allow-unrelated-histories", "-s", "ours", "-m", "Merge", `origin/${DECISIONS}`);
    });
    expect(found(await verify())).toEqual(["history.not_linear null", "history.not_linear null"]);
  });
});

test("attributes that hide documents from git do not hide them from readers", async () => {
  push(STATE, ".gitattributes", () => "*.json export-ignore\n");
  expect((await verify()).facts?.commits).toBe((await world.verify()).facts!.commits + 1);
});

test("a shallow clone is incomplete, never verified", async () => {
  const shallow = join(repository.folder, "shallow");
  git(repository.folder, [
    "clone",
    "-q",
    "--depth=1",
    "--no-single-branch",
    "-n",
    `file://${repository.bare}`,
    shallow,
  ]);
  expect(await verify(shallow)).toMatchObject({ status: "incomplete", violations: [] });
});

test("a clone of one branch is incomplete", async () => {
  const single = join(repository.folder, "single");
  git(repository.folder, ["clone", "-q", "-n", "--single-branch", "-b", STATE, `file://${repository.bare}`, single]);
  git(single, ["remote", "remove", "origin"]);
  expect(await verify(single)).toMatchObject({ status: "incomplete", missing: [{ branch: DECISIONS }] });
});
