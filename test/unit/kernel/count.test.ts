import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countText } from "../../../src/kernel/count.ts";

describe("countText", () => {
  it("prints whole numbers as English does", () => {
    const numbers = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -2000, max: 2000 }));
    fc.assert(
      fc.property(numbers, (n) => {
        expect(countText(n)).toBe(n.toLocaleString("en-US"));
      }),
    );
  });
});
