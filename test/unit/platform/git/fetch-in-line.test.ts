import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isOid, type Oid } from "../../../../src/kernel/oid.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { fetchInLine } from "../../../../src/platform/git/fetch-in-line.ts";
import { openLine } from "../../../../src/platform/git/queue/line.ts";
import { systemProcesses } from "../../../../src/platform/git/queue/processes.ts";
import { newTicket } from "../../../../src/platform/git/queue/tickets.ts";
import { makeFolder } from "../../../support/git-repo.ts";

const oidOf = (letter: string): Oid => {
  const oid = letter.repeat(40);
  if (!isOid(oid)) throw new Error(oid);
  return oid;
};
const [A, B, C] = [oidOf("a"), oidOf("b"), oidOf("c")];

describe("the line of those who fetch into one mirror", () => {
  let folder: ReturnType<typeof makeFolder>;
  let here: Set<Oid>;
  let fetches: (readonly Oid[])[];
  const dead = new Set<number>();
  let pids: number;
  beforeEach(() => {
    folder = makeFolder();
    [here, fetches, pids] = [new Set(), [], 0];
    dead.clear();
  });
  afterEach(() => folder.remove());

  const place = () => join(folder.path, "line");
  /** A process that wants objects; `remote` is what asking for some comes to. */
  const want = (oids: readonly Oid[], remote: (oids: readonly Oid[]) => Promise<boolean> = async () => true) => {
    const pid = (pids += 1);
    const processes = {
      ...systemProcesses,
      self: async () => ({ pid, born: 7 }),
      isAlive: async (process: { readonly pid: number }) => !dead.has(process.pid),
    };
    return fetchInLine(openLine({ folder: place(), clock: systemClock, processes }), oids, {
      absentOf: async (all) => all.filter((oid) => !here.has(oid)),
      async fetch(all) {
        fetches.push(all);
        const isWhole = await remote(all);
        for (const oid of all) here.add(oid);
        return isWhole;
      },
    });
  };
  const gate = () => {
    let open = (): void => {};
    const opened = new Promise<boolean>((resolve) => {
      open = () => resolve(true);
    });
    return { open: () => open(), opened };
  };
  /** The first asks the remote, and the others come meanwhile; all go on when the last request is there. */
  const together = async (others: () => readonly Promise<boolean>[]) => {
    const { open, opened } = gate();
    const first = want([A], () => opened);
    await expect.poll(() => fetches.length).toBe(1);
    const more = others();
    const line = openLine({ folder: place(), clock: systemClock });
    const requests = async () => (await line.rooms.peek())?.entries.filter(({ kind }) => kind === "request").length;
    await expect.poll(requests).toBe(more.length + 1);
    open();
    return Promise.allSettled([first, ...more]);
  };
  const came = (value: boolean) => ({ status: "fulfilled", value });

  it("asks the remote once for what all of them want while another asks, and not for what came meanwhile", async () => {
    const outcomes = await together(() => [want([A, B]), want([A]), want([B, C])]);
    expect(outcomes).toEqual([true, true, true, true].map(came));
    expect(fetches.map((oids) => oids.toSorted())).toEqual([[A], [B, C]]);
  });

  it("asks for nothing where all of it came meanwhile", async () => {
    expect(await together(() => [want([A]), want([A])])).toEqual([true, true, true].map(came));
    expect(fetches).toEqual([[A]]);
  });

  it("sends each off to fetch alone where not everything came, or the remote failed for one who asked for all", async () => {
    const failing = async () => Promise.reject(new Error("gone"));
    expect(await together(() => [want([B], async () => false), want([C], async () => false)])).toEqual(
      [true, false, false].map(came),
    );
    here.clear();
    fetches = [];
    expect(await together(() => [want([B], failing), want([C], failing)])).toEqual([true, false, false].map(came));
  });

  it("says what the remote said to who asked for itself only", async () => {
    await expect(want([A], async () => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
    expect(await want([A])).toBe(true);
  });

  it("goes on without one that died while it asked", async () => {
    void want([A], () => new Promise(() => {}));
    await expect.poll(() => fetches.length).toBe(1);
    const next = want([A]);
    dead.add(1);
    expect(await next).toBe(true);
    expect(fetches).toEqual([[A], [A]]);
  });

  it("answers a request that cannot be read, and does without a folder or for thousands of objects", async () => {
    await want([A]);
    writeFileSync(join(place(), "room-1", `r-${newTicket(1, { pid: 99, born: 7 })}`), "\u0000--upload-pack=x\n");
    expect(await want([B])).toBe(true);
    expect(fetches).toEqual([[A], [B]]);
    expect(await want(Array.from({ length: 10_001 }, () => C))).toBe(false);
    folder.remove();
    writeFileSync(folder.path, "");
    expect(await want([B])).toBe(false);
  });
});
