import { expect, test } from "vitest";
import { walkProgress } from "../../cli/verify-progress.ts";

/** Shows a walk of so many commits and answers what was said, and after how many of them memory was bounded. */
function walk(commits: number) {
  const said: string[] = [];
  const bounded: number[] = [];
  let at = 0;
  const task = (what: string, total: number | null) => {
    said.push(`${what} of ${total}`);
    return { step: () => undefined, end: () => said.push(`${what} ended`) };
  };
  const progress = walkProgress({ note: () => undefined, detail: () => undefined, task }, () => bounded.push(at));
  for (at = 1; at <= commits; at += 1) progress.step(at, commits);
  progress.end();
  return { said, bounded };
}

test("a walk shows its length as soon as it is known, and a long one bounds its memory once", () => {
  expect(walk(2)).toEqual({
    said: [
      "Looking for commits of null",
      "Looking for commits ended",
      "Verifying commits of 2",
      "Verifying commits ended",
    ],
    bounded: [],
  });
  expect(walk(10_000).bounded).toEqual([10_000]);
  expect(walk(25_000).bounded).toEqual([10_000]);
});
