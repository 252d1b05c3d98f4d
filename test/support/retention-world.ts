import { WISH } from "../contract/artifact-store.ts";
import { sha256Hex } from "../../src/kernel/digest.ts";
import { orThrow } from "../../src/kernel/errors.ts";
import { channelDecision } from "../../src/distribution/channel-decision.ts";
import { validationCounts } from "../../src/distribution/core/validation.ts";
import { distributionDecisions } from "../../src/distribution/decisions.ts";
import { channelsOn } from "../../src/distribution/channels-on.ts";
import { yankDecision } from "../../src/distribution/yank-decision.ts";
import { artifactKey } from "../../src/distribution/documents.ts";
import { releaseKey } from "../../src/distribution/core/release-path.ts";
import { approveProposal } from "../../src/gate/review/approve.ts";
import { gateDecisions } from "../../src/gate/decisions.ts";
import { planPolicy } from "../../src/gate/setup/foundation.ts";
import { initialise } from "../../src/gate/setup/initialise.ts";
import { mergeProposal } from "../../src/gate/review/merge.ts";
import { propose } from "../../src/gate/propose/propose.ts";
import type { Location } from "../../src/ports/artifact-store.ts";
import type {
  ArtifactV1,
  ChannelPointerV1,
  DocumentName,
  Documents,
  PolicyV1,
  ReleaseV1,
} from "../../src/schema/types.gen.ts";
import { DECISIONS } from "../../src/state/branches.ts";
import type { Event, Write } from "../../src/state/plan.ts";
import { openState, transact } from "../../src/state/transact.ts";
import { keysWith, makeKey, type TestKey } from "./gate-world.ts";
import { alice, appWrite, pointerTo, releaseOf, type TestFile, type TestRelease } from "./stored-release.ts";
import { makeWorld, type TestWorld } from "./world.ts";

/** A world with both branches, in which a test can put releases as if they had been published. */
export interface RetentionWorld extends TestWorld {
  /** Key of the only person, `alice`. */
  readonly key: TestKey;
  write(writes: readonly Write[], events?: readonly Event[]): Promise<void>;
  publish(release: TestRelease): Promise<ReleaseV1>;
  /** Points an auto channel at a release. */
  place(release: ReleaseV1, channel: string, kind?: ChannelPointerV1["kind"]): Promise<void>;
  /** Opens a promotion to a gated channel, signed by alice; answers its proposal id. */
  propose(release: ReleaseV1, channel: string): Promise<string>;
  /** Opens the withdrawal of a release, signed by alice. */
  proposeYank(release: ReleaseV1, replacement: ReleaseV1 | null): Promise<string>;
  /** Approves and merges what is open. */
  merge(proposalId: string): Promise<void>;
}

const encoder = new TextEncoder();
const task = { step: () => undefined, end: () => undefined };

/** Makes a world whose policy is the first one of `waybill init`, changed as the test says. */
export async function makeRetentionWorld(
  change: (policy: PolicyV1) => Partial<PolicyV1> = () => ({}),
): Promise<RetentionWorld> {
  const made = makeWorld();
  const ground = { ...made.ground, decisionKinds: [...gateDecisions, ...distributionDecisions] };
  const world = { ...made, ground };
  const key = makeKey();
  await foundDecisions(world, key, change);
  await initialise(ground, act(world, "init"), {
    founders: null,
    proof: "signed",
    tenantId: "ten_test",
    repoId: "repo_test",
    forgeRepositoryId: null,
  });
  const write = async (writes: readonly Write[], events: readonly Event[] = [note]) => {
    world.clock.advance(60_000);
    orThrow(
      await transact(
        ground,
        act(world, "test"),
        async () => null,
        () => ({ writes, events, result: null }),
      ),
    );
  };
  const place: RetentionWorld["place"] = async (release, channel, kind = "promotion") => {
    const facts = await openState(ground);
    const before = await facts.find("channel-pointer.v1", { app: release.app_id, channel });
    const bytes = await facts.bytes("release.v1", releaseKey(release.app_id, release.version, release.build));
    const pointer = pointerTo(release, channel, before, sha256Hex(bytes!), world.clock.now());
    await write([
      { name: "channel-pointer.v1", key: { app: release.app_id, channel }, document: { ...pointer, kind } },
    ]);
  };
  const digestOf = async (release: ReleaseV1) => {
    const at = releaseKey(release.app_id, release.version, release.build);
    return sha256Hex((await (await openState(ground)).bytes("release.v1", at))!);
  };
  return {
    ...world,
    key,
    write,
    place,
    async propose(release, channel) {
      world.clock.advance(60_000);
      const proposed = await propose(ground, act(world, "dist release promote"), {
        kind: channelDecision,
        key: { app: release.app_id, channel },
        reason: "test",
        signer: key,
        draft: async (header, _facts, decisions) => ({
          ...pointerTo(release, channel, undefined, await digestOf(release), world.clock.now()),
          ...header,
          schema: "channel-pointer.v1",
          from: fromOf(decisions.find(`channels/${release.app_id}/${channel}.json`)?.document),
          seen: { validation: validationCounts(release), source: null },
        }),
      });
      return orThrow(proposed).proposal.id;
    },
    async proposeYank(release, replacement) {
      world.clock.advance(60_000);
      const proposed = await propose(ground, act(world, "dist release yank"), {
        kind: yankDecision,
        key: { release: release.id },
        reason: "it crashes",
        signer: key,
        draft: async (header, facts, decisions) => ({
          ...header,
          schema: "yank.v1",
          seen: { channels: await channelsOn(facts, decisions, { release, digest: await digestOf(release) }) },
          app: release.app_id,
          release_id: release.id,
          version: release.version,
          build: release.build,
          release_digest: await digestOf(release),
          severity: "high",
          replacement: replacement?.id ?? null,
        }),
      });
      return orThrow(proposed).proposal.id;
    },
    async merge(proposalId) {
      world.clock.advance(60_000);
      const from = { keys: keysWith(key), keyFile: null };
      orThrow(await approveProposal(ground, act(world, "gate approve"), proposalId, from));
      orThrow(await mergeProposal(ground, act(world, "gate merge"), proposalId));
    },
    async publish(wanted) {
      const release = releaseOf(wanted);
      const locations = await store(world, release, wanted.files);
      await write([
        appWrite(release.app_id),
        {
          name: "release.v1",
          key: releaseKey(release.app_id, release.version, release.build),
          document: release,
        },
        ...(await recordWrites(world, release, locations)),
      ]);
      for (const channel of wanted.on ?? []) await place(release, channel);
      return release;
    },
  };
}

