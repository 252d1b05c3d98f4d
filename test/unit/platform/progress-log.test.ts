import { describe, expect, it } from "vitest";
import { progressLog, type ProgressOptions } from "../../../src/platform/progress-log.ts";

function logOf(mode: ProgressOptions["mode"], verbose = false) {
  let ms = 0;
  const written: string[] = [];
  const log = progressLog({
    mode,
    verbose,
    columns: 100,
    now: () => ms,
    plain: (text) => text,
    write: (text) => written.push(text),
  });
  return { log, written, wait: (by: number) => (ms += by) };
}

describe("progress", () => {
  it("writes no bar before 300 ms and at most ten redraws a second", () => {
    const { log, written, wait } = logOf("bar");
    const task = log.task("upload", 1000, "bytes");
    task.step(10);
    expect(written).toEqual([]);
    wait(300);
    for (let n = 0; n < 100; n += 1) {
      wait(10);
      task.step(n);
    }
    expect(written.filter((text) => text.includes("upload"))).toHaveLength(10);
  });

  it("takes the bar off before anything else is written", () => {
    const { log, written, wait } = logOf("bar");
    const task = log.task("inspect", 5);
    wait(400);
    task.step(2);
    log.note("a note");
    task.end("done");
    expect(written).toEqual([
      expect.stringMatching(/^ {2}inspect .*40 % {3}2 of 5\n$/),
      "\r\u001b[1A\u001b[2K",
      "a note\n",
    ]);
  });

  it("writes whole lines every 10 s and a summary at the end, never a control sequence", () => {
    const { log, written, wait } = logOf("lines");
    const task = log.task("upload", 302_400_000, "bytes");
    wait(10_000);
    task.step(120_400_000);
    wait(1000);
    task.step(150_000_000);
    task.end("5/5 in 31 s");
    expect(written).toEqual(["upload 39 %, 120.4 of 302.4 MB, 12 MB/s, 16 s left\n", "upload 5/5 in 31 s\n"]);
  });

  it("escapes what could steer the terminal", () => {
    const { log, written } = logOf("lines");
    log.note("a\u001b[2Jb");
    expect(written).toEqual(["a\\u{1b}[2Jb\n"]);
  });

  it("says details only when asked to, and nothing at all when silent", () => {
    const quiet = logOf("lines");
    quiet.log.detail("x");
    const verbose = logOf("lines", true);
    verbose.log.detail("x");
    const silent = logOf("silent", true);
    silent.log.note("x");
    silent.log.task("t", 1).end("done");
    expect([quiet.written, verbose.written, silent.written]).toEqual([[], ["x\n"], []]);
  });

  it("knows where the work stands, for a run that is stopped", () => {
    const { log } = logOf("silent");
    expect(log.position()).toBeNull();
    const task = log.task("upload", 5);
    task.step(3);
    expect(log.position()).toBe("upload 3/5");
    task.end();
    expect(log.position()).toBeNull();
  });
});
