import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { recordEvent } from "../../../../src/gate/propose/record-event.ts";
import { sealFacts } from "../../../../src/gate/upkeep/seal.ts";
import { openRewrite } from "../../../../src/gate/propose/open-rewrite.ts";
import { syncGate } from "../../../../src/gate/sync/sync.ts";
import { orThrow } from "../../../../src/kernel/errors.ts";
import { createMemoryGitStore } from "../../../../src/platform/memory/git-store.ts";
import { DECISIONS, STATE } from "../../../../src/state/branches.ts";
import { openState } from "../../../../src/state/transact.ts";
import { commitFiles } from "../../../support/facts.ts";
import { approved, decide, lookAt, merge, sign, STABLE } from "../../../support/gate-steps.ts";
import { keysWith } from "../../../support/gate-world.ts";
import { hostile } from "../../../support/hostile.ts";
import { KillPoint, mortal } from "../../../support/kill-points.ts";
import { memoryFolder } from "../../../support/memory-folder.ts";
import { forget, rewriteHistory } from "../../../support/rewritten.ts";
import { dayFolder, makeSealedWorld, type SealedWorld } from "../../../support/sealed-world.ts";

let world: SealedWorld;

beforeAll(async () => {
  world = await makeSealedWorld();
});
beforeEach(() => world.reset());

const namesAt = async (folder: string) => {
  const [found] = await world.store.read(await world.tip(), [folder]);
  return found && "names" in found ? found.names : [];
};

test("days before the newest anchor move into segments, and the history verifies", async () => {
  const sealed = await world.seal();
  expect(sealed).toMatchObject({ before: "2026-01-08", waiting: [], anchor: { at: "2026-01-08T10:07:00Z" } });
  expect(sealed.commits).toHaveLength(1);
  expect(sealed.sealed.map(({ day, documents, segments }) => [day, documents, segments])).toEqual([
    ["2026-01-05", 7, ["audit/2026/01/05.ndjson"]],
    ["2026-01-06", 4, ["audit/2026/01/06.ndjson"]],
    ["2026-01-07", 2, ["audit/2026/01/07.ndjson"]],
  ]);
  expect(await namesAt("audit/2026/01")).toEqual(["05.ndjson", "06.ndjson", "07.ndjson", "08/", "09/"]);
  expect(await world.broken()).toEqual([]);
});

test("a second run finds nothing, and later days are sealed after the next decision", async () => {
  await world.seal();
  const tip = await world.tip();
  expect(await world.seal()).toMatchObject({ commits: [], sealed: [] });
  expect(await world.tip()).toBe(tip);
  await world.nextDay(1);
  await decide(world, "1.2.0");
  expect((await world.seal()).sealed.map(({ day }) => day)).toEqual(["2026-01-08", "2026-01-09"]);
  expect(await world.broken()).toEqual([]);
});

test("--before keeps later days", async () => {
  expect((await world.seal("2026-01-06")).sealed.map(({ day }) => day)).toEqual(["2026-01-05"]);
  expect((await world.seal()).sealed.map(({ day }) => day)).toEqual(["2026-01-06", "2026-01-07"]);
  expect(await world.broken()).toEqual([]);
});

test("readers find every event where it was, in its file or its segment", async () => {
  const before = await openState(world.ground);
  const events = [...(await world.eventsOf("06")), ...(await world.eventsOf("08"))];
  const keys = events.map((path) => {
    const [, yyyy = "", mm = "", dd = "", hh = "", mi = "", file = ""] = path.split("/");
    return { yyyy, mm, dd, hh, mi, id: file.replace(/\.json$/, "") };
  });
  const was = await before.findAll("audit-event.v1", keys);
  const bytes = await Promise.all(keys.map((key) => before.bytes("audit-event.v1", key)));
  const folders = ["audit/2026/01", dayFolder("06"), `${dayFolder("06")}/10`, `${dayFolder("06")}/11`, "audit"];
  const names = await Promise.all(folders.map((folder) => before.names(folder)));
  await world.seal();
  const after = await openState(world.ground);
  expect(await after.findAll("audit-event.v1", keys)).toEqual(was);
  expect(await Promise.all(keys.map((key) => after.bytes("audit-event.v1", key)))).toEqual(bytes);
  expect(await Promise.all(folders.map((folder) => after.names(folder)))).toEqual(names);
  expect(await after.find("audit-event.v1", { ...keys[0]!, id: "aud_nothing" })).toBeUndefined();
  expect([
    await after.isSealed("audit-event.v1", keys[0]!),
    await after.isSealed("audit-event.v1", keys.at(-1)!),
  ]).toEqual([true, false]);
});

