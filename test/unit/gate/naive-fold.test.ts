import fc from "fast-check";
import { expect, it } from "vitest";
import { bothViews } from "../../support/naive-fold/compare.ts";
import { firstParents } from "../../support/naive-fold/history.ts";
import { played } from "../../support/naive-fold/play.ts";
import { plays } from "../../support/naive-fold/steps.ts";

/** Histories to play; more of them by `WAYBILL_FOLD_RUNS=20000 npx vitest run naive-fold`. */
const RUNS = Number(process.env["WAYBILL_FOLD_RUNS"] ?? "200");

it("agrees with a naive fold that was written from the specification, on every history", {
  timeout: 60_000 + RUNS * 200,
}, async () => {
  await fc.assert(
    fc.asyncProperty(plays, fc.nat(), async (play, cut) => {
      const { stage, tip, ids } = played(play);
      const line = firstParents(stage, tip);
      const earlier = line[cut % line.length] ?? tip;
      for (const { naive, real } of await bothViews({ stage, tip, ids }, [earlier, tip])) expect(real).toEqual(naive);
    }),
    { numRuns: RUNS },
  );
});
