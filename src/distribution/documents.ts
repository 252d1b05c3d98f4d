import type {
  AppV1,
  ArtifactV1,
  ChannelHoldV1,
  ChannelPointerV1,
  DocumentActor,
  ReleaseTombstoneV1,
  ReleaseV1,
  TokenV1,
  YankV1,
} from "../schema/types.gen.ts";
import { resolveChannel } from "../gate/core/requirement.ts";
import type { AnyKind, DocumentKind, Key, Table, Told } from "../state/document-kind.ts";
import { factsOf } from "./core/artifact-facts.ts";
import { RELEASE_PATH, releaseKey } from "./core/release-path.ts";
import { validationCounts } from "./core/validation.ts";
import { versionKey } from "./core/version-key.ts";

/** Path template of the pointer of a gated channel, on the decisions branch. */
export const GATED_PATH = "channels/{app}/{channel}.json";
/** Path template of a yank, on the decisions branch. */
export const YANK_PATH = "gates/yank/{release}.json";

const app: DocumentKind<"app.v1"> = {
  name: "app.v1",
  branch: "state",
  path: "dist/apps/{slug}/app.json",
  life: "mutable",
  keyOf: ({ slug }) => ({ slug }),
  tables: [
    {
      name: "apps",
      columns: {
        slug: "text",
        display_name: "text",
        owner: "text",
        visibility: "text",
        platforms: "text",
        ios_mode: "text",
        created_at: "text",
        updated_at: "text",
      },
      primary: ["slug"],
      rows: (document: AppV1) => [
        {
          slug: document.slug,
          display_name: document.display_name,
          owner: document.owner,
          visibility: document.visibility,
          platforms: document.platforms.join(" "),
          ios_mode: document.ios_mode,
          created_at: document.created_at,
          updated_at: document.updated_at,
        },
      ],
    },
  ],
};

const releases: Table<ReleaseV1> = {
  name: "releases",
  columns: {
    app: "text",
    id: "text",
    version: "text",
    build: "text",
    status: "text",
    channel: "text",
    created_by: "text",
    commit: "text",
    created_at: "text",
    published_at: "text",
    artifacts: "integer",
    pending: "integer",
    passed: "integer",
    failed: "integer",
    warning: "integer",
    skipped: "integer",
    sha256: "text",
    version_key: "text",
  },
  primary: ["app", "id"],
  indexes: [["id"], ["app", "version_key"]],
  rows: (document, _key, told) => [
    {
      app: document.app_id,
      id: document.id,
      version: document.version,
      build: document.build,
      status: document.status,
      channel: document.channel,
      created_by: document.created_by.name,
      commit: document.source.commit,
      created_at: document.created_at,
      published_at: document.published_at,
      artifacts: document.artifacts.length,
      ...validationCounts(document),
      sha256: told.sha256,
      version_key: versionKey(document),
    },
  ],
};

const artifacts: Table<ReleaseV1> = {
  name: "artifacts",
  columns: {
    app: "text",
    release_id: "text",
    id: "text",
    platform: "text",
    variant: "text",
    filename: "text",
    size_bytes: "integer",
    sha256: "text",
    validation_status: "text",
  },
  primary: ["app", "release_id", "id"],
  indexes: [["sha256"]],
  rows: (document) =>
    document.artifacts.map((row) => ({
      app: document.app_id,
      release_id: document.id,
      id: row.id,
      platform: row.platform,
      variant: row.variant,
      filename: row.filename,
      size_bytes: row.size_bytes,
      sha256: row.sha256,
      validation_status: row.validation_status,
    })),
};

const release: DocumentKind<"release.v1"> = {
  name: "release.v1",
  branch: "state",
  path: RELEASE_PATH,
  life: { frozenWhen: ({ published_at }) => published_at !== null },
  // The id of an app is its slug, so that a release says itself where it lies.
  keyOf: (document) => releaseKey(document.app_id, document.version, document.build),
  tables: [releases, artifacts],
};

/** Key of an artifact record. */
export function artifactKey(sha256: string): Key {
  return { a: sha256.slice(0, 2), b: sha256.slice(2, 4), sha256 };
}

const artifact: DocumentKind<"artifact.v1"> = {
  name: "artifact.v1",
  branch: "state",
  path: "dist/artifacts/{a}/{b}/{sha256}.json",
  life: "mutable",
  keyOf: ({ sha256 }) => artifactKey(sha256),
  tables: [
    {
      name: "artifact_records",
      columns: {
        sha256: "text",
        kind: "text",
        identity: "text",
        version: "text",
        build: "text",
        min_os: "text",
        signature: "text",
        expires_at: "text",
        locations: "integer",
      },
      primary: ["sha256"],
      rows: (document: ArtifactV1) => {
        const { identity, version, build, minOs, signature, expiresAt } = factsOf(document.inspection.facts);
        return [
          {
            sha256: document.sha256,
            kind: document.inspection.kind,
            identity,
            version,
            build,
            min_os: minOs,
            signature,
            expires_at: expiresAt,
            locations: document.locations.length,
          },
        ];
      },
    },
  ],
};

const token: DocumentKind<"token.v1"> = {
  name: "token.v1",
  branch: "state",
  path: "dist/tokens/{id}.json",
  life: "mutable",
  keyOf: ({ id }) => ({ id }),
  tables: [
    {
      name: "tokens",
      columns: {
        id: "text",
        name: "text",
        token_prefix: "text",
        scopes: "text",
        apps: "text",
        channels: "text",
        actor_kind: "text",
        created_at: "text",
        expires_at: "text",
        revoked_at: "text",
      },
      primary: ["id"],
      rows: (document: TokenV1) => [
        {
          id: document.id,
          name: document.name,
          token_prefix: document.token_prefix,
          scopes: document.scopes.join(" "),
          apps: document.apps?.join(" ") ?? null,
          channels: document.channels?.join(" ") ?? null,
          actor_kind: document.actor_kind,
          created_at: document.created_at,
          expires_at: document.expires_at,
          revoked_at: document.revoked_at,
        },
      ],
    },
  ],
};

