import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { systemClock } from "../../../../../src/platform/clock.ts";
import { openLine } from "../../../../../src/platform/git/queue/line.ts";
import { systemProcesses } from "../../../../../src/platform/git/queue/processes.ts";
import { newTicket } from "../../../../../src/platform/git/queue/tickets.ts";
import type { GitStore } from "../../../../../src/ports/git-store.ts";
import { queueWorld, type WriterOptions } from "../../../../support/queue-world.ts";
import { BRANCH, changeOf, commitOf, soon } from "../../../../support/store-under-test.ts";

let world: ReturnType<typeof queueWorld>;
beforeEach(async () => {
  world = queueWorld();
  await put(world.writer(), "first");
});
afterEach(() => world.remove());

const put = async (store: GitStore, name: string) =>
  commitOf(await store.apply(BRANCH, changeOf(name, { [`own/${name}`]: name }), soon()));

/** Lets a leader begin, and things happen in its pauses; answers how often it paused and how often the branch moved. */
async function lead(happens: (pause: number) => Promise<unknown> | undefined, more: WriterOptions = {}) {
  let [pauses, moves] = [0, 0];
  const clock = { ...systemClock, sleep: async () => void (await happens((pauses += 1))) };
  await put(world.writer({ ...more, clock, beforeSwap: () => void (moves += 1) }), "leader");
  return { pauses, moves };
}

/** Another comes; returns once its request is there. */
async function comes(name: string, coming: Promise<unknown>[]): Promise<void> {
  const requests = () => world.left().filter((file) => file.startsWith("r-")).length;
  const before = requests();
  coming.push(put(world.writer(), name));
  while (requests() === before) await setImmediate();
}

it("goes on after one pause in which nobody else is there", async () => {
  expect(await lead(() => undefined)).toEqual({ pauses: 1, moves: 1 });
});

it("takes along who comes while others come, each within a while after the last", async () => {
  const coming: Promise<unknown>[] = [];
  const led = await lead((pause) => ([1, 5, 9].includes(pause) ? comes(`other-${pause}`, coming) : undefined));
  await Promise.all(coming);
  expect(led).toEqual({ pauses: 14, moves: 1 });
  expect(await world.landed()).toEqual(["op_first", "op_leader", "op_other-1", "op_other-5", "op_other-9"]);
});

it("waits for who has not read its answer yet, and comes back then; not for ever", async () => {
  const room = join(world.folder, readdirSync(world.folder).find((name) => name.startsWith("room-"))!);
  const answer = join(room, `a-${newTicket(1, { pid: 99, born: 7 })}`);
  writeFileSync(answer, "{}");
  const coming: Promise<unknown>[] = [];
  const back = await lead(async (pause) => {
    if (pause !== 6) return;
    rmSync(answer);
    await comes("back", coming);
  });
  await Promise.all(coming);
  expect(back).toEqual({ pauses: 11, moves: 1 });
  writeFileSync(answer, "{}");
  expect((await lead(() => undefined)).pauses).toBe(20);
});

it("waits for who still fetches what it reads, if it lives", async () => {
  const comers = openLine({ folder: `${world.folder}-fetch`, clock: systemClock });
  expect((await lead(() => undefined, { comers })).pauses).toBe(1);
  const room = await comers.rooms.open();
  await comers.rooms.put(room, "request", newTicket(1, { pid: 2 ** 30, born: 7 }), new Uint8Array());
  expect((await lead(() => undefined, { comers })).pauses).toBe(1);
  const ticket = newTicket(1, await systemProcesses.self());
  await comers.rooms.put(room, "answer", ticket, new Uint8Array());
  const coming: Promise<unknown>[] = [];
  const reads = async (pause: number) => {
    if (pause !== 4) return;
    await comers.rooms.leave(ticket);
    await comes("reader", coming);
  };
  const led = await lead(reads, { comers });
  await Promise.all(coming);
  expect(led).toEqual({ pauses: 9, moves: 1 });
});
