import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Inspector } from "../../src/inspect/inspector.ts";
import { validationStatus, type Inspection } from "../../src/inspect/inspection.ts";
import { failedCodes, inspectBytes } from "../support/inspect-bytes.ts";

type Bad = Uint8Array | { readonly bytes: Uint8Array; readonly within: Inspector };

/** What the suite needs of a format. */
export interface InspectorCase {
  readonly inspector: Inspector;
  /** A whole, good file. */
  readonly sample: () => Uint8Array | Promise<Uint8Array>;
  /** One file for every problem that the format declares; one that would be huge is given with an inspector of lower bounds. */
  readonly problems: Readonly<Record<string, () => Bad | Promise<Bad>>>;
}

/** Behaviour that every artifact format shares: see `Inspector`. */
export function describeInspector({ inspector, sample, problems }: InspectorCase): void {
  describe(`inspector ${inspector.id}`, () => {
    it("knows its sample by its content and finds no fault in it", async () => {
      const inspection = await inspectBytes(await sample());
      expect(inspection.kind).toBe(inspector.id);
      expect(failedCodes(inspection)).toEqual([]);
      expect(inspection.checks.length).toBeGreaterThan(0);
      expect(inspection.checks.every((check) => /^[a-z0-9_]+\.[a-z0-9_.]+$/.test(check.id))).toBe(true);
    });

    it("says the same whatever the size of the pieces it is fed", async () => {
      const bytes = await sample();
      const whole = await inspectBytes(bytes);
      for (const chunkBytes of [1, 7, 4099]) {
        if (bytes.length / chunkBytes > 100_000) continue;
        expect(await inspectBytes(bytes, chunkBytes)).toEqual(whole);
      }
    });

    it("has a test for every problem it declares", () => {
      expect(
        Object.keys(problems)
          .map((name) => `inspect.${name}`)
          .toSorted(),
      ).toEqual([...inspector.problems].toSorted());
    });

    it.each(Object.entries(problems))("finds %s", async (name, make) => {
      const bad = await make();
      const inspection = await ("within" in bad ? inspectBytes(bad.bytes, 1 << 20, [bad.within]) : inspectBytes(bad));
      expect(failedCodes(inspection)).toContain(`inspect.${name}`);
    });

    it("never passes a file that is cut short", async () => {
      const bytes = await sample();
      for (let part = 0; part < 16; part += 1) {
        const inspection = await inspectBytes(bytes.subarray(0, Math.floor((bytes.length * part) / 16)));
        expect(untyped(inspection)).toEqual([]);
        expect(validationStatus(inspection.checks)).not.toBe("passed");
      }
    });

    it("answers with findings whatever bytes are changed", async () => {
      const bytes = await sample();
      const change = fc.record({
        at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        with: fc.uint8Array({ minLength: 1, maxLength: 8 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
          const mutated = Uint8Array.from(bytes);
          for (const { at, with: other } of changes) {
            const from = Math.floor(at * bytes.length);
            mutated.set(other.subarray(0, bytes.length - from), from);
          }
          expect(untyped(await inspectBytes(mutated))).toEqual([]);
        }),
        { numRuns: 150 },
      );
    });

    it("answers with findings for any bytes behind its own first ones", async () => {
      const head = (await sample()).subarray(0, 64);
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 2048 }), async (tail) => {
          expect(untyped(await inspectBytes(Buffer.concat([head, tail])))).toEqual([]);
        }),
        { numRuns: 50 },
      );
    });
  });
}

/** Findings that carry no proper code; there must never be one. */
function untyped(inspection: Inspection): readonly unknown[] {
  return failedCodes(inspection).filter(
    (code) => typeof code !== "string" || !/^inspect\.[a-z0-9_]+\.[a-z0-9_]+$/.test(code),
  );
}
