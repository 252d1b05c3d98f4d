import { expect, test } from "vitest";
import { stateChecks } from "../../../../src/state/checks.ts";
import type { VerifyCheck } from "../../../../src/state/verify/check.ts";
import { honestHistory } from "../../../support/honest-history.ts";
import { verifyRepository } from "../../../../src/gate/verify/verify-repository.ts";
import { verifyRules } from "../../../../cli/verify-rules.ts";
import { helpersHere } from "../../../support/verify-twice.ts";
import type { Helpers } from "../../../../src/gate/verify/facts-ahead.ts";
import { appDocument } from "../../../support/facts.ts";

/** Counts the commits that it is shown here, and not those that a helper is. */
function counting(more: Partial<VerifyCheck>) {
  const shown: string[] = [];
  const check: VerifyCheck = {
    rules: [],
    ...more,
    begin: async ({ isPart }) => ({ onCommit: ({ commit }) => void (isPart || shown.push(commit)) }),
  };
  return { shown, check };
}

/** What a world of some commits is found to be, with a helper, and what the helper was asked and said. */
async function verified(check: VerifyCheck, change: (helpers: Helpers) => Helpers = (helpers) => helpers) {
  const world = await honestHistory();
  for (const slug of ["a", "b", "c", "d", "e", "f"])
    await world.write({ name: "app.v1", key: { slug }, document: appDocument(slug) });
  const checks = [...stateChecks, check];
  const progress: (readonly [number, number])[] = [];
  const found = await verifyRepository(world.ground, {
    version: "test",
    rules: verifyRules,
    checks,
    ending: () => [],
    full: true,
    progress: (done, total) => void progress.push([done, total]),
    helpers: change(helpersHere(world.ground, checks, 2)),
  });
  return { found, progress, commits: found.facts?.commits ?? 0 };
}

test("a helper walks parts of history that are not walked here again", async () => {
  const { shown, check } = counting({ helped: "counting" });
  const { found, progress, commits } = await verified(check);
  expect(found.status).toBe("verified");
  expect(shown.length).toBeLessThan(commits);
  expect(progress.at(-1)).toEqual([commits, commits]);
  expect(found.checked.find(({ rule }) => rule === "history.not_linear")?.seen).toBe(commits);
});

test("a check that says nothing of helpers sees every commit here", async () => {
  const { shown, check } = counting({});
  const { found, commits } = await verified(check);
  expect([found.status, shown.length]).toEqual(["verified", commits]);
});

test("a helper that dies leaves its parts to who asked", async () => {
  const { shown, check } = counting({ helped: "counting" });
  const { found, commits } = await verified(check, (helpers) => ({
    ...helpers,
    start: () => ({ ...helpers.start(), ask: () => Promise.resolve(null) }),
  }));
  expect([found.status, shown.length]).toEqual(["verified", commits]);
});
