import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { threadJobs } from "../../../src/platform/thread-jobs.ts";

const threadThat = (body: string) => () =>
  new Worker(`const { parentPort } = require("node:worker_threads"); parentPort.on("message", (job) => { ${body} });`, {
    eval: true,
  });

test("jobs are answered in their order", async () => {
  const jobs = threadJobs<number, number>(threadThat("parentPort.postMessage({ answer: job * 2 });"));
  expect(await Promise.all([jobs.ask(1), jobs.ask(2), jobs.ask(3)])).toEqual([2, 4, 6]);
  await jobs.close();
});

test("what a thread that dies had to do is left undone, and so is everything later", async () => {
  const jobs = threadJobs<number, number>(
    threadThat('if (job === 2) throw new Error("gone"); parentPort.postMessage({ answer: job });'),
  );
  expect(await Promise.all([jobs.ask(1), jobs.ask(2), jobs.ask(3)])).toEqual([1, null, null]);
  expect(await jobs.ask(4)).toBeNull();
  await jobs.close();
});

test("what is under way when it is closed is left undone", async () => {
  const jobs = threadJobs<number, number>(threadThat(""));
  const asked = jobs.ask(1);
  await jobs.close();
  expect(await asked).toBeNull();
});
