import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Oid } from "../../src/kernel/oid.ts";
import { openNativeStore } from "../../src/platform/git/native-store.ts";
import type { GitStore } from "../../src/ports/git-store.ts";
import { DECISIONS, STATE } from "../../src/state/branches.ts";
import { git, makeFolder } from "../support/git-repo.ts";
import { honestHistory, type HonestWorld } from "../support/honest-history.ts";
import { memoryFolder } from "../support/memory-folder.ts";
import { testEnv } from "../support/native-under-test.ts";
import { type Driven, makeDrivers, READER_NAMES } from "./drivers.ts";
import { planter } from "./plant.ts";

let world: HonestWorld;
let drivers: readonly Driven[];
let evil: Oid;

const tipOf = (branch: string): Oid => world.repository.branches.get(branch)!;

beforeAll(async () => {
  world = await honestHistory();
  drivers = await makeDrivers();
  const plant = planter(world.repository);
  const tree = plant.splice(plant.treeOfCommit(tipOf(STATE)), world.paths.release, "{}\n");
  evil = plant.commit(tree, [tipOf(STATE)]);
}, 60_000);

afterAll(async () => {
  await Promise.all(drivers.map((driver) => driver.close()));
});

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** What git has besides objects and the branches themselves, each of which some command of git would follow. */
const tricks: Readonly<Record<string, (gitDir: string) => void>> = {
  "tags and branches of the same names": (gitDir) => {
    const names = ["waybill/state", "waybill/decisions", "heads/waybill/state", "refs/heads/waybill/decisions"];
    for (const name of names) write(join(gitDir, "refs", "tags", name), `${evil}\n`);
    for (const name of ["refs/heads/waybill/state", "heads/waybill/decisions", "origin/waybill/state"])
      write(join(gitDir, "refs", "heads", name), `${evil}\n`);
    for (const name of ["waybill/state", "refs/heads/waybill/state", "WAYBILL_HEAD"])
      write(join(gitDir, name), `${evil}\n`);
    appendFileSync(join(gitDir, "packed-refs"), `${evil} refs/heads/waybill/state\n${evil} refs/tags/waybill/x\n`);
  },
  "replaced objects": (gitDir) => {
    for (const branch of [STATE, DECISIONS]) write(join(gitDir, "refs", "replace", tipOf(branch)), `${evil}\n`);
    // Plain git believes it.
    expect(git(gitDir, ["cat-file", "commit", tipOf(STATE)])).toBe(git(gitDir, ["cat-file", "commit", evil]));
  },
  "objects of another repository": (gitDir) => {
    const alternate = join(gitDir, "..", "alternate");
    for (const oid of world.repository.objects.keys())
      write(join(alternate, oid.slice(0, 2), oid.slice(2)), deflateSync(Buffer.from("blob 4\0evil")));
    write(join(gitDir, "objects", "info", "alternates"), `${alternate}\n`);
  },
};

/** Tricks of one clone, which a server would hand on in what it sends; git makes no commit-graph where there are grafts. */
const local: Readonly<Record<string, (gitDir: string) => void>> = {
  "a wrong commit-graph": (gitDir) => {
    git(gitDir, ["update-ref", "refs/waybill-test", tipOf(STATE)]);
    execFileSync("git", ["commit-graph", "write", "--reachable"], { cwd: gitDir, stdio: "ignore" });
    const path = join(gitDir, "objects", "info", "commit-graph");
    const bytes = readFileSync(path);
    const offsetOf = (id: string) => Number(bytes.readBigUInt64BE(bytes.indexOf(id) + 4));
    const [ids, data] = [offsetOf("OIDL"), offsetOf("CDAT")];
    // Every commit loses its parents: 0x70000000 stands for none.
    for (let at = 0; ids + at * 20 < data; at += 1) bytes.writeUInt32BE(0x70000000, data + at * 36 + 20);
    chmodSync(path, 0o644);
    writeFileSync(path, bytes);
    expect(git(gitDir, ["rev-list", "--count", tipOf(STATE)])).toBe("1");
  },
  grafts: (gitDir) => {
    write(join(gitDir, "info", "grafts"), `${tipOf(STATE)}\n${tipOf(DECISIONS)}\n`);
    expect(git(gitDir, ["rev-list", "--count", tipOf(STATE)])).toBe("1");
  },
};

async function expectHonest(store: GitStore): Promise<void> {
  expect([await store.head(STATE), await store.head(DECISIONS)]).toEqual([tipOf(STATE), tipOf(DECISIONS)]);
  const honest = await world.verify({ ground: { cache: memoryFolder() } });
  const { status, violations, facts, decisions } = await world.verify({ ground: { store, cache: memoryFolder() } });
  expect([status, violations]).toEqual(["verified", []]);
  expect([facts?.commits, decisions]).toEqual([honest.facts?.commits, honest.decisions]);
}

describe.each(READER_NAMES.filter((name) => name !== "memory"))(
  "what git has besides objects and branches: %s",
  (name) => {
    const driven = (): Driven => drivers.find((one) => one.name === name)!;

    it.each(Object.entries(tricks))("%s never win", async (_what, trick) => {
      await driven().load(world.repository);
      trick(driven().truth!);
      await expectHonest(await driven().load(world.repository));
    });
  },
);

describe("a clone of one's own", () => {
  /** Opens a clone of the truth whose `.git` was tampered with. */
  async function expectHonestWith(trick: (gitDir: string) => void): Promise<void> {
    const driven = drivers.find(({ name }) => name === "native")!;
    await driven.load(world.repository);
    const made = makeFolder();
    const clone = join(made.path, "clone");
    git(made.path, ["clone", "-q", "-n", driven.truth!, clone]);
    trick(join(clone, ".git"));
    const store = await openNativeStore({ location: clone, remote: "origin", env: testEnv(made.path) });
    await expectHonest(store);
    await store.close();
    made.remove();
  }

  it("is read by what the remote has, whatever stale branches of its own it has", async () => {
    await expectHonestWith((gitDir) => {
      for (const branch of [STATE, DECISIONS]) {
        git(gitDir, ["update-ref", `refs/heads/${branch}`, `${tipOf(branch)}~1`]);
        write(join(gitDir, "refs", "tags", branch), `${tipOf(STATE)}\n`);
        write(join(gitDir, "refs", "tags", "origin", branch), `${tipOf(STATE)}\n`);
        write(join(gitDir, "refs", "heads", "origin", branch), `${tipOf(STATE)}\n`);
      }
    });
  });

  it.each(Object.entries({ ...local, ...tricks }))("is not led astray by %s", async (_what, trick) => {
    await expectHonestWith(trick);
  });
});

describe("a mirror in the cache", () => {
  it.each(Object.entries(local))("is not led astray by %s", async (_what, trick) => {
    const driven = drivers.find(({ name }) => name === "native file mirror")!;
    await (await driven.load(world.repository)).head(STATE);
    const mirrors = join(driven.truth!, "..", "cache", "mirrors");
    const [mirror] = readdirSync(mirrors);
    trick(join(mirrors, mirror!));
    await expectHonest(await driven.again());
  });
});
