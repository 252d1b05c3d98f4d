import { describe, expect, it } from "vitest";
import { folderOf, withFolders } from "../../../../../src/platform/github/git/ahead.ts";

describe("fetching ahead", () => {
  it("asks for a path with every folder above it, each once", () => {
    expect(withFolders(["a/b/c.json", "a/d", ""])).toEqual(["", "a", "a/b", "a/b/c.json", "a/d"]);
  });

  it.each(["a/../b", "./a", "a/:x", "a/^{tree}", "a b", "a\nb", "é", "a//b", "@{1}"])(
    "leaves to the walk what an expression of git could mean in another way: %s",
    (path) => {
      for (const prefix of withFolders([path])) expect(prefix).toMatch(/^(?:a)?$/);
    },
  );

  it("knows the folder of a path", () => {
    expect(["a/b/c", "a", ""].map(folderOf)).toEqual(["a/b", "", ""]);
  });
});
