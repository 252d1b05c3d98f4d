import fc from "fast-check";
import { expect, test } from "vitest";
import { isFrozen, keyAt, kindFinder, pathOf, type AnyKind } from "../../../src/state/document-kind.ts";
import { documentKinds } from "../../../cli/compose/kinds.ts";
import { appDocument, releaseDocument, testKinds } from "../../support/facts.ts";

const template = { path: "dist/apps/{slug}/releases/{folder}/{file}.json" };

test("fills a template and finds the same key in the path", () => {
  const name = fc.stringMatching(/^[a-z0-9.+~-]{1,12}$/);
  fc.assert(
    fc.property(name, name, name, (slug, folder, file) => {
      const key = { slug, folder, file };
      expect(keyAt(template, pathOf(template, key))).toEqual(key);
    }),
  );
});

test.each([
  "dist/apps/notes/releases/1.0/1.0.0.json/more",
  "dist/apps/notes/releases/1.0",
  "dist/apps//releases/1.0/1.0.0.json",
  "dist/apps/notes/releases/1.0/.json",
  "dist/apps/notes/releases/1.0/1.0.0.txt",
  "/dist/apps/notes/releases/1.0/1.0.0.json",
  "",
])("does not take %j for a path of the template", (path) => {
  expect(keyAt(template, path)).toBeUndefined();
});

test("a key that holds what a template holds does not grow the path by itself", () => {
  expect(pathOf({ path: "a/{x}/{y}" }, { x: "{y}", y: "$&" })).toBe("a/{y}/$&");
});

test("the finder answers as asking every kind in turn would", () => {
  const paths = documentKinds.map((kind) => kind.path.replaceAll(/\{\w+\}/g, "ab"));
  const slow = (branch: AnyKind["branch"], path: string) =>
    documentKinds.find((kind) => kind.branch === branch && keyAt(kind, path) !== undefined);
  for (const branch of ["state", "decisions"] as const) {
    const find = kindFinder(documentKinds, branch);
    for (const path of [...paths, "unknown", "dist/x", ""]) expect(find(path)?.kind).toBe(slow(branch, path));
  }
});

test("no two kinds of one branch claim one path", () => {
  for (const kind of documentKinds) {
    const path = kind.path.replaceAll(/\{\w+\}/g, "ab");
    const claims = documentKinds.filter((other) => other.branch === kind.branch && keyAt(other, path) !== undefined);
    expect(claims.map((claim) => claim.name)).toEqual([kind.name]);
  }
});

test("what may not change any more says so by its kind's life", () => {
  const [state, event, app, release] = testKinds;
  if (app?.name !== "app.v1" || release?.name !== "release.v1") throw new Error("other kinds");
  expect(isFrozen(app, appDocument("notes"))).toBe(false);
  expect(isFrozen(release, releaseDocument("notes", "1.0.0", { status: "draft" }))).toBe(false);
  expect(isFrozen(release, releaseDocument("notes", "1.0.0"))).toBe(true);
  expect([state?.life, event?.life]).toEqual(["append-only", "append-only"]);
});
