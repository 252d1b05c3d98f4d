import { join } from "node:path";
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { promote } from "../../src/distribution/promote.ts";
import { rollback } from "../../src/distribution/rollback.ts";
import { approveProposal } from "../../src/gate/review/approve.ts";
import { mergeProposal } from "../../src/gate/review/merge.ts";
import { loadDecisions } from "../../src/gate/view/view.ts";
import { isRefused, orThrow } from "../../src/kernel/errors.ts";
import type { ArtifactStore } from "../../src/ports/artifact-store.ts";
import { loadSchemas } from "../../src/schema/documents.ts";
import { keysWith } from "../support/gate-world.ts";
import { Killed, KillPoint, mortal } from "../support/kill-points.ts";
import { alice, type PublishWorld, publishWorld } from "../support/publish-world.ts";
import { verifyWorld } from "../support/verify-world.ts";

/** The same world, seen by a process that dies at one outside call. */
function mortalWorld(world: PublishWorld, point: KillPoint): PublishWorld {
  const store = mortal(world.ground.store, point, ["head", "branches", "read", "commit", "apply", "drop"]);
  const cache = mortal(world.ground.cache, point, ["read", "write"]);
  const artifacts: ArtifactStore = {
    ...mortal(world.artifacts, point, ["stat"]),
    draft: (release) =>
      point.run("draft", async () =>
        mortal(await world.artifacts.draft(release), point, ["list", "put", "dropIncomplete", "publish"]),
      ),
  };
  const intake = mortal(world.intake, point, ["take"]);
  return { ...world, store, cache, artifacts, intake, ground: { ...world.ground, store, cache } };
}

/** One job of the product: what is there before, what is done, what must be true afterwards. */
interface Job {
  readonly name: string;
  prepare(world: PublishWorld): Promise<void>;
  run(world: PublishWorld): Promise<unknown>;
}

const stable = { app: "acme-notes", channel: "stable" };

function deskOn(world: PublishWorld) {
  return { ground: world.ground, acts: world.acts, caller: world.asker, dryRun: false };
}

function promoteTo(world: PublishWorld, version: string) {
  const wish = { release: `acme-notes@${version}`, app: undefined, channel: "stable", reason: "tested", rollout: 100 };
  return promote(deskOn(world), { ...wish, requestedRun: null, signer: () => Promise.resolve(world.key) });
}

function publishOn(world: PublishWorld, channel: string) {
  const artifacts = ["one", "two", "three"].map((name) => ({ platform: "linux", path: `${name}.bin`, variant: name }));
  const contents = { "one.bin": "1", "two.bin": "2", "three.bin": "3" };
  const path = world.build({ app: "acme-notes", version: "2.0.0", channel, artifacts }, contents);
  return world.publish(path, {}, { ground: world.ground, artifacts: world.artifacts, intake: world.intake });
}

async function decide(world: PublishWorld, version: string): Promise<void> {
  await promoteTo(world, version);
  await world.merge(await openId(world));
  world.clock.advance(60_000);
}

async function openId(world: PublishWorld): Promise<string> {
  const [first] = await world.ground.store.branches("waybill/proposal/");
  return first?.[0].replace("waybill/proposal/", "") ?? "";
}

const jobs: readonly Job[] = [
  {
    name: "publish",
    prepare: async () => undefined,
    run: (world) => publishOn(world, "internal"),
  },
  {
    name: "publish for a gated channel",
    prepare: async () => undefined,
    run: (world) => publishOn(world, "stable"),
  },
  {
    name: "promote",
    prepare: async (world) => void (await world.release("1.0.0")),
    run: (world) => promoteTo(world, "1.0.0"),
  },
  {
    name: "gate merge",
    async prepare(world) {
      await world.release("1.0.0");
      await promoteTo(world, "1.0.0");
      const id = await openId(world);
      const act = world.acts.begin(alice, "gate approve");
      orThrow(await approveProposal(world.ground, act, id, { keys: keysWith(world.key), keyFile: null }));
    },
    async run(world) {
      // A person who runs the command again names the proposal, whether its branch is still there or not.
      const id = proposalOf.get(world.folder) ?? (await openId(world));
      proposalOf.set(world.folder, id);
      return orThrow(await mergeProposal(world.ground, world.acts.begin(alice, "gate merge"), id));
    },
  },
  {
    name: "rollback",
    async prepare(world) {
      await world.release("1.0.0");
      await decide(world, "1.0.0");
      await world.release("1.1.0");
      await decide(world, "1.1.0");
    },
    run: (world) =>
      rollback(deskOn(world), {
        ...stable,
        to: null,
        preview: false,
        reason: "crashes",
        requestedRun: null,
        signer: () => Promise.resolve(world.key),
      }),
  },
];

const proposalOf = new Map<string, string>();

/** What a job leaves, without ids and times: events by action, releases, pointers, proposals, stored files. */
async function outcomeOf(world: PublishWorld) {
  const { database } = await world.openSnapshot();
  const rows = (sql: string) => database.rows(sql).rows.map((row) => row.join(" "));
  const events = rows("SELECT action, count(*) FROM audit_events GROUP BY action ORDER BY action");
  const releases = rows("SELECT version, status FROM releases ORDER BY version");
  database.close();
  const decisions = await loadDecisions(world.ground);
  const pointers = decisions.list("channels/").map(({ document }) => ("version" in document ? document.version : "?"));
  const proposals = (await world.ground.store.branches("waybill/proposal/")).size;
  const stored = readdirSync(join(world.folder, "artifacts"), { recursive: true, encoding: "utf8" });
  const files = stored.filter((name) => /[0-9a-f]{64}$/.test(name)).toSorted();
  return { events, releases, pointers, proposals, files };
}

const schemas = loadSchemas();

async function newWorld(job: Job): Promise<PublishWorld> {
  const world = await publishWorld({ schemas });
  await job.prepare(world);
  world.clock.advance(60_000);
  return world;
}

describe.each(jobs)("$name, killed at every outside call", (job) => {
  it.each(["before", "after"] as const)(
    "leaves the old or the new state when it dies %s a call, and converges",
    async (when) => {
      const reference = await newWorld(job);
      const counting = new KillPoint(0, when);
      await job.run(mortalWorld(reference, counting));
      const wanted = await outcomeOf(reference);
      expect(counting.calls).toBeGreaterThan(5);
      for (let at = 1; at <= counting.calls; at += 1) {
        const world = await newWorld(job);
        const point = new KillPoint(at, when);
        const died = await job.run(mortalWorld(world, point)).then(
          (answer) => (isRefused(answer) ? "refused" : "finished"),
          (cause: unknown) => (cause instanceof Killed ? "died" : `failed: ${String(cause)}`),
        );
        const where = `call ${at} of ${counting.calls}, ${when} ${point.names[at - 1] ?? "?"}`;
        // A cache that cannot be used may be done without; everything else ends the run.
        expect(["died", "finished"], where).toContain(died);
        expect(await verifyWorld(world), where).toEqual([]);
        world.clock.advance(1000);
        await job.run(world);
        expect(await outcomeOf(world), where).toEqual(wanted);
        expect(await verifyWorld(world), where).toEqual([]);
      }
    },
  );
});
