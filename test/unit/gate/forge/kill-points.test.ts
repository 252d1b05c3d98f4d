import { describe, expect, it } from "vitest";
import type { GateGround } from "../../../../src/gate/ground.ts";
import { mergeProposal } from "../../../../src/gate/review/merge.ts";
import { rejectProposal } from "../../../../src/gate/review/reject.ts";
import { syncGate } from "../../../../src/gate/sync/sync.ts";
import { loadDecisions } from "../../../../src/gate/view/view.ts";
import { orThrow } from "../../../../src/kernel/errors.ts";
import type { AuditEventV1 } from "../../../../src/schema/types.gen.ts";
import { STATE } from "../../../../src/state/branches.ts";
import { type ForgeWorld, makeForgeWorld } from "../../../support/forge-world.ts";
import { Killed, KillPoint, mortal } from "../../../support/kill-points.ts";

/** The ground of a process that dies at one outside call: of git or of the forge. */
function mortalGround({ ground }: ForgeWorld, point: KillPoint): GateGround {
  const calls = ["open", "find", "answers", "show", "post", "comment", "close", "merge", "now"] as const;
  return {
    ...ground,
    store: mortal(ground.store, point, ["apply", "drop"]),
    forge: mortal(ground.forge, point, calls),
  };
}

interface Job {
  readonly name: string;
  prepare(world: ForgeWorld): Promise<void>;
  run(world: ForgeWorld, ground: GateGround): Promise<unknown>;
  /** What must be so when it has run to its end. */
  readonly version: string | null;
}

const jobs: readonly Job[] = [
  {
    name: "propose",
    prepare: async () => undefined,
    run: (world, ground) => world.on(ground).promote("1.0.0"),
    version: null,
  },
  {
    name: "merge, with a proposal that loses",
    async prepare(world) {
      await world.promote("1.0.0");
      await world.promote("2.0.0");
      await world.github.review(1, world.bob);
    },
    run: async (world, ground) => orThrow(await mergeProposal(ground, world.act(), "1")),
    version: "1.0.0",
  },
  {
    name: "sync after a merge in the UI, a merge in vain and a closed pull request",
    async prepare(world) {
      await world.promote("1.0.0");
      await world.promote("1.0.0", { channel: "lts" });
      await world.promote("1.0.0", { channel: "old" });
      await world.github.review(1, world.bob);
      await world.github.mergeInUi(1, world.bob);
      await world.github.mergeInUi(2, world.mallory);
      world.github.pull(3).state = "closed";
    },
    run: (world, ground) => syncGate(ground, world.act()),
    version: "1.0.0",
  },
  {
    name: "reject",
    prepare: async (world) => void (await world.promote("1.0.0")),
    async run(world, ground) {
      const isOpen = (await world.store.branches("waybill/proposal/")).size > 0;
      if (isOpen) await rejectProposal(ground, world.act(), "1", "wrong build");
    },
    version: null,
  },
];

/** All that the world holds in the end, besides ids, times and words. */
async function outcomeOf(world: ForgeWorld) {
  const events: string[] = [];
  const evidence: string[] = [];
  const tip = (await world.store.head(STATE))!;
  for await (const { path } of world.store.diff(null, tip)) {
    const [file] = await world.store.read(tip, [path]);
    if (!file || !("bytes" in file)) continue;
    if (path.startsWith("decisions/")) evidence.push(path.slice(0, 9));
    if (path.startsWith("audit/")) events.push(eventIn(world, file.bytes).action);
  }
  const pulls = world.github.pulls.map(({ state, comments, statuses }) => ({
    state,
    comments: comments.map(({ event }) => event),
    // A run that died before may have posted one more step of the same proposal.
    isShown: statuses.length > 0,
  }));
  const decisions = await loadDecisions(world.ground);
  const merges = { pending: decisions.pending.length, dishonoured: decisions.dishonoured.length };
  const branches = (await world.store.branches("waybill/proposal/")).size;
  return { events: events.toSorted(), evidence, pulls, merges, branches, version: await world.version() };
}

function eventIn({ ground }: ForgeWorld, bytes: Uint8Array): AuditEventV1 {
  return ground.schemas.parse("audit-event.v1", bytes, "audit");
}

async function killed(job: Job, at: number, when: "before" | "after"): Promise<ForgeWorld | null> {
  const world = await makeForgeWorld();
  await job.prepare(world);
  const point = new KillPoint(at, when);
  try {
    await job.run(world, mortalGround(world, point));
  } catch (cause) {
    if (!(cause instanceof Killed)) throw cause;
  }
  return point.isDead ? world : null;
}

describe.each(jobs)("$name", (job) => {
  it.each(["before", "after"] as const)(
    "converges when it dies %s any call of git or the forge, and is run again",
    async (when) => {
      const whole = await makeForgeWorld();
      await job.prepare(whole);
      await job.run(whole, whole.ground);
      await whole.sync();
      const expected = await outcomeOf(whole);
      expect(expected.version).toBe(job.version);
      let deaths = 0;
      for (let at = 1; ; at += 1) {
        const world = await killed(job, at, when);
        if (world === null) break;
        deaths += 1;
        await job.run(world, world.ground);
        await world.sync();
        expect(await outcomeOf(world), `${when} call ${at}`).toEqual(expected);
        await world.sync();
        expect(await outcomeOf(world), `${when} call ${at}, twice`).toEqual(expected);
      }
      expect(deaths).toBeGreaterThan(4);
    },
    120_000,
  );
});
