import { expect, test } from "vitest";
import type { Commit } from "../../../../src/ports/git-store.ts";
import { clock } from "../../../../src/state/verify/clock.ts";
import type { Violation } from "../../../../src/state/verify/check.ts";
import { schemas } from "../../../support/facts.ts";
import { oid } from "../../../support/page-world.ts";
import { createMemoryGitStore } from "../../../../src/platform/memory/git-store.ts";

const commit = (n: number, at: string): Commit => ({
  commit: oid(String(n + 1)),
  tree: oid("a"),
  parents: [],
  at,
  author: "",
  committer: "",
  subject: "",
  trailers: new Map(),
});

/** Rules and commits that the check names in a history of these times, verified on New Year's Day of 2026. */
async function said(...times: readonly string[]) {
  const found: Violation[] = [];
  const ground = {
    store: createMemoryGitStore(),
    kinds: [],
    schemas,
    clock: { now: () => new Date("2026-01-01T00:00:00Z"), sleep: () => Promise.resolve() },
  };
  const report = (one: Violation) => void found.push(one);
  const walker = await clock.begin({
    ground,
    after: null,
    first: null,
    tip: oid("a"),
    isCut: false,
    counts: {},
    report,
  });
  let parent: Commit | null = null;
  for (const [n, at] of times.entries()) {
    const one = commit(n, at);
    await walker.onCommit?.(one, parent);
    parent = one;
  }
  return found.map((one) => `${one.rule} ${times[times.findIndex((_, n) => oid(String(n + 1)) === one.commit)]}`);
}

test("a commit that is dated before its parent is named, and one at the same time is not", async () => {
  expect(await said("2025-01-02T00:00:00Z", "2025-01-02T00:00:00Z", "2025-01-03T00:00:00Z")).toEqual([]);
  expect(await said("2025-01-02T00:00:00Z", "2025-01-01T00:00:00Z", "2025-01-03T00:00:00Z")).toEqual([
    "time.backwards 2025-01-01T00:00:00Z",
  ]);
});

test("of commits that are dated in the future the first is named, and a few minutes are none", async () => {
  expect(await said("2025-12-31T00:00:00Z", "2026-01-01T00:04:00Z")).toEqual([]);
  expect(await said("2025-12-31T00:00:00Z", "2099-01-01T00:00:00Z", "2099-01-01T00:00:00Z")).toEqual([
    "time.ahead 2099-01-01T00:00:00Z",
  ]);
});
