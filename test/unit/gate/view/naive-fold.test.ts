import fc from "fast-check";
import { expect, it } from "vitest";
import { bothViews } from "../../../support/naive-fold/compare.ts";
import { firstParents } from "../../../support/naive-fold/history.ts";
import { played } from "../../../support/naive-fold/play.ts";
import { plays } from "../../../support/naive-fold/steps.ts";

/** Histories to play, as many as fit into {@link LIMIT_MS}. `WAYBILL_FOLD_RUNS=20000 npx vitest run naive-fold` plays that many. */
const ASKED = process.env["WAYBILL_FOLD_RUNS"];
const RUNS = Number(ASKED ?? "200");
const LIMIT_MS = 14_000;

it("agrees with a naive fold that was written from the specification, on every history", {
  timeout: 60_000 + RUNS * 500,
}, async () => {
  let count = 0;
  // What fails is printed with its seed and path, and made small first.
  await fc.assert(
    fc.asyncProperty(plays, fc.nat(), async (play, cut) => {
      const { stage, tip, ids } = played(play);
      const line = firstParents(stage, tip);
      const earlier = line[cut % line.length] ?? tip;
      for (const { naive, real } of await bothViews({ stage, ids }, [earlier, tip])) expect(real).toEqual(naive);
      count += 1;
    }),
    {
      numRuns: RUNS,
      ...(ASKED === undefined ? { interruptAfterTimeLimit: LIMIT_MS, markInterruptAsFailure: false } : {}),
    },
  );
  expect(count).toBeGreaterThan(0);
});
