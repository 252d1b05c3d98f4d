import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { versionKey } from "../../../../src/distribution/core/version-key.ts";
import { compareReleases } from "../../../../src/distribution/core/version-order.ts";
import { byCodePoint } from "../../../../src/kernel/text.ts";

const texts = fc.oneof(
  fc.stringMatching(/^[0-9A-Za-z][0-9A-Za-z.+~_-]{0,20}$/),
  fc.stringMatching(/^[0-3]{1,2}(\.[0-3]{1,2}){0,3}(-(rc|beta|1)(\.[0-2])?)?(\+[0-2a]{1,2})?$/),
  fc.constantFrom("1", "1.0", "1.0.0", "1.1w", "1.1", "1.4rc1", "1.4~rc1", "1.4-rc.1", "01", "9".repeat(128)),
);
const releases = fc.record({ version: texts, build: fc.option(texts, { nil: null }) });

describe("the key of a version", () => {
  it("orders by code point as releases are ordered", () => {
    fc.assert(
      fc.property(releases, releases, (a, b) => {
        expect(Math.sign(byCodePoint(versionKey(a), versionKey(b)))).toBe(Math.sign(compareReleases(a, b)));
      }),
      { numRuns: 3000 },
    );
  });

  it("sorts a list as people expect it", () => {
    const versions = ["1.10.0", "1.9.0", "2.0.0-rc.1", "2.0.0", "1.9.0+2", "1.9", "2.0.0-beta"];
    const sorted = versions.toSorted((a, b) =>
      byCodePoint(versionKey({ version: a, build: null }), versionKey({ version: b, build: null })),
    );
    expect(sorted).toEqual(["1.9", "1.9.0", "1.9.0+2", "1.10.0", "2.0.0-beta", "2.0.0-rc.1", "2.0.0"]);
  });
});
