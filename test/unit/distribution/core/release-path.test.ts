import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeName,
  encodeName,
  folderOf,
  isNameable,
  RELEASE_PATH,
  releaseKey,
  versionAt,
} from "../../../../src/distribution/core/release-path.ts";
import { keyAt, pathOf } from "../../../../src/state/document-kind.ts";

const version = fc.stringMatching(/^[0-9A-Za-z][0-9A-Za-z.+~_-]{0,30}$/);

describe("release paths", () => {
  it.each([
    ["1.4.0", null, "1.4", "1.4.0"],
    ["1.4.0", "412", "1.4", "1.4.0+412"],
    ["1.4.0+exp", "a+b", "1.4", "1.4.0%2Bexp+a%2Bb"],
    ["v1", null, "_", "v1"],
    ["2026.11.3-rc_1", null, "2026.11", "2026.11.3-rc_1"],
  ])("puts %s (%s) at %s/%s", (text, build, folder, name) => {
    expect(releaseKey("acme", text, build)).toEqual({ app: "acme", folder, name });
  });

  it("gives version and build back, whatever they are", () => {
    fc.assert(
      fc.property(version, fc.option(version), (text, build) => {
        expect(versionAt(releaseKey("acme", text, build).name)).toEqual({ version: text, build });
      }),
    );
  });

  it("encodes any text to safe bytes and back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const name = encodeName(text);
        expect(name).toMatch(/^[A-Za-z0-9._~%-]*$/);
        expect(decodeName(name)).toBe(text);
      }),
    );
  });

  it("gives different releases different paths", () => {
    fc.assert(
      fc.property(version, fc.option(version), version, fc.option(version), (a, x, b, y) => {
        const same =
          pathOf({ path: RELEASE_PATH }, releaseKey("s", a, x)) ===
          pathOf({ path: RELEASE_PATH }, releaseKey("s", b, y));
        expect(same).toBe(a === b && x === y);
      }),
    );
  });

  it("is found again by its template", () => {
    const key = releaseKey("acme", "1.4.0", "412");
    expect(keyAt({ path: RELEASE_PATH }, pathOf({ path: RELEASE_PATH }, key))).toEqual(key);
  });

  it("knows folders and names that no file may have", () => {
    expect([folderOf("1"), folderOf("1.x"), folderOf("10.20rc")]).toEqual(["_", "_", "10.20"]);
    expect([isNameable("con"), isNameable("Nul.1"), isNameable("console"), isNameable("1.0")]).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});
