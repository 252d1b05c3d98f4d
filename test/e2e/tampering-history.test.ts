import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import initSqlJs from "sql.js";
import { checksum } from "../../src/inspect/checksum.ts";
import { sha256Hex } from "../../src/kernel/digest.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  errorOf,
  expectClean,
  expectFound,
  expectKept,
  expectViolated,
  plainClone,
  verify,
  violationsOf,
} from "../support/tampering-checks.ts";
import { cloneOf, DECISIONS, makeTemplate, run, type Stage, STATE, stageFrom } from "../support/tampering-stage.ts";

let template: Awaited<ReturnType<typeof makeTemplate>>;
beforeAll(async () => {
  template = await makeTemplate();
}, 120_000);
afterAll(() => template.remove());

const readers: readonly (readonly string[])[] = [
  ["dist", "channel", "list", "--app", "acme"],
  ["dist", "channel", "show", "stable", "--app", "acme"],
  ["dist", "release", "show", "acme@1.0.0"],
  ["dist", "download", "--app", "acme", "--channel", "stable", "--platform", "linux", "--dry-run"],
  ["dist", "release", "promote", "acme@1.1.0", "--channel", "stable", "--reason", "now"],
  ["waybill", "gate", "list"],
];

/** Holds that every command of bob's refuses with a code and exit 1. */
async function expectRefused(stage: Stage, code: string): Promise<void> {
  for (const [program = "", ...argv] of readers) {
    const answer = await stage.ask("bob", program, ...argv);
    expect([argv.join(" "), answer["exit"], errorOf(answer)["code"]]).toEqual([argv.join(" "), 1, code]);
  }
}

describe("a branch that goes back", () => {
  it.each([
    ["facts", STATE],
    ["decisions", DECISIONS],
  ])("is found by whoever has seen more: %s by one", async (_what, branch) => {
    const stage = stageFrom(template);
    await expectClean(stage);
    const tip = stage.git("rev-parse", `refs/heads/${branch}`);
    stage.git("update-ref", `refs/heads/${branch}`, `${tip}^`);
    const answer = await verify(stage, "bob");
    expectViolated(answer, [{ rule: "state.ref.rewound", commit: stage.git("rev-parse", `${tip}^`) }]);
    expect(JSON.stringify(violationsOf(answer))).toContain(tip);
    await expectRefused(stage, "state.ref.rewound");
    stage.git("update-ref", `refs/heads/${branch}`, tip);
    expect((await verify(stage, "bob"))["exit"]).toBe(0);
  });

  it("is found where it is replaced by another of the same length", async () => {
    const stage = stageFrom(template);
    await expectClean(stage);
    const clone = cloneOf(stage, STATE);
    const message = clone.git("log", "-1", "--format=%B");
    clone.git("reset", "--quiet", "--soft", "HEAD^");
    clone.git("commit", "--quiet", "--message", `${message}\n`);
    clone.git("push", "--quiet", "--force", "origin", `HEAD:refs/heads/${STATE}`);
    expectViolated(await verify(stage, "bob"), [{ rule: "state.ref.rewound" }]);
    await expectRefused(stage, "state.ref.rewound");
  });

  it("of facts is found by anybody where a decision has seen more", async () => {
    const stage = stageFrom(template);
    const seen = /"commit": "([0-9a-f]{40})"/.exec(stage.git("show", `${DECISIONS}:channels/acme/stable.json`))?.[1];
    stage.git("update-ref", `refs/heads/${STATE}`, `${seen ?? ""}^`);
    await expectFound(stage, { rule: "decision.seen_false", path: "channels/acme/stable.json" });
  });
});

describe("branches that were deleted and made again", () => {
  it("are another history, however valid, for all who know the root or are given it", async () => {
    const stage = stageFrom(template);
    await expectClean(stage);
    const root = stage.git("rev-list", "--max-parents=0", DECISIONS);
    const other = join(stage.folder, "other.git");
    const key = join(stage.folder, "mallory.pub");
    await stage.sure("mallory", "waybill", "init", other, "--approver", "mallory", "--key", key);
    run(
      stage.folder,
      ["-C", other, "push", "--quiet", "--force", stage.repository, "refs/heads/*:refs/heads/*"],
      stage.as("mallory"),
    );
    expectViolated(await verify(stage, "bob"), [{ rule: "root.mismatch" }, { rule: "state.ref.rewound" }]);
    const list = await stage.ask("bob", "dist", "channel", "list", "--app", "acme");
    expect([list["exit"], errorOf(list)["code"]]).toEqual([
      1,
      expect.stringMatching(/^state\.(?:root\.mismatch|ref\.rewound)$/),
    ]);
    // A second machine, which was never here, is told the root.
    const told = await stage.ask("dora", "waybill", "state", "verify", "--root", root);
    expectViolated(told, [{ rule: "root.mismatch" }]);
    const reader = await stage.ask("dora", "dist", "app", "list", "--root", root);
    expect([reader["exit"], errorOf(reader)["code"]]).toEqual([1, "state.root.mismatch"]);
  });
});

describe("a clone that is not whole", () => {
  it.each([
    ["shallow", ["--depth", "1", "--no-single-branch"]],
    ["of one branch", ["--single-branch", "--branch", STATE]],
    ["without blobs", ["--filter=blob:none", "--no-checkout"]],
  ])("%s is incomplete, never verified", async (_what, flags) => {
    const stage = stageFrom(template);
    stage.git("config", "uploadpack.allowFilter", "true");
    const machine = stage.as("carol");
    const clone = join(machine.folder, "partial");
    run(machine.folder, ["clone", "--quiet", ...flags, `file://${stage.repository}`, clone], machine);
    const answer = await verify(stage, "carol", "--server", clone, "--offline");
    expect([answer["exit"], errorOf(answer)["code"], violationsOf(answer)]).toEqual([4, "state.verify.incomplete", []]);
  });
});

