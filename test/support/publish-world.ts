import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isRefused, orThrow, type Refused } from "../../src/kernel/errors.ts";
import type { Actor } from "../../src/kernel/act.ts";
import type { Desk } from "../../src/distribution/desk.ts";
import { publish, type Published } from "../../src/distribution/publish.ts";
import type { PublishDesk, PublishWish } from "../../src/distribution/publish/desk.ts";
import { approveProposal } from "../../src/gate/review/approve.ts";
import { policyKind } from "../../src/gate/decisions.ts";
import { initialise } from "../../src/gate/setup/initialise.ts";
import { mergeProposal } from "../../src/gate/review/merge.ts";
import { propose } from "../../src/gate/propose/propose.ts";
import { loadDecisions } from "../../src/gate/view/view.ts";
import type { PolicyV1 } from "../../src/schema/types.gen.ts";
import { STATE } from "../../src/state/branches.ts";
import { openState } from "../../src/state/transact.ts";
import type { View } from "../../src/state/view.ts";
import { keysWith, makeKey, type TestKey } from "./gate-world.ts";
import { makeWorld, type TestWorld } from "./world.ts";

/** A repository with branches, a store for artifacts and a folder of builds; alice is its founder and has a key. */
export interface PublishWorld extends TestWorld {
  readonly key: TestKey;
  desk(more?: Partial<PublishDesk>): PublishDesk;
  /** Writes files below the folder of builds and answers the path of the manifest. */
  build(manifest: object | string, files?: Readonly<Record<string, string | Uint8Array>>): string;
  publish(manifest: string, more?: Partial<PublishWish>, desk?: Partial<PublishDesk>): Promise<Published>;
  tryPublish(manifest: string, more?: Partial<PublishWish>, desk?: Partial<PublishDesk>): Promise<Published | Refused>;
  /** Publishes one small linux artifact. */
  release(version: string, more?: object, content?: string): Promise<Published>;
  facts(): Promise<View>;
  /** Number of commits on the state branch. */
  commits(): Promise<number>;
  /** Events since the beginning, oldest first, as `action target`. */
  events(): Promise<readonly string[]>;
  policy(change: (policy: PolicyV1) => Partial<PolicyV1>): Promise<void>;
  /** Approves and merges a proposal as alice. */
  merge(proposalId: string): Promise<void>;
}

/** A person without a token. */
export const alice: Actor = { kind: "human", name: "alice", id: "git:alice", verified: false };
/** Automation without a token. */
export const robot: Actor = { kind: "workflow", name: "publish.yml", id: "github:1:run:7", verified: false };

/** Makes a repository that was just set up. */
export async function publishWorld(given: Parameters<typeof makeWorld>[0] = {}): Promise<PublishWorld> {
  const key = makeKey();
  const world = makeWorld({ keys: keysWith(key), ...given });
  const { ground } = world;
  const act = () => world.acts.begin(alice, "test");
  await initialise(ground, act(), {
    founders: [{ person: "alice", publicKey: key.publicKey }],
    proof: "signed",
    tenantId: "acme",
    repoId: "repo_test",
    forgeRepositoryId: null,
  });
  const desk = (more: Partial<PublishDesk> = {}): PublishDesk => ({
    ground,
    acts: world.acts,
    caller: world.asker,
    dryRun: false,
    artifacts: world.artifacts,
    intake: world.intake,
    files: world.files,
    log: world.log,
    ...more,
  });
  const wish = (manifest: string, more: Partial<PublishWish> = {}): PublishWish => ({
    manifest,
    takeOver: false,
    source: { repository: null, commit: null, run_url: null },
    requestedRun: null,
    signer: () => Promise.resolve(key),
    ...more,
  });
  const build: PublishWorld["build"] = (manifest, files = {}) => {
    for (const [name, content] of Object.entries(files)) {
      const path = join(world.folder, "build", name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
    mkdirSync(join(world.folder, "build"), { recursive: true });
    const path = join(world.folder, "build", "dist.json");
    writeFileSync(path, typeof manifest === "string" ? manifest : JSON.stringify(manifest, null, 2));
    return path;
  };
  const tryPublish: PublishWorld["tryPublish"] = (manifest, more, part) => publish(desk(part), wish(manifest, more));
  const merge = async (id: string) => {
    orThrow(await approveProposal(ground, act(), id, { keys: keysWith(key), keyFile: null }));
    orThrow(await mergeProposal(ground, act(), id));
  };
  return {
    ...world,
    key,
    desk,
    build,
    tryPublish,
    merge,
    publish: async (...asked) => orThrow(await tryPublish(...asked)),
    release: async (version, more = {}, content = version) =>
      orThrow(
        await tryPublish(
          build(
            { app: "acme-notes", version, artifacts: [{ platform: "linux", path: "acme.bin" }], ...more },
            { "acme.bin": content },
          ),
        ),
      ),
    facts: () => openState(ground),
    async commits() {
      let n = 0;
      const tip = await ground.store.head(STATE);
      if (tip !== null) for await (const _ of ground.store.log(null, tip)) n += 1;
      return n;
    },
    async events() {
      const { database } = await world.openSnapshot();
      const { rows } = database.rows("SELECT action, target_id FROM audit_events ORDER BY created_at, id");
      database.close();
      return rows.map((row) => row.join(" "));
    },
    async policy(change) {
      const opened = orThrow(
        await propose(ground, act(), {
          kind: policyKind,
          key: {},
          reason: "test",
          signer: key,
          draft: (header, _, decisions) => {
            const before = decisions.policy.document;
            return Promise.resolve({ ...before, ...change(before), ...header, seen: {} });
          },
        }),
      );
      await merge(opened.proposal.id);
    },
  };
}

/** The code of a refusal; what was not refused is a failure of the test. */
export function refusalOf(value: unknown): string {
  if (isRefused(value)) return value.refused[0].code;
  throw new Error(`It was not refused: ${JSON.stringify(value).slice(0, 300)}`);
}

/** A desk for use cases that store nothing. */
export function deskOf(world: PublishWorld, more: Partial<Desk> = {}): Desk {
  return { ground: world.ground, acts: world.acts, caller: world.asker, dryRun: false, ...more };
}

/** The decisions in force. */
export function decisionsOf(world: PublishWorld) {
  return loadDecisions(world.ground);
}
