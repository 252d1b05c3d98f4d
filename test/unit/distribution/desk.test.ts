import { expect, it } from "vitest";
import { createApp } from "../../../src/distribution/apps.ts";
import type { AppChange } from "../../../src/distribution/core/app-plan.ts";
import { openRewrite } from "../../../src/gate/propose/open-rewrite.ts";
import { orThrow } from "../../../src/kernel/errors.ts";
import { createMemoryGitStore, createMemoryRepository } from "../../../src/platform/memory/git-store.ts";
import { STATE } from "../../../src/state/branches.ts";
import { tipOf } from "../../../src/state/transact.ts";
import { keysWith } from "../../support/gate-world.ts";
import { alice, deskOf, publishWorld } from "../../support/publish-world.ts";
import { rewriteHistory } from "../../support/rewritten.ts";

it("writes nothing among facts that were decided to give way to others, until the branch was moved", async () => {
  const repository = createMemoryRepository();
  const world = await publishWorld({ store: createMemoryGitStore({ repository, random: () => 0 }) });
  const { ground, store, key } = world;
  const old = await tipOf(store);
  const next = await rewriteHistory(repository, store, old);
  const act = world.acts.begin(alice, "test");
  const run = { ground, act, keys: keysWith(key), keyFile: null, reason: "erase", dryRun: false };
  const { proposal } = orThrow(await openRewrite(run, { old, new: next }));
  await world.merge(proposal.id);
  const change: AppChange = { displayName: "Notes", bundleIds: new Map([["ios", "com.acme.notes"]]) };
  await expect(createApp(deskOf(world), "notes", change)).rejects.toMatchObject({ code: "state.rewrite.due" });
  expect(await tipOf(store)).toBe(old);
  repository.branches.set(STATE, next);
  const moved = {
    ...world,
    ground: { ...ground, rewrites: async () => [{ old: { commit: old, seq: 1 }, new: { commit: next, seq: 1 } }] },
  };
  expect(orThrow(await createApp(deskOf(moved), "notes", change)).changed).toBe(true);
});
