import { actOf, operationId } from "../../src/kernel/act.ts";
import { sha256Hex } from "../../src/kernel/digest.ts";
import { distributionDocuments } from "../../src/distribution/documents.ts";
import { gateDocuments } from "../../src/gate/documents.ts";
import { createMemoryGitStore } from "../../src/platform/memory/git-store.ts";
import { loadSchemas } from "../../src/schema/documents.ts";
import type { ArtifactV1, ChannelPointerV1, DocumentName, Documents, ReleaseV1 } from "../../src/schema/types.gen.ts";
import { STATE } from "../../src/state/branches.ts";
import { type DocumentKind, pathOf } from "../../src/state/document-kind.ts";
import { stateKinds } from "../../src/state/documents.ts";
import { kindNamed, openView, type View } from "../../src/state/view.ts";
import { appWrite } from "./stored-release.ts";

/** A file of the story, with what an inspection said of it. */
export interface StoryFile {
  readonly platform: ReleaseV1["artifacts"][number]["platform"];
  readonly filename: string;
  readonly size: number;
  readonly variant?: string;
  readonly status?: "passed" | "warning" | "failed" | "pending";
  readonly finding?: string;
  readonly signature?: string;
  readonly signer?: string;
}

const FILES: readonly StoryFile[] = [
  {
    platform: "android_apk",
    filename: "acme-notes.apk",
    size: 18_000_000,
    signature: "signature_verified",
    signer: "aa".repeat(32),
  },
  {
    platform: "ios",
    filename: "AcmeNotes.ipa",
    size: 41_200_000,
    signature: "present",
    status: "warning",
    finding: "profile expires 2026-12-15",
  },
  { platform: "linux", variant: "x64", filename: "acme-notes_amd64.deb", size: 62_700_000 },
  {
    platform: "macos",
    variant: "universal",
    filename: "AcmeNotes-mac.zip",
    size: 96_400_000,
    signature: "stapled",
    signer: "bb",
  },
  {
    platform: "windows",
    variant: "x64",
    filename: "AcmeNotes-Setup.exe",
    size: 84_100_000,
    signature: "signature_verified",
    signer: "cc",
  },
];

/** A release of the story. */
export interface StoryRelease {
  readonly version: string;
  readonly build: string;
  readonly publishedAt: string;
  readonly commit: string;
  readonly files?: readonly StoryFile[];
  readonly notes?: string | null;
  readonly more?: Partial<ReleaseV1>;
}

/** The release that stable has. */
export const before: StoryRelease = {
  version: "1.3.2",
  build: "398",
  publishedAt: "2026-10-27T10:00:00Z",
  commit: `9c41e02${"0".repeat(33)}`,
  files: FILES.map((file) => ({ ...file, status: "passed" })),
};

/** The release that is proposed. */
export const after: StoryRelease = {
  version: "1.4.0",
  build: "412",
  publishedAt: "2026-11-18T14:02:00Z",
  commit: `e04b7c8${"0".repeat(33)}`,
  notes: "# 1.4\n- Offline search\n- Faster sync on metered networks\n\n- No crash at 10,000 lines\n",
};

function digestOf(release: StoryRelease, file: StoryFile): string {
  return sha256Hex(`${release.version} ${file.filename}`);
}

/** The document of a release. */
export function releaseDocument(release: StoryRelease): ReleaseV1 {
  const id = `rel_${release.version.replaceAll(".", "x")}`;
  return {
    schema: "release.v1",
    id,
    app_id: "acme-notes",
    version: release.version,
    build: release.build,
    channel: "internal",
    notes: release.notes ?? null,
    created_by: { kind: "workflow", name: "publish.yml", id: "github:9", verified: false },
    created_at: release.publishedAt,
    published_at: release.publishedAt,
    status: "published",
    source: {
      repository: "acme/notes",
      commit: release.commit,
      run_url: "https://github.com/acme/notes/actions/runs/5521",
    },
    forge: { release_id: "214330187", tag: `acme-notes-v${release.version}-${release.build}` },
    artifacts: (release.files ?? FILES).map((file, i) => ({
      id: `art_${id}${i}`,
      app_id: "acme-notes",
      release_id: id,
      platform: file.platform,
      variant: file.variant ?? null,
      filename: file.filename,
      content_type: "application/octet-stream",
      size_bytes: file.size,
      sha256: digestOf(release, file),
      storage_key: "x",
      metadata: {},
      validation_status: file.status ?? "passed",
    })),
    ...release.more,
  };
}

function artifactDocument(release: StoryRelease, file: StoryFile): ArtifactV1 {
  const checks =
    file.finding === undefined ? [] : [{ id: "x", status: "warning" as const, message: file.finding, detail: {} }];
  const signers = file.signer === undefined ? [] : [{ certificate_sha256: file.signer }];
  return {
    schema: "artifact.v1",
    sha256: digestOf(release, file),
    size_bytes: file.size,
    first_seen_at: release.publishedAt,
    inspection: {
      kind: "test",
      inspector_version: 1,
      facts: file.signature === undefined ? {} : { signature: { grade: file.signature, signers } },
      checks: checks.map((check) => ({ ...check, status: file.status === "failed" ? "failed" : check.status })),
    },
    locations: [
      { driver: "file", release_id: "x", asset_id: null, asset_name: "x", url: null, verified_at: release.publishedAt },
    ],
  };
}

const schemas = loadSchemas();

/** Bytes of a document as they lie on a branch. */
export function bytesOf<N extends DocumentName>(name: N, document: Documents[N]): Uint8Array {
  return schemas.print(name, document);
}

/** Facts on a branch in memory: releases with their files, and pointers of auto channels. */
export async function factsWith(
  releases: readonly StoryRelease[],
  pointers: readonly ChannelPointerV1[] = [],
): Promise<View> {
  const kinds = [...stateKinds, ...gateDocuments, ...distributionDocuments];
  const writes = new Map<string, Uint8Array>();
  const put = (name: DocumentName, document: Documents[DocumentName]) => {
    const kind: DocumentKind = kindNamed(kinds, "state", name);
    writes.set(pathOf(kind, kind.keyOf(document)), bytesOf(name, document));
  };
  const { document: app } = appWrite("acme-notes");
  if (app !== null) put("app.v1", app);
  for (const release of releases) {
    put("release.v1", releaseDocument(release));
    for (const file of release.files ?? FILES) put("artifact.v1", artifactDocument(release, file));
  }
  for (const pointer of pointers) put("channel-pointer.v1", pointer);
  const store = createMemoryGitStore();
  const change = { act: ACT, reads: new Map(), writes, message: "facts" };
  const applied = await store.apply(STATE, change, new Date(Date.now() + 60_000));
  if (!("commit" in applied)) throw new Error("nobody else writes here");
  return openView({ store, kinds, schemas, branch: "state" }, applied.commit);
}

const ACT = actOf({
  operation: operationId(0, "page"),
  at: "2026-11-19T11:00:00Z",
  actor: { kind: "tool", name: "test", id: "test", verified: false },
  requestId: "req_1",
  command: "test",
});