function fromOf(before: Documents[DocumentName] | undefined): ChannelPointerV1["from"] {
  if (before === undefined || !("schema" in before) || before.schema !== "channel-pointer.v1") return null;
  return { proposal_id: before.proposal_id, release_id: before.release_id };
}

const note: Event = { action: "release.published", target: ["test", "test"], metadata: {} };

function act(world: TestWorld, command: string) {
  return world.acts.begin(alice, command);
}

async function foundDecisions(world: TestWorld, key: TestKey, change: (policy: PolicyV1) => Partial<PolicyV1>) {
  const policy = planPolicy({
    repoId: "repo_test",
    proposalId: "prop_root",
    stateSeen: { commit: "0".repeat(40), seq: 1 },
    requestedBy: alice,
    requestedAt: "2026-01-01T00:00:00Z",
    founders: [{ person: "alice", publicKey: key.publicKey }],
    proof: "signed",
  });
  const bytes = world.schemas.print("policy.v1", { ...policy, ...change(policy) });
  const found = {
    act: act(world, "init"),
    reads: new Map(),
    writes: new Map([["policy.json", bytes]]),
    message: "root",
  };
  await world.store.apply(DECISIONS, found, new Date(world.clock.now().getTime() + 60_000));
}

async function store(world: TestWorld, release: ReleaseV1, files: readonly TestFile[]) {
  const draft = await world.artifacts.draft({ ...WISH, id: release.id });
  const locations = new Map<string, Location>();
  for (const [i, row] of release.artifacts.entries()) {
    const bytes = encoder.encode(files[i]!.content);
    const from = { sizeBytes: bytes.length, read: async (at: number, n: number) => bytes.subarray(at, at + n) };
    const upload = {
      name: row.filename,
      label: row.filename,
      contentType: row.content_type,
      sizeBytes: bytes.length,
      sha256: row.sha256,
      staged: null,
      from,
    };
    locations.set(row.sha256, (await draft.put(upload, task)).location);
  }
  return locations;
}

async function recordWrites(
  world: TestWorld,
  release: ReleaseV1,
  locations: ReadonlyMap<string, Location>,
): Promise<readonly Write[]> {
  if (release.status !== "published") return [];
  const facts = await openState(world.ground);
  const rows = new Map(release.artifacts.map((row) => [row.sha256, row]));
  const writes: Write[] = [];
  for (const [sha256, row] of rows) {
    const before = await facts.find("artifact.v1", artifactKey(sha256));
    const location = { ...locations.get(sha256)!, verified_at: "2026-11-01T00:00:00Z" };
    const record: ArtifactV1 = before ?? {
      schema: "artifact.v1",
      sha256,
      size_bytes: row.size_bytes,
      first_seen_at: "2026-11-01T00:00:00Z",
      inspection: { kind: "opaque", inspector_version: 1, facts: {}, checks: [] },
      locations: [],
    };
    const document = { ...record, locations: [...record.locations, location] };
    writes.push({ name: "artifact.v1", key: artifactKey(sha256), document });
  }
  return writes;
}
