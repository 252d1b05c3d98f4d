import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LruCache } from "../../../src/kernel/lru-cache.ts";

const keys = fc.constantFrom("a", "b", "c", "d");

describe("a cache of what was used last", () => {
  it("answers what was put in last, or nothing", () => {
    const step = fc.oneof(
      fc.record({ set: keys, weight: fc.integer({ min: 1, max: 8 }) }),
      fc.record({ get: keys }),
      fc.record({ delete: keys }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const cache = new LruCache<string, { readonly weight: number }>(16, ({ weight }) => weight);
        const latest = new Map<string, { readonly weight: number }>();
        const wrong = steps.filter((one) => {
          if ("set" in one) {
            const value = { weight: one.weight };
            cache.set(one.set, value);
            latest.set(one.set, value);
          } else if ("delete" in one) {
            cache.delete(one.delete);
            latest.delete(one.delete);
          } else return ![latest.get(one.get), undefined].includes(cache.get(one.get));
          return false;
        });
        expect(wrong).toEqual([]);
      }),
    );
  });

  it("keeps what is used while others pass, and has room again for what was dropped", () => {
    const cache = new LruCache<string, number>(10, () => 1);
    cache.set("used", 0);
    for (let i = 0; i < 100; i += 1) {
      cache.set(`passing ${i}`, i);
      cache.get("used");
    }
    expect(cache.get("used")).toBe(0);
    expect(cache.get("passing 0")).toBeUndefined();
    const dropping = new LruCache<string, number>(10, () => 1);
    dropping.set("old", 0);
    for (let i = 0; i < 100; i += 1) {
      dropping.set(`passing ${i}`, i);
      dropping.delete(`passing ${i}`);
    }
    expect(dropping.get("old")).toBe(0);
  });
});
