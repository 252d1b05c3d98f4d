import { describe, expect, it } from "vitest";
import { ToolError } from "../../src/kernel/errors.ts";
import type { Forge } from "../../src/ports/forge.ts";
import type { FaultEffect } from "../github/faults.ts";
import { ACT, PAGE, proposalIn, proposing } from "../support/github-forge.ts";

const EFFECTS: readonly FaultEffect[] = [
  { kind: "drop" },
  { kind: "lose" },
  { kind: "status", status: 502 },
  { kind: "status-after", status: 502 },
  { kind: "stale", reads: 2 },
];

const STATUS = { state: "pending", description: "Waits: 0 of 2 approvals" } as const;

/** The whole life of a proposal. */
async function live(forge: Forge, on: Awaited<ReturnType<typeof proposing>>): Promise<void> {
  const { head, base, acme } = on;
  const proposal = proposalIn(
    await forge.open({ id: "prop_one", head, base }, { ...PAGE, reviewers: [acme.people.bob.id] }),
  );
  await forge.post(proposal, STATUS);
  await forge.show(proposal, { ...PAGE, body: "Now another body.\n" });
  await forge.comment(proposal, "pending", "It is pending.");
  const merged = await forge.merge(proposal, head, PAGE.title, ACT);
  expect(merged).toHaveProperty("commit");
}

/** Tries it, and answers the code that it failed with; null where it did not. */
async function codeOfLife(on: Awaited<ReturnType<typeof proposing>>): Promise<string | null> {
  try {
    await live(on.forge, on);
    return null;
  } catch (cause) {
    if (cause instanceof ToolError) return cause.code;
    throw cause;
  }
}

/** What there must be at the end, whatever went wrong on the way: everything once. */
async function expectOnce({ acme, head }: Awaited<ReturnType<typeof proposing>>): Promise<void> {
  const { pulls, issues, statuses } = acme.repo.features;
  expect(pulls.all).toHaveLength(1);
  const [pull] = pulls.all;
  expect(pull).toMatchObject({
    body: "Now another body.\n",
    mergeCommit: await acme.repo.ref("refs/heads/waybill/decisions"),
  });
  expect(issues.commentsOf(pull?.number ?? 0)).toHaveLength(1);
  expect(statuses.of(head)).toHaveLength(1);
  expect(issues.labelled(pull?.number ?? 0).map(({ name }) => name)).toEqual(["waybill:promotion"]);
}

describe("the life of a proposal on GitHub", () => {
  it.each(EFFECTS)(
    "ends the same with $kind $status at each request in turn, run again where it failed",
    async (effect) => {
      for (let n = 1; ; n += 1) {
        const on = await proposing();
        const { world } = on.acme.github;
        const start = world.requests.length;
        world.faults.add({ when: start + n, effect });
        const failed = await codeOfLife(on);
        expect([null, "forge.unanswered", "forge.unavailable", "forge.conflict"]).toContain(failed);
        if (failed !== null) await live(on.forge, on);
        await expectOnce(on);
        if (world.requests.length < start + n) break;
        expect(n).toBeLessThan(60);
      }
    },
    120_000,
  );

  it("needs no second run where only answers were lost", async () => {
    for (let n = 1; n < 40; n += 1) {
      const on = await proposing();
      const { world } = on.acme.github;
      const at = world.requests.length + n;
      world.faults.add({ when: at, effect: { kind: "lose" } });
      await live(on.forge, on);
      await expectOnce(on);
      if (world.requests.length < at) return;
    }
    throw new Error("it never ended");
  }, 120_000);
});
