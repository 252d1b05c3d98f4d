import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Oid } from "../../src/kernel/oid.ts";
import { DECISIONS, STATE } from "../../src/state/branches.ts";
import { appDocument, printed } from "../support/facts.ts";
import { honestHistory, type HonestWorld } from "../support/honest-history.ts";
import { memoryFolder } from "../support/memory-folder.ts";
import { type Driven, makeDrivers, READER_NAMES } from "./drivers.ts";
import { type Planted, planter } from "./plant.ts";
import { rowsOf } from "./reading.ts";

let world: HonestWorld;
let drivers: readonly Driven[];
/** Tips before anything was planted. */
let honest: ReadonlyMap<string, Oid>;
/** Path to the commits that planted it, on facts and on decisions. */
const planted = new Map<string, { readonly state: Oid; readonly decisions: Oid }>();

const APP = "dist/apps/notes/app.json";

/** What may stand in a tree and is no document, by path. */
function strange(): Readonly<Record<string, Planted>> {
  const plant = planter(world.repository);
  const document = printed(appDocument("notes"));
  const named = (slug: string) => Buffer.from(document).toString().replaceAll('"notes"', `"${slug}"`);
  const blob = plant.blob(document);
  const link = { mode: "120000", oid: plant.blob("/etc/passwd") };
  return {
    ".gitattributes": "*.json export-ignore filter=lfs text eol=crlf working-tree-encoding=UTF-16\n",
    "dist/.gitattributes": "* -diff merge=ours\n",
    ".gitmodules": '[submodule "x"]\n\tpath = dist\n\turl = ext::sh -c id\n',
    ".GIT/config": "[core]\n\tfsmonitor = id\n",
    "git~1/config": "[core]\n\thooksPath = .\n",
    ".git/hooks/pre-push": "#!/bin/sh\n",
    "dist/apps/link/app.json": link,
    "dist/apps/folder-link": link,
    "dist/apps/module/app.json": { mode: "160000", oid: world.repository.branches.get(STATE)! },
    "dist/apps/program/app.json": { mode: "100755", oid: blob },
    "dist/apps/shared/app.json": { mode: "100664", oid: blob },
    "dist/apps/Notes/app.json": document,
    "DIST/apps/notes/app.json": document,
    "dist/apps/notes/APP.json": document,
    "dist/apps/con/app.json": named("con"),
    "dist/apps/aux.x/app.json": named("aux.x"),
    "dist/apps/notes/app.json.": document,
    "dist/apps/no\\tes/app.json": document,
  };
}

beforeAll(async () => {
  world = await honestHistory();
  honest = new Map(world.repository.branches);
  drivers = await makeDrivers();
  const plant = planter(world.repository);
  for (const [path, what] of Object.entries(strange()))
    planted.set(path, {
      state: plant.push(STATE, { [path]: what }),
      decisions: plant.push(DECISIONS, { [path]: what }),
    });
}, 60_000);

afterAll(async () => {
  await Promise.all(drivers.map((driver) => driver.close()));
});

describe.each(READER_NAMES)("what is no document in a tree: %s", (name) => {
  const driven = (): Driven => drivers.find((one) => one.name === name)!;

  it("is named by verify with its commit and path, on facts and on decisions", async () => {
    const store = await driven().load(world.repository);
    const { violations, status } = await world.verify({ ground: { store, cache: memoryFolder() } });
    expect(status).toBe("violated");
    const found = violations.map(({ rule, commit, path }) => `${rule} ${commit} ${path}`);
    for (const [path, { state, decisions }] of planted) {
      expect(found).toContain(`path.unknown ${state} ${path}`);
      const told = violations.filter(({ rule, commit }) => rule === "decision.conforming" && commit === decisions);
      expect(told.map(({ data }) => data["paths"])).toEqual([[path]]);
    }
  });

  it("is ignored by readers: the rows stay as they were, and so do decisions", async () => {
    const before = await rowsOf(world, await driven().load({ ...world.repository, branches: new Map(honest) }));
    const store = await driven().load(world.repository);
    expect(await rowsOf(world, store)).toEqual(before);
    const nothing = [
      ".git/hooks/pre-push/x",
      "dist/apps/link/app.json",
      "dist/apps/folder-link/x",
      "dist/apps/module/app.json",
      "dist/apps/program/app.json",
    ];
    const [app, ...others] = await store.read(world.repository.branches.get(STATE)!, [APP, ...nothing]);
    expect(app !== null && app !== undefined && "bytes" in app && Buffer.from(app.bytes)).toEqual(
      Buffer.from(printed(appDocument("notes"))),
    );
    expect(others).toEqual(nothing.map(() => null));
  });

  it("is not made of documents by attributes of the repository itself", async () => {
    const store = await driven().load({ ...world.repository, branches: new Map(honest) });
    const { truth } = driven();
    if (truth !== null) {
      mkdirSync(join(truth, "info"), { recursive: true });
      writeFileSync(
        join(truth, "info", "attributes"),
        "* export-ignore filter=lfs working-tree-encoding=UTF-16 ident\n",
      );
    }
    const again = await driven().again();
    const { violations, status } = await world.verify({ ground: { store: again, cache: memoryFolder() } });
    expect([status, violations]).toEqual(["verified", []]);
    expect(store.location).toBe(again.location);
  });
});
