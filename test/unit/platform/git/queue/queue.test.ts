import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../../../src/platform/clock.ts";
import { type QueueDisk, queueDisk } from "../../../../../src/platform/git/queue/disk.ts";
import { queueFolder } from "../../../../../src/platform/git/queue/queue.ts";
import { newTicket } from "../../../../../src/platform/git/queue/tickets.ts";
import { createMemoryGitStore } from "../../../../../src/platform/memory/git-store.ts";
import type { GitStore } from "../../../../../src/ports/git-store.ts";
import { Killed, KillPoint, mortal } from "../../../../support/kill-points.ts";
import { queueWorld, type WriterOptions } from "../../../../support/queue-world.ts";
import { BRANCH, changeOf, commitOf, soon, textAt } from "../../../../support/store-under-test.ts";

const CALLS = ["makeOwn", "makeFolder", "names", "read", "create", "rename", "remove", "beat", "beatOf"] as const;

describe("the queue of the writers of a remote", () => {
  let world: ReturnType<typeof queueWorld>;
  beforeEach(() => {
    world = queueWorld();
  });
  afterEach(() => world.remove());

  const put = async (store: GitStore, name: string) =>
    commitOf(await store.apply(BRANCH, changeOf(name, { [`own/${name}`]: name }), soon()));

  it("lands the operations of many writers, each once and as its own commit, with fewer moves than operations", async () => {
    let moves = 0;
    const beforeSwap = () => void (moves += 1);
    const names = Array.from({ length: 24 }, (_, i) => `n${String(i).padStart(2, "0")}`);
    const commits = await Promise.all(names.map((name) => put(world.writer({ beforeSwap }), name)));
    expect((await world.landed()).toSorted()).toEqual(names.map((name) => `op_${name}`));
    expect(new Set(commits).size).toBe(names.length);
    expect(moves).toBeLessThan(names.length);
    expect(world.left()).toEqual(["free"]);
  });

  it("makes the same commit of a change as its writer makes alone", async () => {
    const alone = await put(createMemoryGitStore(), "a");
    expect(await put(world.writer(), "a")).toBe(alone);
  });

  it("tells all but one of those who change the same document to plan again, on the commit that landed", async () => {
    const first = await put(world.writer(), "root");
    const [root] = await createMemoryGitStore(world).read(first, ["own/root"]);
    const reads = new Map([["own/root", root?.oid ?? null]]);
    const applied = await Promise.all(
      ["a", "b", "c"].map((name) =>
        world.writer().apply(BRANCH, changeOf(name, { "own/root": name }, { reads }), soon()),
      ),
    );
    const head = await createMemoryGitStore(world).head(BRANCH);
    expect(applied.filter((answer) => "commit" in answer)).toEqual([{ commit: head }]);
    expect(applied.filter((answer) => "moved" in answer)).toEqual([1, 2].map(() => ({ moved: ["own/root"], head })));
  });

  it("fails nobody for what is wrong with the request of another", async () => {
    const answers = await Promise.allSettled([
      put(world.writer(), "a"),
      world.writer().apply(BRANCH, changeOf("large", { x: "x".repeat(2_000_000) }), soon()),
      world.writer().apply(BRANCH, changeOf("path", { ".git/config": "x" }), soon()),
      put(world.writer(), "b"),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
    expect(answers[1]).toMatchObject({ reason: { code: "state.limit.exceeded" } });
    expect(answers[2]).toMatchObject({ reason: { code: "internal.bug" } });
    expect((await world.landed()).toSorted()).toEqual(["op_a", "op_b"]);
  });

  it("ends with a conflict at the deadline when the branch moves during every try, though the clock jumps back", async () => {
    let jumpMs = 0;
    let intruders = 0;
    const clock = { ...systemClock, now: () => new Date(Date.now() - jumpMs) };
    const beforeSwap = async () => {
      intruders += 1;
      jumpMs = 3_600_000;
      await put(createMemoryGitStore(world), `intruder${intruders}`);
    };
    const deadline = new Date(Date.now() + 300);
    const answers = await Promise.allSettled(
      ["a", "b"].map((name) =>
        world.writer({ clock, beforeSwap }).apply(BRANCH, changeOf(name, { [name]: "1" }), deadline),
      ),
    );
    const conflict = { status: "rejected", reason: { code: "state.push.conflict" } };
    expect(answers).toMatchObject([conflict, conflict]);
    expect((await world.landed()).every((name) => name.startsWith("op_intruder"))).toBe(true);
    expect(world.left()).toEqual(["free"]);
  });

  it("replaces a leader that says nothing for a lease, and it finds its own operation when it wakes", async () => {
    let wake = (): void => {};
    const asleep = new Promise<void>((resolve) => {
      wake = resolve;
    });
    let isAsleep = false;
    const silent: QueueDisk = { ...queueDisk, beat: async (path, at) => isAsleep || queueDisk.beat(path, at) };
    const sleeper = world.writer({
      leaseMs: 100,
      disk: silent,
      async beforeSwap() {
        isAsleep = true;
        await asleep;
      },
    });
    const late = put(sleeper, "late");
    await expect.poll(() => isAsleep).toBe(true);
    await put(world.writer({ leaseMs: 100 }), "next");
    expect(await world.landed()).toEqual(["op_late", "op_next"]);
    wake();
    const commit = await late;
    expect(await textAt(sleeper, commit, "own/late")).toBe("late");
    expect(await world.landed()).toEqual(["op_late", "op_next"]);
    expect(world.left()).toEqual(["free"]);
  });

  it("passes over what the dead left: a lead, requests, answers and drafts", async () => {
    world.writer({ isDead: () => true });
    await put(world.writer(), "a");
    const room = join(world.folder, readdirSync(world.folder)[0]!);
    const ticket = newTicket(0, { pid: 0, born: 7 });
    for (const letter of ["r", "a", "d", "l"]) writeFileSync(join(room, `${letter}-${ticket}`), "{}");
    mkdirSync(join(world.folder, `d-${ticket}`));
    await put(world.writer(), "b");
    expect(world.left()).toEqual(["free"]);
    expect(readdirSync(world.folder)).toEqual(["room-2"]);
  });

  it("sends off alone who left a request that cannot be read", async () => {
    const garbled: QueueDisk = {
      ...queueDisk,
      create: (path, content) => queueDisk.create(path, content.length > 0 ? content.subarray(1) : content),
    };
    const [a, b] = await Promise.all([put(world.writer({ disk: garbled }), "a"), put(world.writer(), "b")]);
    expect(a).not.toBe(b);
    expect((await world.landed()).toSorted()).toEqual(["op_a", "op_b"]);
  });

  it("waits for no pipe, reads no device and no folder that lie among requests", async () => {
    await put(world.writer(), "a");
    const plant = (at: number) => join(world.folder, "room-1", `r-${newTicket(at, { pid: 0, born: 7 })}`);
    execFileSync("mkfifo", [plant(1)]);
    symlinkSync("/dev/zero", plant(2));
    mkdirSync(plant(3));
    symlinkSync("nowhere", plant(4));
    await put(world.writer(), "b");
    expect(await world.landed()).toEqual(["op_a", "op_b"]);
    expect(world.left().filter((name) => name.startsWith("r-"))).toEqual([]);
  });

  it("heals a room whose lead is nowhere, and one that somebody removed", async () => {
    await put(world.writer(), "a");
    const [room = ""] = readdirSync(world.folder);
    await queueDisk.remove(join(world.folder, room, "free"));
    await put(world.writer(), "b");
    await queueDisk.remove(world.folder);
    await put(world.writer(), "c");
    expect(await world.landed()).toEqual(["op_a", "op_b", "op_c"]);
    expect(world.left()).toEqual(["free"]);
  });

  it("does without where its folder cannot be", async () => {
    writeFileSync(world.folder, "a file");
    await put(world.writer(), "a");
    expect(await world.landed()).toEqual(["op_a"]);
  });

  it("keeps apart who asks with other credentials, and never names them", () => {
    const asks = ["https://example.com/r.git", "/clone"];
    const folders = [asks, [...asks, "token=one"], [...asks, "token=two"]].map((all) => queueFolder("/c", all));
    expect(new Set(folders).size).toBe(3);
    expect(folders.join()).not.toMatch(/token|example/);
  });

  describe.each(["first", "last"] as const)("a writer that comes %s", (place) => {
    /** Three writers at once, one of them odd; answers what became of that one. */
    const race = async (name: string, odd: WriterOptions, leaseMs: number): Promise<string> => {
      const own = async (): Promise<string> => {
        try {
          return (await put(world.writer(odd), `${name}own`)) && "landed";
        } catch (cause) {
          return cause instanceof Killed ? "died" : String(cause);
        }
      };
      const other = (which: string) => () => put(world.writer({ leaseMs }), `${name}${which}`);
      const all = place === "first" ? [own, other("x"), other("y")] : [other("x"), other("y"), own];
      const answers = await Promise.all(all.map((one) => one()));
      return answers[place === "first" ? 0 : 2] ?? "?";
    };
    const landedOf = async (name: string): Promise<readonly string[]> =>
      (await world.landed()).filter((operation) => operation.startsWith(`op_${name}`)).toSorted();

    it.each(["before", "after"] as const)(
      "may die %s any call: nobody else is lost, and its own lands once at most",
      async (when) => {
        let died = 0;
        for (let at = 1, outcome = ""; outcome !== "landed"; at += 1) {
          const point = new KillPoint(at, when);
          const beforeSwap = () => point.run("swap", () => Promise.resolve());
          const disk = mortal(queueDisk, point, CALLS);
          const name = `k${at}`;
          outcome = await race(name, { disk, beforeSwap, isDead: () => point.isDead }, 3_600_000);
          const landed = await landedOf(name);
          expect(["landed", "died"], point.names.join()).toContain(outcome);
          expect(landed.filter((operation) => !operation.endsWith("own"))).toEqual([`op_${name}x`, `op_${name}y`]);
          expect(landed.length).toBe(new Set(landed).size);
          died += outcome === "died" ? 1 : 0;
        }
        await put(world.writer(), "end");
        expect(died).toBeGreaterThan(5);
        expect(world.left()).toEqual(["free"]);
      },
    );

    it.each(["ENOSPC", "EACCES"])(
      "lands though every call of its disk fails with %s from any call on",
      async (code) => {
        let calls = Number.POSITIVE_INFINITY;
        for (let at = 1; at < calls; at += 1) {
          let count = 0;
          const disk = failing(code, () => (count += 1) >= at);
          const name = `f${at}`;
          expect(await race(name, { disk }, 150), `call ${at}`).toBe("landed");
          expect(await landedOf(name)).toEqual([`op_${name}own`, `op_${name}x`, `op_${name}y`]);
          if (count < at) calls = at;
        }
      },
    );
  });
});

/** A disk of which every call fails from some call on. */
function failing(code: string, isBroken: () => boolean): QueueDisk {
  return new Proxy(queueDisk, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return async (...given: readonly unknown[]): Promise<unknown> => {
        if (isBroken()) throw Object.assign(new Error(code), { code });
        return Reflect.apply(member, target, [...given]);
      };
    },
  });
}
