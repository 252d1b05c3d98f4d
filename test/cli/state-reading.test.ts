import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { ToolError } from "../../src/kernel/errors.ts";
import { initialise } from "../../src/gate/setup/initialise.ts";
import { DECISIONS, SNAPSHOT, STATE } from "../../src/state/branches.ts";
import { makeKey } from "../support/gate-world.ts";
import { appDocument, commitFiles, printed } from "../support/facts.ts";
import { testAct } from "../support/git-repo.ts";
import { memoryFolder } from "../support/memory-folder.ts";
import { runCli, runJson } from "../support/run-cli.ts";
import { makeWorld, type TestWorld } from "../support/world.ts";

let world: TestWorld;

beforeEach(async () => {
  world = makeWorld();
  await initialise(world.ground, testAct("init", "2026-11-19T10:00:00Z"), {
    founders: [{ person: "alice", publicKey: makeKey().publicKey }],
    proof: "signed",
    tenantId: "acme",
    repoId: "repo_1",
    forgeRepositoryId: null,
  });
});

/** The world of somebody who has one branch only, and no memory. */
function worldWith(only: string): TestWorld {
  const head = (branch: string) => world.store.head(branch === only ? branch : "waybill/none");
  const store = { ...world.store, head };
  return { ...world, store, ground: { ...world.ground, store, cache: memoryFolder() } };
}

describe("waybill state verify", () => {
  test("says what it walked, as of when, and that no checkpoint vouches", async () => {
    const { exit, stdout } = await runCli(["state", "verify", "--no-color"], { world, columns: 100 });
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^Verified +1 commit of facts and 1 decision from the root, offline in [\d.]+ s\n/);
    expect(stdout).toMatch(/As of +state [0-9a-f]{7} \(1 h old\), decisions [0-9a-f]{7} \(1 h old\), no checkpoint\n/);
    expect((await runCli(["state", "verify"], { world })).stdout).toContain("(2 remembered; --full starts over)");
  });

  test("names rule, commit, path and what to do, and exits 1", async () => {
    const commit = await commitFiles(world.store, { "notes.txt": "by hand" });
    const { exit, stdout } = await runCli(["state", "verify", "--no-color"], { world, columns: 120 });
    expect(exit).toBe(1);
    expect(stdout).toMatch(/^Violated +2 violations in 1 of 3 commits\n/);
    expect(stdout).toMatch(
      new RegExp(`path\\.unknown +${commit.slice(0, 7)} +notes\\.txt is at no path of a document`),
    );
    expect(stdout).toMatch(/readers +Readers leave it out\.\n +next +find who pushed/);
    const json = await runJson(["state", "verify"], { world });
    world.schemas.check("state-verify-result.v1", json.result, "result");
    expect(json).toMatchObject({
      exit: 1,
      error: { code: "state.verify.violated", data: { violation_count: 2 } },
      result: { status: "violated", commits_violated: 1 },
    });
  });

  test.each([
    [STATE, { facts: { commits: 1 }, decisions: null }],
    [DECISIONS, { facts: null, decisions: { commits: 1 } }],
  ])("with %s only it is incomplete and exits 4, and says what was not checked", async (only, walked) => {
    const { exit, result } = await runJson(["state", "verify"], { world: worldWith(only) });
    world.schemas.check("state-verify-result.v1", result, "result");
    expect([exit, result]).toMatchObject([4, { status: "incomplete", ...walked, violations: [] }]);
    const shown = await runCli(["state", "verify", "--no-color"], { world: worldWith(only), columns: 400 });
    const other = only === STATE ? DECISIONS : STATE;
    expect(shown.stdout).toMatch(
      new RegExp(`^Incomplete +${other}: There is no branch ${other} here; git fetch origin`),
    );
    expect(shown.stdout).toMatch(/Unchecked +every rule about/);
  });

  test("without either branch there is nothing to verify", async () => {
    expect(await runJson(["state", "verify"], { world: worldWith("none") })).toMatchObject({
      exit: 2,
      error: { code: "state.branch.missing" },
    });
  });

  test("asks where artifacts are stored only to read them", async () => {
    const lost = { ...world, openArtifacts: () => Promise.reject(new ToolError("usage.missing_argument", "nowhere")) };
    expect((await runJson(["state", "verify"], { world: lost })).exit).toBe(0);
    expect((await runJson(["state", "verify", "--artifacts"], { world: lost })).exit).toBe(2);
  });

  test("with --verbose it says of each rule what it saw, and all that nobody can tell", async () => {
    const { stdout } = await runCli(["state", "verify", "--verbose"], { world });
    expect(stdout).toMatch(/^audit\.append_only\t2\tfiles\troot\t0$/m);
    expect(stdout).toMatch(/^decision\.conforming\t1\tdecisions\troot\t0$/m);
    expect(stdout).toMatch(/^Unchecked +who pushed a commit/m);
    // There is no snapshot yet, so that none was compared.
    expect(stdout).not.toMatch(/^snapshot\.differs/m);
    expect((await runCli(["state", "verify"], { world })).stdout).not.toMatch(
      /who pushed a commit|decision\.conforming/,
    );
  });

  test("what a commit says of itself is marked as that, without an address", async () => {
    await commitFiles(world.store, { "notes.txt": "by hand" });
    const { stdout } = await runCli(["state", "verify", "--no-color"], { world, columns: 200 });
    expect(stdout).toMatch(/ by +\S.*, says the commit of itself\n/);
    expect(stdout).not.toContain("@");
  });

  test("wraps at the width of a terminal, and never inside a word", async () => {
    await commitFiles(world.store, { "notes.txt": "by hand" });
    for (const columns of [60, 100]) {
      const { stdout } = await runCli(["state", "verify", "--no-color"], { world, columns });
      const long = stdout.split("\n").filter((line) => line.length >= columns && line.trim().split(/ +/).length > 2);
      expect(long).toEqual([]);
    }
  });
});

