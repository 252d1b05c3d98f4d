import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GateGround } from "../../src/gate/ground.ts";
import { recordEvent } from "../../src/gate/propose/record-event.ts";
import { sealFacts } from "../../src/gate/upkeep/seal.ts";
import { orThrow } from "../../src/kernel/errors.ts";
import type { Oid } from "../../src/kernel/oid.ts";
import { systemClock } from "../../src/platform/clock.ts";
import type { GitStore } from "../../src/ports/git-store.ts";
import { openState } from "../../src/state/transact.ts";
import { commitFiles, eventDocument, eventPath, printed } from "../support/facts.ts";
import { git } from "../support/git-repo.ts";
import { memoryFolder } from "../support/memory-folder.ts";
import { dayFolder, makeSealedWorld, type SealedWorld } from "../support/sealed-world.ts";
import { DRIVER_NAMES, type Driven, makeDrivers } from "./drivers.ts";

let world: SealedWorld;
let drivers: readonly Driven[];
let honest: ReadonlyMap<string, Oid>;
/** What sealing over memory gives: path of a segment to its blob. */
let segments: readonly (readonly [string, Oid | undefined])[];
/** Branches of a history with every forgery, and the rules that it breaks. */
let hostile: ReadonlyMap<string, Oid>;
let broken: readonly string[];

const PATHS = ["05", "06", "07"].map((day) => `${dayFolder(day)}.ndjson`);

beforeAll(async () => {
  world = await makeSealedWorld();
  honest = new Map(world.repository.branches);
  orThrow(await sealFacts(groundOn(world.store), world.act(), { before: null, dryRun: false }));
  segments = await oidsOf(world.store);
  goTo(honest);
  await forge();
  hostile = new Map(world.repository.branches);
  broken = rowsOf(await world.verify({ full: true, ground: groundOn(world.store) }));
  drivers = await makeDrivers();
  for (const { truth } of drivers) if (truth !== null) git(truth, ["config", "http.receivepack", "true"]);
}, 60_000);

afterAll(async () => {
  await Promise.all(drivers.map((driver) => driver.close()));
});

const goTo = (branches: ReadonlyMap<string, Oid>) => {
  for (const [branch, tip] of branches) world.repository.branches.set(branch, tip);
};

const rowsOf = ({ violations }: Awaited<ReturnType<SealedWorld["verify"]>>) =>
  violations.map(({ rule, path }) => `${rule} ${path ?? "-"}`);

async function oidsOf(store: GitStore) {
  const tip = (await store.head("waybill/state"))!;
  const found = await store.read(tip, PATHS);
  return PATHS.map((path, i) => [path, found[i]?.oid] as const);
}

const groundOn = (store: GitStore): GateGround => ({
  ...world.ground,
  store,
  cache: memoryFolder(),
  clock: systemClock,
});

/** Every kind of forgery around a seal, one after the other. */
async function forge(): Promise<void> {
  const own = eventDocument("aud_own", "2026-01-06T23:00:00Z");
  const late = { ...own, tenant_id: "tenant", repo_id: "repo" };
  const dropFirst = (text: string) => text.slice(text.indexOf("\n") + 1);
  const textIn = (files: Readonly<Record<string, unknown>>, path: string) => {
    const bytes = files[path];
    return bytes instanceof Uint8Array ? Buffer.from(bytes).toString("utf8") : "";
  };
  await world.byHand("05", (files) => {
    files[PATHS[0]!] = dropFirst(textIn(files, PATHS[0]!));
  });
  await world.byHand("06");
  await world.byHand("07", (files) => {
    files[PATHS[2]!] = textIn(files, PATHS[2]!).replace("app.updated", "app.created");
  });
  await commitFiles(world.store, { [eventPath(late)]: printed(late) });
  await commitFiles(world.store, { [PATHS[1]!]: "" });
}

describe.each(DRIVER_NAMES.map((name, i) => [name, i] as const))("%s", (_, i) => {
  const driven = () => drivers[i]!;

  it("seals to the same bytes, reads through them, and verifies", async () => {
    goTo(honest);
    const before = await openState(groundOn(await driven().load(world.repository)));
    const [event = ""] = await world.eventsOf("06");
    const [, yyyy = "", mm = "", dd = "", hh = "", mi = "", file = ""] = event.split("/");
    const key = { yyyy, mm, dd, hh, mi, id: file.replace(/\.json$/, "") };
    const was = await before.find("audit-event.v1", key);
    const done = orThrow(
      await sealFacts(groundOn(await driven().again()), world.act(), { before: null, dryRun: false }),
    );
    expect(done.result.sealed).toHaveLength(3);
    const store = await driven().again();
    expect(await oidsOf(store)).toEqual(segments);
    expect(await (await openState(groundOn(store))).find("audit-event.v1", key)).toEqual(was);
    const { status, violations } = await world.verify({ full: true, ground: groundOn(store) });
    expect({ status, violations }).toEqual({ status: "verified", violations: [] });
  });

  it("names every forgery around a seal", async () => {
    goTo(hostile);
    const store = await driven().load(world.repository);
    const { violations, ...verified } = await world.verify({ full: true, ground: groundOn(store) });
    expect(rowsOf({ violations, ...verified })).toEqual(broken);
    expect([...new Set(violations.map(({ rule }) => rule))].toSorted()).toEqual([
      "audit.missing",
      "seal.exact",
      "seal.frozen",
      "seal.late",
    ]);
  });

  it("loses nothing where writers and a seal meet", async () => {
    goTo(honest);
    const store = await driven().load(world.repository);
    const ground = groundOn(store);
    const late = (n: number) => ({
      action: "app.updated",
      target: ["app", "late"] as const,
      metadata: { n },
      derived: { id: `aud_late_${n}`, at: `2026-01-0${5 + (n % 3)}T10:30:00Z` },
    });
    const acts = Array.from({ length: 6 }, () => world.act());
    const [sealed] = await Promise.all([
      sealFacts(ground, world.act(), { before: null, dryRun: false }),
      ...acts.map((act, n) => recordEvent(ground, act, late(n))),
    ]);
    orThrow(sealed);
    const found = new Set<string>();
    for await (const { path } of store.diff(null, (await store.head("waybill/state"))!)) {
      const [id] = /aud_late_\d/.exec(path) ?? [];
      if (id !== undefined) found.add(id);
    }
    expect(found.size).toBe(6);
    const { status, violations } = await world.verify({ full: true, ground: groundOn(store) });
    expect({ status, violations }).toEqual({ status: "verified", violations: [] });
  });
});
