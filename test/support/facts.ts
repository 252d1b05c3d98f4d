import type { Oid } from "../../src/kernel/oid.ts";
import type { GitStore } from "../../src/ports/git-store.ts";
import { loadSchemas } from "../../src/schema/documents.ts";
import type {
  AppV1,
  AuditEventV1,
  ChannelPointerV1,
  DocumentName,
  Documents,
  PolicyV1,
  ReleaseV1,
  StateV1,
} from "../../src/schema/types.gen.ts";
import { STATE } from "../../src/state/branches.ts";
import type { AnyKind, DocumentKind } from "../../src/state/document-kind.ts";
import { stateKinds } from "../../src/state/documents.ts";
import { testAct } from "./git-repo.ts";

/** Schemas, loaded once for a test file. */
export const schemas = loadSchemas();

const actor = { kind: "human", name: "Ada", id: "ada", verified: false } as const;

const appKind: DocumentKind<"app.v1"> = {
  name: "app.v1",
  branch: "state",
  path: "dist/apps/{slug}/app.json",
  life: "mutable",
  keyOf: ({ slug }) => ({ slug }),
  tables: [
    {
      name: "apps",
      columns: { slug: "text", id: "text", owner: "text" },
      primary: ["slug"],
      rows: ({ slug, id, owner }) => [{ slug, id, owner }],
    },
  ],
};

const releaseKind: DocumentKind<"release.v1"> = {
  name: "release.v1",
  branch: "state",
  path: "dist/apps/{app}/releases/{version}.json",
  life: { frozenWhen: ({ status }) => status === "published" },
  keyOf: ({ app_id, version }) => ({ app: app_id, version }),
  tables: [
    {
      name: "releases",
      columns: { app: "text", id: "text", version: "text", status: "text", sha256: "text" },
      primary: ["app", "id"],
      indexes: [["status"]],
      rows: ({ app_id, id, version, status }, _key, { sha256 }) => [{ app: app_id, id, version, status, sha256 }],
    },
    {
      name: "artifacts",
      columns: { sha256: "text", release: "text", filename: "text" },
      primary: ["sha256", "release", "filename"],
      rows: ({ id, artifacts }) => artifacts.map(({ sha256, filename }) => ({ sha256, release: id, filename })),
    },
  ],
};

function channels(branch: "state" | "decisions", path: string): DocumentKind<"channel-pointer.v1"> {
  const wanted = branch === "state" ? "auto" : "gated";
  return {
    name: "channel-pointer.v1",
    branch,
    path,
    life: "mutable",
    keyOf: (pointer) => ({ app: pointer.app, channel: pointer.channel }),
    tables: [
      {
        name: "channels",
        columns: { app: "text", name: "text", release: "text", grade: "text" },
        primary: ["app", "name"],
        byPolicy: true,
        rows: (pointer, _key, { policy, decision }) =>
          (policy?.defaults.channels?.[pointer.channel]?.mode ?? "auto") === wanted
            ? [{ app: pointer.app, name: pointer.channel, release: pointer.release_id, grade: decision?.grade ?? null }]
            : [],
      },
    ],
  };
}

/** A small family of kinds: apps, releases frozen at publication, pointers on both branches. */
export const testKinds: readonly AnyKind[] = [
  ...stateKinds,
  appKind,
  releaseKind,
  channels("state", "dist/apps/{app}/channels/{channel}.json"),
  channels("decisions", "channels/{app}/{channel}.json"),
];

/** state.json of the tests. */
export const scope: StateV1 = {
  schema: "state.v1",
  format_version: 1,
  tenant_id: "acme",
  repo_id: "repo_1",
  forge_repository_id: null,
  created_at: "2026-01-01T00:00:00Z",
};

/** An app. */
export function appDocument(slug: string, owner = "Ada"): AppV1 {
  return {
    schema: "app.v1",
    id: `app_${slug}`,
    slug,
    display_name: slug,
    owner,
    visibility: "private",
    platforms: [],
    bundle_ids: {},
    ios_mode: "artifact_only",
    testflight_url: null,
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
  };
}

