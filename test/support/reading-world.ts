import type { Actor } from "../../src/kernel/act.ts";
import { sha256Hex } from "../../src/kernel/digest.ts";
import { orThrow } from "../../src/kernel/errors.ts";
import { artifactKey } from "../../src/distribution/documents.ts";
import { releaseKey } from "../../src/distribution/core/release-path.ts";
import { releaseAt } from "../../src/distribution/pointers.ts";
import { proposeMove } from "../../src/distribution/propose-move.ts";
import { yankDecision } from "../../src/distribution/yank-decision.ts";
import { channelsOn } from "../../src/distribution/channels-on.ts";
import { approveProposal } from "../../src/gate/review/approve.ts";
import { initialise } from "../../src/gate/setup/initialise.ts";
import { mergeProposal } from "../../src/gate/review/merge.ts";
import { propose } from "../../src/gate/propose/propose.ts";
import type { AppV1, ArtifactRow, ArtifactV1, ChannelPointerV1, Grade, ReleaseV1 } from "../../src/schema/types.gen.ts";
import { DECISIONS, PROPOSALS } from "../../src/state/branches.ts";
import type { Event, Write } from "../../src/state/plan.ts";
import { openState, transact } from "../../src/state/transact.ts";
import { keysWith, makeKey } from "./gate-world.ts";
import { makeWorld, type TestWorld } from "./world.ts";

/** A repository with both branches, on which a test writes documents through real transactions. */
export interface ReadingWorld extends TestWorld {
  write(writes: readonly Write[], events?: readonly Event[], actor?: Actor): Promise<void>;
  /** Points an auto channel at a release. */
  place(channel: string, release: ReleaseV1, more?: Partial<ChannelPointerV1>): Promise<void>;
  /** Proposes a release for a gated channel and answers the id of the proposal. */
  propose(channel: string, release: ReleaseV1): Promise<string>;
  /** Approves and merges it as alice. */
  merge(proposal: string): Promise<void>;
  /** Merges it as `git merge` does, whatever policy says. */
  mergeAnyway(proposal: string, path: string): Promise<void>;
  /** Withdraws a release. */
  yank(release: ReleaseV1, reason: string): Promise<void>;
}

const alice = { kind: "human", name: "alice", id: "git:alice", verified: false } as const;
const noted: Event = { action: "release.published", target: ["release", "rel_x"], metadata: {} };

/** Makes a repository that was just set up. */
export async function readingWorld(proof: Grade = "signed"): Promise<ReadingWorld> {
  const key = makeKey();
  const world = makeWorld({ keys: keysWith(key) });
  const { ground } = world;
  const act = () => world.acts.begin(alice, "test");
  await initialise(ground, act(), {
    founders: [{ person: "alice", publicKey: key.publicKey }],
    proof,
    tenantId: "acme",
    repoId: "repo_test",
    forgeRepositoryId: null,
  });
  const write: ReadingWorld["write"] = async (writes, events = [noted], actor = alice) => {
    orThrow(
      await transact(
        ground,
        world.acts.begin(actor, "test"),
        async () => null,
        () => ({ writes, events, result: null }),
      ),
    );
  };
  const merge = async (id: string) => {
    orThrow(await approveProposal(ground, act(), id, { keys: keysWith(key), keyFile: null }));
    orThrow(await mergeProposal(ground, act(), id));
  };
  return {
    ...world,
    write,
    merge,
    async mergeAnyway(id, path) {
      const head = (await ground.store.head(`${PROPOSALS}${id}`))!;
      const found = await ground.store.read(head, [path, `${path}.sig`]);
      const writes = new Map(
        found.flatMap((file, i) =>
          file && "bytes" in file ? [[i === 0 ? path : `${path}.sig`, file.bytes] as const] : [],
        ),
      );
      const change = { act: act(), reads: new Map(), writes, message: "by hand", merge: head };
      await ground.store.apply(DECISIONS, change, new Date("2100-01-01T00:00:00Z"));
    },
    async yank(release, reason) {
      const opened = await propose(ground, act(), {
        kind: yankDecision,
        key: { release: release.id },
        reason,
        signer: key,
        draft: async (header, facts, decisions) => {
          const known = (await releaseAt(facts, release.app_id, release.version, release.build))!;
          return {
            ...header,
            schema: "yank.v1",
            from: null,
            seen: { channels: await channelsOn(facts, decisions, known) },
            app: release.app_id,
            release_id: release.id,
            version: release.version,
            build: release.build,
            release_digest: known.digest,
            severity: "high",
            replacement: null,
          };
        },
      });
      await merge(orThrow(opened).proposal.id);
    },
    async place(channel, release, more = {}) {
      const facts = await openState(ground);
      const bytes = await facts.bytes("release.v1", releaseKey(release.app_id, release.version, release.build));
      const pointer = { ...pointerTo(channel, release, sha256Hex(bytes!)), ...more };
      const action = pointer.kind === "rollback" ? "channel.rolled_back" : "channel.promoted";
      const metadata = {
        app: release.app_id,
        channel,
        proposal_id: pointer.proposal_id,
        release_id: release.id,
        version: release.version,
        build: release.build,
      };
      await write(
        [{ name: "channel-pointer.v1", key: { app: release.app_id, channel }, document: pointer }],
        [{ action, target: ["channel", `${release.app_id}/${channel}`], metadata }],
      );
    },
    async propose(channel, release) {
      const proposed = orThrow(
        await proposeMove(ground, act(), {
          app: release.app_id,
          channel,
          kind: "promotion",
          reason: "test plan done",
          rollout: 100,
          requestedRun: null,
          signer: key,
          dryRun: false,
          find: async (facts) => (await releaseAt(facts, release.app_id, release.version, release.build))!,
        }),
      );
      return proposed.proposal.id;
    },
  };
}

