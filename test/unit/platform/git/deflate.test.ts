import { inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deflated } from "../../../../src/platform/git/deflate.ts";

describe("a zlib stream", () => {
  it("gives what was put into it, whatever that is", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 3 }), (parts) => {
        expect(inflateSync(deflated(parts))).toEqual(Buffer.concat(parts));
      }),
      { numRuns: 200 },
    );
  });

  it("has the right checksum where the sums are largest, and fits into one block as long as it is stored", () => {
    for (const size of [0, 1, 2047, 2048, 2049, 4084, 4085, 4086, 70_000]) {
      const content = Buffer.alloc(size, 0xff);
      expect(inflateSync(deflated([content])).equals(content)).toBe(true);
      expect(deflated([content]).length).toBeLessThanOrEqual(4096);
    }
  });
});