/** Pushes a database that claims another version, with a trigger and a view. */
async function plantSnapshot(stage: Stage): Promise<void> {
  const sql = await initSqlJs();
  const db = new sql.Database();
  db.run("CREATE TABLE x (a); CREATE TRIGGER t AFTER INSERT ON x BEGIN SELECT load_extension('x'); END");
  db.run("CREATE VIEW channels AS SELECT 'acme' AS app, 'stable' AS name, '6.6.6' AS version");
  const clone = cloneOf(stage, STATE);
  clone.git("checkout", "--quiet", "--orphan", "snapshot");
  clone.git("rm", "-rq", "--cached", ".");
  clone.write("snapshot.sqlite", db.export());
  clone.git("add", "snapshot.sqlite");
  clone.git("commit", "--quiet", "--message", "planted");
  clone.git("push", "--quiet", "origin", "HEAD:refs/heads/waybill/snapshot");
}

describe("what git has besides objects and branches", () => {
  it("homonyms and a planted snapshot never win, whichever there are", async () => {
    const stage = stageFrom(template);
    await plantSnapshot(stage);
    const tree = stage.git("rev-parse", `${DECISIONS}^{tree}`);
    const evil = stage.git("commit-tree", tree, "-m", "evil");
    const names = [
      "tags/waybill/state",
      "tags/waybill/decisions",
      "tags/heads/waybill/state",
      "heads/refs/heads/waybill/decisions",
    ];
    for (const name of [...names, "remotes/origin/waybill/state"]) stage.git("update-ref", `refs/${name}`, evil);
    await expectClean(stage);
    await expectKept(stage, null);
  });

  it("replaced objects and grafts are not looked at", async () => {
    const stage = stageFrom(template);
    const clone = plainClone(stage, "carol");
    const git = (...argv: string[]) => run(clone, argv, stage.as("carol"));
    const tip = git("rev-parse", `origin/${STATE}`);
    git("replace", tip, `${tip}~3`);
    git("replace", "--graft", `origin/${DECISIONS}`);
    writeFileSync(join(clone, ".git", "info", "grafts"), `${tip}\n`);
    const answer = await verify(stage, "carol", "--server", clone, "--offline");
    expect([answer["exit"], violationsOf(answer)]).toEqual([0, []]);
    expect(answer["result"]).toMatchObject({ facts: { tip } });
  });

  it("an object that was overwritten on disk is found by its hash", async () => {
    const stage = stageFrom(template);
    const clone = cloneOf(stage, STATE);
    const path = "dist/apps/acme/releases/1.0/1.0.0.json";
    const [before, after] = [
      clone.git("rev-parse", `HEAD:${path}`),
      clone.git("hash-object", "-w", join(clone.folder, "state.json")),
    ];
    const file = (folder: string, oid: string) => join(folder, "objects", oid.slice(0, 2), oid.slice(2));
    const bytes = readFileSync(file(join(clone.folder, ".git"), after));
    rmSync(file(stage.repository, before), { force: true });
    writeFileSync(file(stage.repository, before), bytes);
    const answer = await verify(stage, "bob");
    expectViolated(answer, [{ rule: "object.intact" }]);
  });
});

describe("what lies in the user's cache", () => {
  it("is not looked at where others may have written it: no command goes on", async () => {
    const stage = stageFrom(template);
    const list = () => stage.ask("bob", "dist", "channel", "list", "--app", "acme");
    expect((await list())["exit"]).toBe(0);
    chmodSync(stage.as("bob").path("cache", "waybill"), 0o777);
    const refused = await list();
    expect([refused["exit"], errorOf(refused)["code"]]).toEqual([1, "file.not_permitted"]);
  });
});

describe("a snapshot in the user's cache", () => {
  it("is held against the branches, and named where it differs", async () => {
    const stage = stageFrom(template);
    await stage.sure("bob", "dist", "channel", "list", "--app", "acme");
    const cache = stage.as("bob").path("cache");
    const names = readdirSync(cache, { recursive: true, encoding: "utf8" });
    const pathOf = (ending: RegExp) => join(cache, names.find((name) => ending.test(name)) ?? "?");
    const path = pathOf(/\/snapshot-core-[0-9a-f]+$/);
    const sql = await initSqlJs();
    const db = new sql.Database(readFileSync(path));
    db.run("UPDATE channels SET version = '6.6.6'");
    const bytes = Buffer.from(db.export());
    db.close();
    // The head begins with its own digest, and names the core by its.
    const head = readFileSync(pathOf(/\/snapshot$/));
    const text = head.subarray(head.indexOf(0x0a) + 1).toString();
    const name = { sha256: sha256Hex(bytes), checksum: checksum(bytes) };
    const rest = text.replace(/"core":\{[^}]*\}/, `"core":${JSON.stringify(name)}`);
    writeFileSync(pathOf(/\/snapshot$/), `${sha256Hex(Buffer.from(rest))}\n${rest}`);
    writeFileSync(path.replace(/[0-9a-f]+$/, sha256Hex(bytes).slice(0, 16)), bytes);
    expectViolated(await verify(stage, "bob"), [{ rule: "snapshot.differs", data: { tables: ["channels"] } }]);
  });
});