test("a day that changed since the anchor waits for the next decision", async () => {
  const event = (await world.eventsOf("06"))[0]!;
  const [found] = await world.store.read(await world.tip(), [event]);
  const bytes = found && "bytes" in found ? found.bytes : new Uint8Array();
  const text = Buffer.from(bytes)
    .toString("utf8")
    .replaceAll(/aud_\w+/g, "aud_late");
  await commitFiles(world.store, { [`${event.slice(0, event.lastIndexOf("/"))}/aud_late.json`]: text });
  const sealed = await world.seal();
  expect(sealed.sealed.map(({ day }) => day)).toEqual(["2026-01-05", "2026-01-07"]);
  expect(sealed.waiting).toEqual([dayFolder("06")]);
});

test("days from the oldest merge on that waits for its proof stay", async () => {
  const change = await world.changePolicy(() => ({ defaults: { proof: "recorded" } }));
  await sign(world, change.proposal.id, "alice");
  orThrow(await merge(world, change.proposal.id));
  await hostile(world).mergeAnyway((await world.promote("3.0.0", { app: "other" })).proposal.id);
  await world.nextDay(1);
  await decide(world, "1.2.0");
  const sealed = await world.seal();
  expect([sealed.anchor?.at.slice(0, 10), sealed.before]).toEqual(["2026-01-10", "2026-01-09"]);
});

test("a file beside a sealed line is read where it says the same, and neither where it does not", async () => {
  const [path = ""] = await world.eventsOf("06");
  const [found] = await world.store.read(await world.tip(), [path]);
  const bytes = found && "bytes" in found ? found.bytes : new Uint8Array();
  const [, yyyy = "", mm = "", dd = "", hh = "", mi = "", file = ""] = path.split("/");
  const key = { yyyy, mm, dd, hh, mi, id: file.replace(/\.json$/, "") };
  await world.seal();
  await commitFiles(world.store, { [path]: bytes });
  expect(await (await openState(world.ground)).find("audit-event.v1", key)).toMatchObject({ id: key.id });
  await commitFiles(world.store, { [path]: Buffer.from(bytes).toString("utf8").replace("app.updated", "app.created") });
  const facts = await openState(world.ground);
  await expect(facts.find("audit-event.v1", key)).rejects.toMatchObject({ code: "state.document.invalid" });
});

test("what is no document stays beside the segment", async () => {
  const junk = `${dayFolder("05")}/10/00/aud_junk.json`;
  await commitFiles(world.store, { [junk]: "{}\n" });
  // A decision has to see the day as it is.
  await world.nextDay(1);
  await decide(world, "1.2.0");
  const sealed = await world.seal();
  expect(sealed.sealed[0]).toMatchObject({ day: "2026-01-05", left: [junk] });
  expect(await namesAt("audit/2026/01")).toContain("05/");
  expect(await namesAt("audit/2026/01")).toContain("05.ndjson");
  expect((await world.broken()).filter((one) => one.startsWith("seal."))).toEqual([]);
});

test("what was recorded of a decision stays recorded when its day is sealed", async () => {
  await world.seal();
  const tip = await world.tip();
  expect((await syncGate(world.ground, world.act())).recorded).toEqual([]);
  expect(await world.tip()).toBe(tip);
});

test("what a sealed day lacks is not written again and again", async () => {
  await world.byHand("05", (files) => {
    const segment = `${dayFolder("05")}.ndjson`;
    const lines = Buffer.from(files[segment] ?? "")
      .toString("utf8")
      .split("\n");
    files[segment] = lines.filter((line) => !line.includes("decision.recorded")).join("\n");
  });
  expect((await syncGate(world.ground, world.act())).recorded).toEqual([]);
});

test("a proposal id is not used again years later, across what was sealed", async () => {
  const by = hostile(world);
  const id = await approved(world, "1.2.0");
  const files = await by.filesOf(await by.headOf(`waybill/proposal/${id}`), await by.headOf(DECISIONS));
  await merge(world, id);
  await world.nextDay(1);
  await decide(world, "2.0.0");
  expect((await world.seal()).sealed.at(-1)?.day).toBe("2026-01-09");
  world.pass(3 * 365 * 24 * 60);
  await by.put("waybill/proposal/prop_again", files, { onto: await by.headOf(DECISIONS) });
  await by.mergeAnyway("prop_again");
  const { version, conditions } = await lookAt(world);
  expect([version, conditions]).toEqual(["2.0.0", [expect.stringContaining("was used before")]]);
  expect(await world.broken()).toEqual([`decision.conforming ${STABLE}`]);
});

