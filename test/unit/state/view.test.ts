import { beforeEach, expect, test } from "vitest";
import { createMemoryGitStore } from "../../../src/platform/memory/git-store.ts";
import type { GitStore } from "../../../src/ports/git-store.ts";
import { openView, type RecordingView } from "../../../src/state/view.ts";
import { appDocument, commitFiles, printed, releaseDocument, schemas, scope, testKinds } from "../../support/facts.ts";

let store: GitStore;
let view: RecordingView;

beforeEach(async () => {
  store = createMemoryGitStore();
  const at = await commitFiles(store, {
    "state.json": printed(scope),
    "dist/apps/notes/app.json": printed(appDocument("notes")),
    "dist/apps/moved/app.json": printed(appDocument("elsewhere")),
    "dist/apps/broken/app.json": "{}\n",
    "dist/apps/notes/releases/1.0.0.json": printed(releaseDocument("notes", "1.0.0")),
  });
  view = openView({ store, kinds: testKinds, schemas, branch: "state" }, at);
});

test("finds documents, and undefined where there is none, in the order asked", async () => {
  const found = await view.findAll("app.v1", [{ slug: "absent" }, { slug: "notes" }, { slug: "absent" }]);
  expect(found.map((app) => app?.slug)).toEqual([undefined, "notes", undefined]);
});

test("remembers what it read and what was not there", async () => {
  await view.find("app.v1", { slug: "notes" });
  await view.find("app.v1", { slug: "absent" });
  await view.names("dist/apps/nothing");
  expect([...view.reads].map(([path, oid]) => [path, typeof oid])).toEqual([
    ["dist/apps/notes/app.json", "string"],
    ["dist/apps/absent/app.json", "object"],
    ["dist/apps/nothing", "object"],
  ]);
});

test("reads each path once", async () => {
  let reads = 0;
  const counted: GitStore = {
    ...store,
    read: (at, paths) => {
      reads += paths.length;
      return store.read(at, paths);
    },
  };
  const other = openView({ store: counted, kinds: testKinds, schemas, branch: "state" }, view.at);
  for (const _ of [1, 2, 3]) await other.find("app.v1", { slug: "notes" });
  await other.bytes("app.v1", { slug: "notes" });
  expect(reads).toBe(1);
});

test("lists names by code point, folders with a slash, and nothing where there is none", async () => {
  expect(await view.names("dist/apps")).toEqual(["broken/", "moved/", "notes/"]);
  expect(await view.names("dist/apps/notes")).toEqual(["app.json", "releases/"]);
  expect(await view.names("dist/apps/notes/app.json")).toEqual([]);
  expect(await view.names("nowhere")).toEqual([]);
});

test("a folder in the place of a document is no document", async () => {
  const at = await commitFiles(store, { "dist/apps/folder/app.json/x": "" });
  const other = openView({ store, kinds: testKinds, schemas, branch: "state" }, at);
  expect(await other.find("app.v1", { slug: "folder" })).toBeUndefined();
  expect(await other.bytes("app.v1", { slug: "folder" })).toBeUndefined();
});

test("refuses what is no document, and one that belongs elsewhere", async () => {
  await expect(view.find("app.v1", { slug: "broken" })).rejects.toMatchObject({ code: "state.document.invalid" });
  await expect(view.find("app.v1", { slug: "moved" })).rejects.toMatchObject({
    code: "state.document.invalid",
    data: { path: "dist/apps/moved/app.json", belongs: "dist/apps/elsewhere/app.json" },
  });
});

test("a kind that no plane lists is our bug", async () => {
  await expect(view.find("token.v1", { id: "tok_1" })).rejects.toMatchObject({ code: "internal.bug" });
});