/** Writes an app. */
export function appWrite(slug: string, more: Partial<AppV1> = {}): Write {
  const document: AppV1 = {
    schema: "app.v1",
    id: slug,
    slug,
    display_name: "Acme Notes",
    owner: "alice",
    visibility: "private",
    platforms: [],
    bundle_ids: {},
    ios_mode: "artifact_only",
    testflight_url: null,
    created_at: "2026-10-01T10:00:00Z",
    updated_at: "2026-10-01T10:00:00Z",
    ...more,
  };
  return { name: "app.v1", key: { slug }, document };
}

/** A release of one or more files, published unless the test says otherwise. */
export function releaseOf(
  version: string,
  more: Partial<ReleaseV1> = {},
  files: readonly Partial<ArtifactRow>[] = [{}],
): ReleaseV1 {
  const { build = null, app_id: app = "acme-notes" } = more;
  const id = more.id ?? `rel_${sha256Hex(`${app} ${version} ${build}`).slice(0, 12)}`;
  const status = more.status ?? "published";
  return {
    schema: "release.v1",
    id,
    app_id: app,
    version,
    build,
    channel: null,
    notes: null,
    created_by: { kind: "workflow", name: "publish.yml", id: "github:1:run:7", verified: false },
    created_at: "2026-10-27T09:00:00Z",
    published_at: status === "published" ? "2026-10-27T10:00:00Z" : null,
    status,
    source: { repository: null, commit: null, run_url: null },
    forge: null,
    artifacts: files.map((file, i) => rowOf(app, id, i, file)),
    ...more,
  };
}

function rowOf(app: string, release: string, i: number, more: Partial<ArtifactRow>): ArtifactRow {
  const sha256 = more.sha256 ?? sha256Hex(`${release} ${i}`);
  return {
    id: `art_${release.slice(4)}${i}`,
    app_id: app,
    release_id: release,
    platform: "linux",
    variant: null,
    filename: `${app}-${i}.deb`,
    content_type: "application/octet-stream",
    size_bytes: 18_000_000,
    sha256,
    storage_key: `${sha256.slice(0, 2)}/${sha256}`,
    metadata: {},
    validation_status: "passed",
    ...more,
  };
}

/** Writes a release. */
export function releaseWrite(release: ReleaseV1): Write {
  return {
    name: "release.v1",
    key: releaseKey(release.app_id, release.version, release.build),
    document: release,
  };
}

/** Writes what the bytes of an artifact say. */
export function recordWrite(row: ArtifactRow, inspection: Partial<ArtifactV1["inspection"]> = {}): Write {
  const document: ArtifactV1 = {
    schema: "artifact.v1",
    sha256: row.sha256,
    size_bytes: row.size_bytes,
    first_seen_at: "2026-10-27T09:30:00Z",
    inspection: { kind: "opaque", inspector_version: 1, facts: {}, checks: [], ...inspection },
    locations: [
      {
        driver: "file",
        release_id: row.release_id,
        asset_id: null,
        asset_name: row.storage_key,
        url: row.storage_key,
        verified_at: "2026-10-27T09:40:00Z",
      },
    ],
  };
  return { name: "artifact.v1", key: artifactKey(row.sha256), document };
}

function pointerTo(channel: string, release: ReleaseV1, digest: string): ChannelPointerV1 {
  return {
    schema: "channel-pointer.v1",
    repo_id: "repo_test",
    proposal_id: `prop_${sha256Hex(`${channel} ${release.id}`).slice(0, 12)}`,
    from: null,
    requested_by: alice,
    requested_at: "2026-11-18T14:02:00Z",
    reason: "published",
    app: release.app_id,
    channel,
    kind: "promotion",
    release_id: release.id,
    version: release.version,
    build: release.build,
    release_digest: digest,
    rollout_percent: 100,
  };
}