test("a history that took the place of a sealed one verifies, and waits for a decision that has seen it", async () => {
  await world.seal();
  await world.nextDay(1);
  const old = await world.tip();
  const next = await rewriteHistory(world.repository, world.store, old);
  const keys = keysWith(world.keys["alice"]!);
  const run = { ground: world.ground, act: world.act(), keys, keyFile: null, reason: "erase a name", dryRun: false };
  const { proposal } = orThrow(await openRewrite(run, { old, new: next }));
  await sign(world, proposal.id, "alice");
  orThrow(await merge(world, proposal.id));
  world.repository.branches.set(STATE, next);
  const store = await forget(world.repository, world.store, old);
  const after = { ...world.ground, store, cache: memoryFolder() };
  const asked = { before: null, dryRun: false };
  expect(orThrow(await sealFacts(after, world.act(), asked)).result).toMatchObject({ anchor: null, sealed: [] });
  expect(await world.verify({ full: true, ground: after })).toMatchObject({ status: "verified", violations: [] });
});

test("where the anchor is not here, as in a shallow clone, nothing is sealed", async () => {
  const { anchor } = await world.seal();
  world.reset();
  const objects = new Map(world.repository.objects);
  if (anchor !== null) for (const oid of objects.keys()) if (oid === anchor.commit) objects.delete(oid);
  const store = createMemoryGitStore({ repository: { ...world.repository, objects } });
  const tip = await store.head(STATE);
  const ground = { ...world.ground, store, cache: memoryFolder() };
  await expect(sealFacts(ground, world.act(), { before: null, dryRun: false })).rejects.toMatchObject({
    code: "state.object.missing",
  });
  expect(await store.head(STATE)).toBe(tip);
});

describe("killed at any call of the store", () => {
  test.each(["before", "after"] as const)("%s it, the next run ends in the same segments", async (when) => {
    const asked = { before: null, dryRun: false };
    const methods = ["apply", "read", "commit"] as const;
    const sealAs = (point: KillPoint) =>
      sealFacts({ ...world.ground, store: mortal(world.store, point, methods) }, world.act(), asked);
    const whole = new KillPoint(0, when);
    await sealAs(whole);
    const wanted = await segments();
    const applied = whole.names.lastIndexOf("apply") + 1;
    for (const at of new Set([1, Math.floor(whole.calls / 2), applied - 1, applied, whole.calls])) {
      world.reset();
      await expect(sealAs(new KillPoint(at, when))).rejects.toThrow("killed at");
      const found = await world.broken();
      const again = await world.seal();
      expect([at, found, again.waiting, await world.broken()]).toEqual([at, [], [], []]);
      expect(await segments()).toEqual(wanted);
    }
  });

  const segments = async () => {
    const paths = ["05", "06", "07"].map((day) => `${dayFolder(day)}.ndjson`);
    return (await world.store.read(await world.tip(), paths)).map((found) => found?.oid);
  };
});

describe("a seal and a writer at the same time", () => {
  /** Lets another writer in just before the branch moves. */
  const racing = (let_in: () => Promise<unknown>) => {
    let done = false;
    return {
      ...world.ground,
      store: {
        ...world.store,
        apply: async (...args: Parameters<typeof world.store.apply>) => {
          if (!done && args[0] === STATE) {
            done = true;
            await let_in();
          }
          return world.store.apply(...args);
        },
      },
    };
  };
  const lateEvent = (day: string) => ({
    action: "app.updated",
    target: ["app", "late"] as const,
    metadata: {},
    derived: { id: "aud_late", at: `2026-01-${day}T10:00:00Z` },
  });

  test("an event that comes between makes the seal leave its day", async () => {
    const ground = racing(() => recordEvent(world.ground, world.act(), lateEvent("06")));
    const done = await sealFacts(ground, world.act(), { before: null, dryRun: false });
    expect("result" in done && done.result.sealed.map(({ day }) => day)).toEqual(["2026-01-05", "2026-01-07"]);
    expect(await world.eventsOf("06")).toContain(`${dayFolder("06")}/10/00/aud_late.json`);
    expect(await world.broken()).toEqual([]);
  });

  test("a seal that comes between makes the writer date its event as the tip is", async () => {
    const ground = racing(() => world.seal());
    await recordEvent(ground, world.act(), lateEvent("06"));
    const { at } = await world.store.commit(await world.tip());
    expect(await world.eventsOf(at.slice(8, 10))).toContainEqual(expect.stringMatching(/aud_late\.json$/));
    expect(await world.eventsOf("06")).toEqual([]);
    expect(await world.broken()).toEqual([]);
  });
});
