import { expect, it } from "vitest";
import { freshness } from "../../../../src/platform/git/freshness.ts";

it("fetches what is older than it may be, but no branch that a change of ours has just landed on", async () => {
  let [nowMs, fetches] = [10_000, 0];
  const clock = { now: () => new Date(nowMs), sleep: () => Promise.resolve() };
  const remote = freshness({ offline: false, freshMs: 2000, clock }, nowMs, async () => void (fetches += 1));
  const after = async (ms: number, branch?: string) => {
    nowMs += ms;
    await remote.freshen(branch);
    return fetches;
  };
  expect(await after(1999, "state")).toBe(0);
  remote.landed("state");
  expect(await after(1, "state")).toBe(0);
  expect(await after(1998, "state")).toBe(0);
  expect(await after(0, "decisions")).toBe(1);
  expect(await after(1999, "state")).toBe(1);
  expect(await after(1)).toBe(2);
});