const hold: DocumentKind<"channel-hold.v1"> = {
  name: "channel-hold.v1",
  branch: "state",
  path: "dist/apps/{app}/holds/{channel}.json",
  life: "mutable",
  keyOf: (document) => ({ app: document.app, channel: document.channel }),
  tables: [
    {
      name: "holds",
      columns: { app: "text", channel: "text", reason: "text", held_by: "text", held_at: "text" },
      primary: ["app", "channel"],
      rows: (document: ChannelHoldV1) => [
        {
          app: document.app,
          channel: document.channel,
          reason: document.reason,
          held_by: document.held_by.name,
          held_at: document.held_at,
        },
      ],
    },
  ],
};

/** Key of a tombstone: the first two characters after the id's prefix, and the id. */
export function tombstoneKey(slug: string, releaseId: string): Key {
  return { app: slug, two: releaseId.replace(/^rel_/, "").slice(0, 2), release: releaseId };
}

const tombstone: DocumentKind<"release-tombstone.v1"> = {
  name: "release-tombstone.v1",
  branch: "state",
  path: "dist/apps/{app}/retired/{two}/{release}.json",
  life: "append-only",
  keyOf: (document) => tombstoneKey(document.app_id, document.release_id),
  tables: [
    {
      name: "retired",
      columns: { app: "text", release_id: "text", retired_at: "text" },
      primary: ["app", "release_id"],
      rows: (document: ReleaseTombstoneV1) => [
        { app: document.app_id, release_id: document.release_id, retired_at: document.retired_at },
      ],
    },
  ],
};

const channels: Table<ChannelPointerV1> = {
  name: "channels",
  columns: {
    app: "text",
    name: "text",
    mode: "text",
    proposal_id: "text",
    release_id: "text",
    version: "text",
    build: "text",
    release_digest: "text",
    rollout_percent: "integer",
    kind: "text",
    since: "text",
    requested_by: "text",
    reason: "text",
    grade: "text",
    self_approved: "integer",
    policy: "text",
    min_approvals: "integer",
    approvers: "text",
    soak_source: "text",
    soak_minutes: "integer",
    freeze: "integer",
    retention_keep: "integer",
    inherits: "text",
  },
  primary: ["app", "name"],
  byPolicy: true,
  rows: pointerRows,
};

/** A pointer counts only where policy says that its branch rules the channel. */
function pointerRows(document: ChannelPointerV1, _key: Key, told: Told): ReturnType<Table<ChannelPointerV1>["rows"]> {
  const settings = told.policy === null ? null : resolveChannel(told.policy, document.app, document.channel);
  const mode = settings?.mode ?? "auto";
  if ((told.decision === null ? "auto" : "gated") !== mode) return [];
  return [
    {
      app: document.app,
      name: document.channel,
      mode,
      proposal_id: document.proposal_id,
      release_id: document.release_id,
      version: document.version,
      build: document.build,
      release_digest: document.release_digest,
      rollout_percent: document.rollout_percent,
      kind: document.kind,
      since: told.decision?.mergedAt ?? document.requested_at,
      requested_by: nameOf(document.requested_by),
      reason: document.reason,
      grade: told.decision?.grade ?? null,
      self_approved: told.decision?.selfApproved === true ? 1 : 0,
      policy: settings?.policy ?? "strict",
      min_approvals: mode === "gated" ? (settings?.requirement.minApprovals ?? null) : null,
      approvers: mode === "gated" ? (settings?.requirement.approvers.join(" ") ?? null) : null,
      soak_source: settings?.soak?.source ?? null,
      soak_minutes: settings?.soak?.minutes ?? null,
      freeze: settings?.freeze.length ?? 0,
      retention_keep: settings?.retentionKeep ?? null,
      inherits: settings?.inherits ?? null,
    },
  ];
}

function nameOf(actor: DocumentActor): string {
  return actor.name;
}

const autoPointer: DocumentKind<"channel-pointer.v1"> = {
  name: "channel-pointer.v1",
  branch: "state",
  path: "dist/apps/{app}/channels/{channel}.json",
  life: "mutable",
  keyOf: (document) => ({ app: document.app, channel: document.channel }),
  tables: [channels],
};

const gatedPointer: DocumentKind<"channel-pointer.v1"> = { ...autoPointer, branch: "decisions", path: GATED_PATH };

const yank: DocumentKind<"yank.v1"> = {
  name: "yank.v1",
  branch: "decisions",
  path: YANK_PATH,
  life: "mutable",
  keyOf: (document) => ({ release: document.release_id }),
  tables: [
    {
      name: "yanks",
      columns: {
        app: "text",
        release_id: "text",
        reason: "text",
        severity: "text",
        replacement: "text",
        since: "text",
        grade: "text",
      },
      primary: ["app", "release_id"],
      rows: (document: YankV1, _key, told) => [
        {
          app: document.app,
          release_id: document.release_id,
          reason: document.reason,
          severity: document.severity,
          replacement: document.replacement,
          since: told.decision?.mergedAt ?? document.requested_at,
          grade: told.decision?.grade ?? null,
        },
      ],
    },
  ],
};

/** Documents of the distribution plane, on both branches. */
export const distributionDocuments: readonly AnyKind[] = [
  app,
  release,
  artifact,
  token,
  hold,
  tombstone,
  autoPointer,
  gatedPointer,
  yank,
];
