import { sha256Hex } from "../../src/kernel/digest.ts";
import type { ChannelPointerV1, Platform, ReleaseV1 } from "../../src/schema/types.gen.ts";
import type { Write } from "../../src/state/plan.ts";

/** A file of a release that a test publishes. */
export interface TestFile {
  readonly platform: Platform;
  readonly filename: string;
  readonly content: string;
  readonly variant?: string;
}

/** A release to put on the branch. */
export interface TestRelease {
  readonly version: string;
  readonly build?: string;
  readonly app?: string;
  readonly status?: ReleaseV1["status"];
  readonly files: readonly TestFile[];
  /** Auto channels that it is placed on. */
  readonly on?: readonly string[];
}

/** The only person. */
export const alice = { kind: "human", name: "alice", id: "git:alice", verified: false } as const;

const encoder = new TextEncoder();

/** The document of a release that a test publishes. */
export function releaseOf({ version, build = "1", app = "acme", status = "published", files }: TestRelease): ReleaseV1 {
  const id = `rel_${app}${version.replaceAll(/[^a-z0-9]/g, "")}${build}`;
  return {
    schema: "release.v1",
    id,
    app_id: app,
    version,
    build,
    channel: null,
    notes: null,
    created_by: alice,
    created_at: "2026-11-01T00:00:00Z",
    published_at: status === "published" ? "2026-11-01T00:00:00Z" : null,
    status,
    source: { repository: null, commit: null, run_url: null },
    forge: null,
    artifacts: files.map((file, i) => {
      const sha256 = sha256Hex(file.content);
      return {
        id: `art_${id}${i}`,
        app_id: app,
        release_id: id,
        platform: file.platform,
        variant: file.variant ?? null,
        filename: file.filename,
        content_type: "application/octet-stream",
        size_bytes: encoder.encode(file.content).length,
        sha256,
        storage_key: `${sha256.slice(0, 2)}/${sha256}`,
        metadata: {},
        validation_status: "passed" as const,
      };
    }),
  };
}

/** Makes an app, or leaves it as it is. */
export function appWrite(slug: string): Write {
  const document = {
    schema: "app.v1",
    id: slug,
    slug,
    display_name: slug,
    owner: "alice",
    visibility: "private",
    platforms: [],
    bundle_ids: {},
    ios_mode: "artifact_only",
    testflight_url: null,
    created_at: "2026-11-01T00:00:00Z",
    updated_at: "2026-11-01T00:00:00Z",
  } as const;
  return { name: "app.v1", key: { slug }, document };
}

/** A pointer to a release as an auto channel has it. */
export function pointerTo(
  release: ReleaseV1,
  channel: string,
  before: ChannelPointerV1 | undefined,
  digest: string,
  now: Date,
): ChannelPointerV1 {
  return {
    schema: "channel-pointer.v1",
    repo_id: "repo_test",
    proposal_id: `prop_${channel}${now.getTime()}`,
    from: before === undefined ? null : { proposal_id: before.proposal_id, release_id: before.release_id },
    requested_by: alice,
    requested_at: `${now.toISOString().slice(0, 19)}Z`,
    reason: "test",
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
