import { posix } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linkEscapes } from "../../../src/inspect/archive-links.ts";
import { collisionKey, nameProblem } from "../../../src/inspect/archive-name.ts";

const part = fc.constantFrom("..", ".", "", "a", "b", "c:", "\\", "\u202e");
const path = fc.array(part, { maxLength: 6 }).map((parts) => parts.join("/"));

describe("archive names", () => {
  it("never passes a name that leads out of its folder", () => {
    fc.assert(
      fc.property(path, (name) => {
        if (nameProblem(name) !== null) return;
        expect(posix.join("/root", name).startsWith("/root/")).toBe(true);
        expect(name).not.toContain("\\");
      }),
    );
  });

  it("never passes a link that leads out, wherever it lies", () => {
    fc.assert(
      fc.property(path, path, (name, target) => {
        if (nameProblem(name) !== null || linkEscapes(name, target)) return;
        const resolved = posix.join("/root", posix.dirname(name), target);
        expect(resolved === "/root" || resolved === "/root/" || resolved.startsWith("/root/")).toBe(true);
      }),
    );
  });

  it("refuses links that lead out of a folder's name, or back from a name", () => {
    expect([
      linkEscapes("a/", ".."),
      linkEscapes("a/b/", "../.."),
      linkEscapes("a/b/c", "d/../../e"),
      linkEscapes("a/b/c", ".././../.."),
    ]).toEqual([true, true, true, true]);
  });

  it("takes ordinary names and links", () => {
    expect(["a", "a/", "a/b.c", "Caf\u00e9/\u{1F468}\u200d\u{1F469}", "..a", "a..b/c"].map(nameProblem)).toEqual([
      null,
      null,
      null,
      null,
      null,
      null,
    ]);
    expect([
      linkEscapes("a/b/c", "../../d"),
      linkEscapes("a", "b"),
      linkEscapes("a/b/", ".."),
      linkEscapes("Frameworks/X", "Versions/Current/X"),
    ]).toEqual([false, false, false, false]);
  });

  it("folds case and composition", () => {
    expect(collisionKey("A/\u00c9/")).toBe(collisionKey("a/e\u0301"));
  });
});
