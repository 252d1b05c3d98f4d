import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { folderFinder, isFrozen, keyAt, kindFinder, pathOf, type AnyKind } from "../../../src/state/document-kind.ts";
import { segmentPath } from "../../../src/state/seal/segment-path.ts";
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

describe.each(["state", "decisions"] as const)("folders that documents on %s lie in", (branch) => {
  const kinds = documentKinds.filter((kind) => kind.branch === branch);
  const isFolder = folderFinder(kinds);
  const above = (path: string) => path.split("/").map((_, i, names) => names.slice(0, i).join("/"));

  test("are all those above the path of any document, and of any segment", () => {
    const name = fc.stringMatching(/^[A-Za-z0-9.+~-]{1,12}$/);
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.array(name, { minLength: 8, maxLength: 8 }), (kind, names) => {
        const fill = (path: string) => names.reduce((filled, part) => filled.replace(/\{\w+\}/, part), path);
        const paths = [fill(kind.path), ...(kind.sealed ? [segmentPath(fill(kind.sealed.folder), 2)] : [])];
        for (const folder of paths.flatMap(above).filter((path) => path !== ""))
          expect(isFolder(folder), folder).toBe(true);
      }),
    );
  });

  test("are no others: no document is below one that is not", () => {
    const names = kinds.flatMap(({ path }) => path.split("/").map((part) => part.replaceAll(/\{\w+\}/g, "ab")));
    const parts = fc.array(fc.constantFrom(...new Set(names), "zzz"), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(parts, (path) => {
        fc.pre(above(path.join("/")).some((folder) => folder !== "" && !isFolder(folder)));
        expect(kinds.filter((kind) => keyAt(kind, path.join("/")) !== undefined)).toEqual([]);
      }),
    );
    const documents = kinds.map((kind) => kind.path.replaceAll(/\{\w+\}/g, "ab"));
    const beside = [
      "zzz",
      "zzz/d",
      "",
      "dist/apps/ab/zzz",
      "audit/ab/ab/ab/ab/ab/ab",
      "channels/ab/ab",
      "DIST",
      "dist/",
    ];
    expect([...documents, ...beside].filter(isFolder)).toEqual([]);
  });
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
