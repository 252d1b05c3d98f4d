import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareReleases, compareVersions, newestFirst } from "../../../../src/distribution/core/version-order.ts";

const texts = fc.oneof(
  fc.string({ unit: fc.constantFrom(..."0 1 2 9 . + - ~ _ a b r c R C".split(" ")), minLength: 1, maxLength: 10 }),
  fc.tuple(fc.nat(3), fc.nat(12), fc.nat(3)).map((numbers) => numbers.join(".")),
);

describe("compareVersions", () => {
  it.each([
    ["0.9.0", "0.10.0"],
    ["1.0.0-alpha", "1.0.0-alpha.1"],
    ["1.0.0-alpha.1", "1.0.0-alpha.beta"],
    ["1.0.0-beta.2", "1.0.0-beta.11"],
    ["1.0.0-rc.1", "1.0.0"],
    ["1.4rc1", "1.4"],
    ["1.0rc1", "1.0"],
    ["1.4~rc1", "1.4"],
    ["1.1.1", "1.1.1w"],
    ["1.1.1w", "1.1.1.1"],
    ["2026.9.30", "2026.10.1"],
    ["9", "10"],
    ["1.9", "1.09.1"],
    ["1.0.0+1", "1.0.0+10"],
  ])("puts %s before %s", (older, newer) => {
    expect(compareVersions(older, newer)).toBeLessThan(0);
    expect(compareVersions(newer, older)).toBeGreaterThan(0);
  });

  it("is total: antisymmetric, transitive, and equal only for equal texts", () => {
    fc.assert(
      fc.property(texts, texts, texts, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
        expect(compareVersions(a, b) === 0).toBe(a === b);
        const [x, y, z] = [a, b, c].toSorted(compareVersions);
        expect(compareVersions(x!, y!)).toBeLessThanOrEqual(0);
        expect(compareVersions(y!, z!)).toBeLessThanOrEqual(0);
        expect(compareVersions(x!, z!)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 5000 },
    );
  });
});

describe("compareReleases", () => {
  it("orders builds of one version by number", () => {
    const releases = [
      { version: "1.4.0", build: "9" },
      { version: "1.4.0", build: null },
      { version: "1.10.0", build: null },
      { version: "1.4.0", build: "412" },
    ];
    expect(releases.toSorted(compareReleases).map(({ version, build }) => `${version} ${build}`)).toEqual([
      "1.4.0 null",
      "1.4.0 9",
      "1.4.0 412",
      "1.10.0 null",
    ]);
    expect(releases.toSorted(newestFirst)[0]).toEqual({ version: "1.10.0", build: null });
  });
});
