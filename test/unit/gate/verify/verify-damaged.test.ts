import { beforeEach, describe, expect, test } from "vitest";
import { type Oid } from "../../../../src/kernel/oid.ts";
import { createMemoryGitStore } from "../../../../src/platform/memory/git-store.ts";
import { DECISIONS, STATE } from "../../../../src/state/branches.ts";
import { appDocument, commitFiles, printed } from "../../../support/facts.ts";
import { eventFiles, type HonestWorld, honestHistory, rulesOf } from "../../../support/honest-history.ts";
import { makeReleasesWorld } from "../../../support/sealed-releases.ts";

let world: HonestWorld;

beforeEach(async () => {
  world = await honestHistory();
});

describe("objects that are damaged or absent", () => {
  const again = () => createMemoryGitStore({ repository: world.repository });

  async function rootOf(): Promise<Oid> {
    let root = await world.tip();
    for await (const { commit } of world.store.log(null, root)) root = commit;
    return root;
  }

  test("a history that is cut short is incomplete, and what is there is still checked", async () => {
    await commitFiles(world.store, { "a.txt": "a", ...eventFiles("aud_x") });
    world.repository.objects.delete(await rootOf());
    const result = await world.verify({ ground: { store: again() } });
    expect(result.missing).toMatchObject([
      { branch: STATE, next: "git clone the whole repository, without --filter, and verify that" },
    ]);
    expect(rulesOf(result)).toContain("path.unknown");
  });

  test("without a violation it is incomplete, never verified", async () => {
    world.repository.objects.delete(await rootOf());
    expect((await world.verify({ ground: { store: again() } })).status).toBe("incomplete");
  });

  test("whichever object it is, that is all that is said: nobody is accused of what cannot be read", async () => {
    const { objects } = world.repository;
    const tip = await world.tip();
    const read = async () => {
      const { status, missing, ...found } = await world.verify({ full: true, ground: { store: again() } });
      return [[...new Set(rulesOf(found))].join(), status, missing.map(({ branch }) => branch).join()].join(" ").trim();
    };
    const said = { absent: new Set<string>(), damaged: new Set<string>() };
    for (const [oid, object] of [...objects].filter(([one]) => one !== tip)) {
      objects.delete(oid);
      said.absent.add(await read());
      objects.set(oid, { ...object, content: Buffer.from("other") });
      said.damaged.add(await read());
      objects.set(oid, object);
    }
    // Of decisions only what they rest on is read.
    expect(said.absent).toEqual(new Set([`incomplete ${STATE}`, `incomplete ${DECISIONS}`, "verified"]));
    expect(said.damaged).toEqual(new Set(["object.intact violated", "verified"]));
  });

  test("nor of what is sealed", async () => {
    const sealed = await makeReleasesWorld();
    await sealed.seal();
    await sealed.see("1.2.0");
    await sealed.publish("3.0.0");
    await sealed.see("3.0.0");
    await sealed.seal();
    const { repository } = sealed;
    const rulesBroken = new Set<string>();
    const blobs = [...repository.objects].filter(([, { kind }]) => kind === "blob");
    for (const [oid, object] of blobs) {
      repository.objects.set(oid, { ...object, content: Buffer.from("other") });
      for (const line of await sealed.broken({ store: createMemoryGitStore({ repository }) }))
        rulesBroken.add(line.replace(/ .*/, ""));
      repository.objects.set(oid, object);
    }
    expect([...rulesBroken]).toEqual(["object.intact"]);
  });

  test("what a commit began that cannot be read to its end is not counted to the next one", async () => {
    const apps = Array.from(
      { length: 600 },
      (_, i) => [`dist/apps/a${i}/app.json`, printed(appDocument(`a${i}`))] as const,
    );
    const files = Object.fromEntries<Uint8Array>(apps);
    const wide = await commitFiles(world.store, { ...files, ...eventFiles("aud_x") });
    const lacking = (await world.store.read(wide, ["dist/apps/a99/app.json"]))[0]!;
    const bare = await commitFiles(world.store, { "dist/apps/a1/app.json": printed(appDocument("a1", "Eve")) });
    world.repository.objects.delete(lacking.oid);
    const result = await world.verify({ full: true, ground: { store: again() } });
    expect(result.missing).toMatchObject([{ branch: STATE, commit: wide }]);
    const unaudited = result.violations.filter(({ rule }) => rule === "audit.missing");
    expect(unaudited).toMatchObject([{ commit: bare, data: { changed: 1 } }]);
  });

  test("bytes that have another id are a violation", async () => {
    const found = (await world.store.read(await world.tip(), [world.paths.release]))[0]!;
    const object = world.repository.objects.get(found.oid)!;
    world.repository.objects.set(found.oid, { ...object, content: Buffer.from("other") });
    expect(rulesOf(await world.verify({ ground: { store: again() } }))).toContain("object.intact");
  });

  test("a scope that cannot be read is named once, and not of every document beside it", async () => {
    const found = (await world.store.read(await rootOf(), ["state.json"]))[0]!;
    const object = world.repository.objects.get(found.oid)!;
    world.repository.objects.set(found.oid, { ...object, content: Buffer.from("other") });
    const rules = rulesOf(await world.verify({ ground: { store: again() } }));
    expect(rules.filter((rule) => rule === "object.intact")).toHaveLength(1);
    expect(rules).not.toContain("scope.foreign");
  });

  test("a folder beyond its bound is a violation, not a crash", async () => {
    await commitFiles(world.store, Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`wide/${i}`, ""])));
    const store = createMemoryGitStore({ repository: world.repository, limits: { entries: 30 } });
    expect(rulesOf(await world.verify({ ground: { store } }))).toContain("tree.bounded");
  });
});