/** A release of one artifact. */
export function releaseDocument(
  slug: string,
  version: string,
  more: { readonly status?: ReleaseV1["status"]; readonly id?: string; readonly notes?: string } = {},
): ReleaseV1 {
  const id = more.id ?? `rel_${slug}_${version.replaceAll(".", "_")}`;
  const status = more.status ?? "published";
  return {
    schema: "release.v1",
    id,
    app_id: slug,
    version,
    build: null,
    channel: null,
    notes: more.notes ?? null,
    created_by: actor,
    created_at: "2026-01-01T00:00:00Z",
    published_at: status === "published" ? "2026-01-01T00:00:00Z" : null,
    status,
    source: { repository: null, commit: null, run_url: null },
    forge: null,
    artifacts: [
      {
        id: `art_${id}`,
        app_id: slug,
        release_id: id,
        platform: "generic",
        variant: null,
        filename: `${slug}.bin`,
        content_type: "application/octet-stream",
        size_bytes: 1,
        sha256: "a".repeat(64),
        storage_key: `aa/${"a".repeat(64)}`,
        metadata: {},
        validation_status: "skipped",
      },
    ],
  };
}

/** A pointer of a channel. */
export function pointerDocument(app: string, channel: string, release: string): ChannelPointerV1 {
  return {
    schema: "channel-pointer.v1",
    repo_id: "repo_1",
    proposal_id: `prop_${app}_${channel}_${release}`.slice(0, 64),
    from: null,
    requested_by: actor,
    requested_at: "2026-01-01T00:00:00Z",
    reason: "because",
    app,
    channel,
    kind: "promotion",
    release_id: release,
    version: "1.0.0",
    build: null,
    release_digest: "b".repeat(64),
    rollout_percent: 100,
  };
}

/** A policy in which some channels are gated. */
export function policyDocument(gated: readonly string[]): PolicyV1 {
  return {
    schema: "policy.v1",
    repo_id: "repo_1",
    proposal_id: `prop_policy_${gated.join("_")}`,
    from: null,
    state_seen: { commit: "1".repeat(40), seq: 1 },
    seen: {},
    requested_by: actor,
    requested_at: "2026-01-01T00:00:00Z",
    reason: "because",
    people: {},
    groups: {},
    governance: { approvers: [], min_approvals: 1, requester_may_approve: false, proof: "signed" },
    attestors: {},
    apps: {},
    defaults: { channels: Object.fromEntries(gated.map((name) => [name, { mode: "gated" as const }])) },
  };
}

/** An audit event with its path. */
export function eventDocument(id: string, at = "2026-01-01T00:00:00Z"): AuditEventV1 {
  return {
    schema: "audit-event.v1",
    id,
    tenant_id: "acme",
    repo_id: "repo_1",
    actor,
    action: "app.created",
    target_type: "app",
    target_id: "acme-notes",
    metadata: {},
    request_id: "req_1",
    created_at: at,
  };
}

/** Path of an audit event. */
export function eventPath(event: AuditEventV1): string {
  return `audit/${event.created_at.slice(0, 16).replaceAll(/[-T:]/g, "/")}/${event.id}.json`;
}

/** Canonical bytes. */
export function printed<N extends DocumentName>(document: Documents[N] & { readonly schema: N }): Uint8Array {
  return schemas.print<DocumentName>(document.schema, document);
}

let commits = 0;

/** Commits files to a branch as they are, without any rule; null removes. */
export async function commitFiles(
  store: GitStore,
  files: Readonly<Record<string, Uint8Array | string | null>>,
  branch = STATE,
  at = "2026-01-01T00:00:00Z",
): Promise<Oid> {
  commits += 1;
  const writes = new Map(
    Object.entries(files).map(([path, content]) => [
      path,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    ]),
  );
  const change = { act: testAct(`commit-${commits}`, at), reads: new Map(), writes, message: "Test" };
  const applied = await store.apply(branch, change, new Date("2100-01-01T00:00:00Z"));
  if (!("commit" in applied)) throw new Error("The branch moved");
  return applied.commit;
}