describe("waybill state verify --sarif", () => {
  const rulesIn = (text: string) => [...text.matchAll(/"ruleId": "([^"]*)"/g)].map(([, id]) => id);

  test("writes a file beside the answer, and ends with the same exit", async () => {
    await commitFiles(world.store, { "notes.txt": "by hand" });
    const file = join(world.folder, "out", "verify.sarif");
    const { exit, stdout } = await runCli(["state", "verify", "--sarif", file, "--no-color"], { world, columns: 120 });
    expect(exit).toBe(1);
    expect(stdout).toMatch(/^Violated/);
    expect(rulesIn(readFileSync(file, "utf8"))).toEqual(["path.unknown", "audit.missing"]);
  });

  test("prints it in place of the screen, also on a terminal", async () => {
    for (const columns of [undefined, 60]) {
      const { exit, stdout } = await runCli(["state", "verify", "--sarif", "-"], {
        world,
        ...(columns && { columns }),
      });
      expect([exit, JSON.parse(stdout), rulesIn(stdout)]).toMatchObject([0, { version: "2.1.0" }, []]);
    }
  });

  test("refuses two answers on stdout, and no name", async () => {
    for (const argv of [
      ["--json", "--sarif", "-"],
      ["--json", "--sarif="],
    ])
      expect(await runJson(["state", "verify", ...argv], { world })).toMatchObject({
        exit: 2,
        error: { code: "usage.invalid_argument" },
      });
  });
});

describe("waybill sql", () => {
  beforeEach(() => commitFiles(world.store, { "dist/apps/notes/app.json": printed(appDocument("notes")) }));

  test("prints a table, to a pipe without its head", async () => {
    const query = "SELECT slug, 'Ada' AS owner, NULL AS missing FROM apps";
    const shown = await runCli(["sql", query, "--no-color"], { world, columns: 80 });
    expect(shown.stderr).toBe("");
    expect(shown.stdout).toMatch(/^slug +owner +missing\nnotes +Ada +-\n$/i);
    expect((await runCli(["sql", query], { world })).stdout).toBe("notes\tAda\t-\n");
  });

  test("says when a bound left rows out, and when there are none", async () => {
    const json = await runJson(["sql", "SELECT 1 UNION SELECT 2", "--limit", "1"], { world });
    expect(json.result).toEqual({ schema: "sql-result.v1", columns: ["1"], rows: [[1]], more: true });
    expect((await runCli(["sql", "SELECT 1 WHERE 0"], { world })).stderr).toBe("No rows\n");
  });

  test.each([
    "DELETE FROM apps",
    "WITH x AS (SELECT 1) DELETE FROM apps",
    "SELECT 1; DELETE FROM apps",
    "/* SELECT */ DROP TABLE apps",
    "PRAGMA query_only=OFF",
    "ATTACH 'x' AS y",
    "SELECT FROM",
    "",
  ])("refuses %j", async (query) => {
    const json = await runJson(["sql", query], { world });
    expect(json).toMatchObject({ exit: 2, error: { code: "sql.invalid" } });
    expect((await runJson(["sql", "SELECT count(*) FROM apps"], { world })).result).toMatchObject({ rows: [[1]] });
  });

  test("needs a whole number of rows", async () => {
    expect(await runJson(["sql", "SELECT 1", "--limit", "0"], { world })).toMatchObject({ exit: 2 });
  });

  test("names documents that were left out", async () => {
    await commitFiles(world.store, { "dist/apps/bad/app.json": "{}\n" });
    const { warnings } = await runJson(["sql", "SELECT slug FROM apps"], { world });
    expect(warnings).toMatchObject([{ code: "state.document.invalid", data: { path: "dist/apps/bad/app.json" } }]);
  });
});

describe("waybill snapshot", () => {
  test("is built, and published once for each tip", async () => {
    const built = await runJson(["snapshot", "build"], { world });
    expect(built).toMatchObject({ exit: 0, result: { problems: 0, commit: null, file: null } });
    const published = await runJson(["snapshot", "publish"], { world });
    expect(published.result).toMatchObject({ commit: await world.store.head(SNAPSHOT) });
    expect((await runJson(["snapshot", "publish"], { world })).result).toMatchObject({ commit: null });
  });
});

test("waybill state stats counts what the branches hold", async () => {
  const { result } = await runJson(["state", "stats"], { world });
  expect(result).toMatchObject({
    facts: { commits: 1, seq: 1, files: 2 },
    decisions: { commits: 1 },
    kinds: [
      { name: "audit-event.v1", files: 1 },
      { name: "state.v1", files: 1 },
    ],
  });
  expect((await runCli(["state", "stats", "--no-color"], { world, columns: 100 })).stdout).toContain("1 commit ");
});

describe("waybill state seal", () => {
  test("on a fresh repository there is nothing to seal, and it says why", async () => {
    const json = await runJson(["state", "seal"], { world });
    expect(json).toMatchObject({
      exit: 0,
      result: { planned: false, before: "2026-11-19", commits: [], sealed: [], waiting: [] },
    });
    expect((await runCli(["state", "seal"], { world })).stderr).toContain(
      "Nothing from before 2026-11-19 is left to seal",
    );
  });

  test.each(["2026-13-01", "yesterday", "2026-02-30"])("refuses --before %s", async (day) => {
    expect(await runJson(["state", "seal", "--before", day], { world })).toMatchObject({
      exit: 2,
      error: { code: "usage.invalid_argument" },
    });
  });
});
