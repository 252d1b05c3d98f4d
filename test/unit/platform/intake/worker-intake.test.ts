import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { workerIntake } from "../../../../src/platform/intake/worker-intake.ts";

/** A worker that answers honestly when nothing is to be inspected, and otherwise does what `act` says. */
function workerThat(act: string, resourceLimits = {}): () => Worker {
  const code = `
    const { parentPort } = require("node:worker_threads");
    const { writeFileSync } = require("node:fs");
    parentPort.on("message", (job) => {
      if (job.stagedPath) writeFileSync(job.stagedPath, "copy");
      const taken = { sha256: "0".repeat(64), sizeBytes: 4, inspection: job.uninspected ?? { kind: "zip", inspector_version: 1, facts: {}, checks: [] }, staged: job.stagedPath };
      if (job.uninspected === null) { ${act} }
      parentPort.postMessage({ kind: "progress", doneBytes: 2 });
      parentPort.postMessage({ kind: "taken", taken });
    });`;
  return () => new Worker(code, { eval: true, resourceLimits });
}

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "waybill-worker-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("worker intake", () => {
  it("hands on what the worker says, one file at a time", async () => {
    const intake = workerIntake(workerThat(""));
    const steps: number[] = [];
    const all = await Promise.all(["a", "b"].map((name) => intake.take(name, dir, (done) => steps.push(done))));
    expect(all.map((taken) => taken.inspection.kind)).toEqual(["zip", "zip"]);
    expect(steps).toEqual([2, 2]);
    expect(readdirSync(dir)).toHaveLength(2);
    await intake.close();
  });

  it.each([
    [
      "memory",
      "const held = []; for (;;) held.push(new Array(1e5).fill(held.length));",
      { maxOldGenerationSizeMb: 16 },
    ],
    ["time", "for (;;);", {}],
    ["crash", "throw new Error('no');", {}],
    ["crash", "process.exit(3);", {}],
  ] as const)(
    "fails the inspection with limit.%s when the worker dies, and keeps digest and copy",
    async (died, act, limits) => {
      const intake = workerIntake(workerThat(act, limits), 700);
      const taken = await intake.take("a", dir, () => undefined);
      expect(taken.inspection).toMatchObject({
        kind: "opaque",
        checks: [{ status: "failed", detail: { code: `inspect.limit.${died}` } }],
      });
      expect(readdirSync(dir).map((name) => join(dir, name))).toEqual([taken.staged]);
      await intake.close();
    },
  );

  it("throws what the worker could not do as the same error, and goes on", async () => {
    const failed = `parentPort.postMessage({ kind: "failed", code: "file.changed", message: "m", data: { path: "a" }, hints: ["h"] }); return;`;
    const intake = workerIntake(workerThat(failed));
    for (const name of ["a", "b"]) {
      await expect(intake.take(name, null, () => undefined)).rejects.toMatchObject({
        code: "file.changed",
        data: { path: "a" },
        hints: ["h"],
      });
    }
    await intake.close();
  });
});
