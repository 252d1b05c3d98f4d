import { isRefused, type Reason, reason, type Refused, refuse } from "../kernel/errors.ts";
import { printable } from "../kernel/text.ts";
import type { Decisions } from "../gate/core/decisions.ts";
import type { ArtifactStore } from "../ports/artifact-store.ts";
import type { Log, Task } from "../ports/log.ts";
import type { ArtifactRow, DistArtifactVerifyResultV1, ReleaseV1, VerifiedArtifact } from "../schema/types.gen.ts";
import { openState } from "../state/transact.ts";
import type { View } from "../state/view.ts";
import { releasesOf, tombstonesOf } from "./all-releases.ts";
import { admit, type Desk } from "./desk.ts";
import { artifactKey } from "./documents.ts";
import { findApp, findRelease, slugsOf, unknownApp } from "./find-release.ts";
import { withoutFalse } from "./needed.ts";
import { digestStored, locationIn, refuseElsewhere } from "./stored-bytes.ts";

/** Which artifacts to read: of one release, of one digest or its beginning, or all. */
export interface VerifyWish {
  readonly app: string | null;
  readonly which: { readonly release: string } | { readonly sha256: string } | "all";
}

/** What verifying needs besides the desk. */
export interface VerifyGround {
  readonly artifacts: ArtifactStore;
  readonly log: Log;
}

/** What was found; `error` says why where something is not in order. */
export interface VerifiedArtifacts {
  readonly result: DistArtifactVerifyResultV1;
  readonly error: Reason | null;
  readonly warnings: readonly Reason[];
}

/** Shortest beginning of a digest that names it. */
const PREFIX = /^[0-9a-f]{12,64}$/;

/** A file of a published release. */
export interface PublishedFile {
  readonly release: ReleaseV1;
  readonly row: ArtifactRow;
  /** Retention gave these bytes up, so that nothing is wrong where they are gone. */
  readonly retired: boolean;
}

/**
 * Reads stored bytes again and compares their digests with the published ones. Reads only; a store that lacks bytes or holds others
 * is an answer (`artifact.missing`, `dist.artifact.digest_mismatch`), not an exception.
 */
export async function verifyArtifacts(
  desk: Desk,
  on: VerifyGround,
  wish: VerifyWish,
): Promise<VerifiedArtifacts | Refused> {
  const need = { scope: "artifacts:read", ...(wish.app === null ? {} : { app: wish.app }) } as const;
  const admitted = await admit(desk, "dist artifact verify", need);
  if (isRefused(admitted)) return admitted;
  const facts = await openState(desk.ground);
  const subjects = await publishedFiles(facts, admitted.decisions, wish);
  if (isRefused(subjects)) return subjects;
  const sizes = new Map(subjects.map(({ row }) => [row.sha256, row.size_bytes]));
  const totalBytes = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  const task = on.log.task("verify artifacts", totalBytes, "bytes");
  const { artifacts, bytes } = await readAll(facts, on.artifacts, subjects, task);
  task.end();
  const result = { schema: "dist-artifact-verify-result.v1", checked: sizes.size, bytes, artifacts } as const;
  return { result, error: errorOf(artifacts), warnings: admitted.warnings };
}

/** Files of a release, of a digest, or of all published releases; equal bytes of several releases are several. */
export async function publishedFiles(
  facts: View,
  decisions: Decisions,
  { app, which }: VerifyWish,
): Promise<readonly PublishedFile[] | Refused> {
  if (app !== null && (await findApp(facts, app)) === undefined) return unknownApp(facts, app);
  if (which !== "all" && "release" in which) {
    const known = await findRelease(facts, which.release, app ?? undefined);
    return isRefused(known) ? known : subjectsIn(facts, decisions, known.release.app_id, [known.release]);
  }
  if (which !== "all" && !PREFIX.test(which.sha256)) {
    const message = `${printable(which.sha256)} is no SHA-256 and no beginning of one`;
    return refuse(reason("usage.invalid_argument", message, {}, "Give 12 to 64 lower-case hex digits"));
  }
  const slugs = app === null ? await slugsOf(facts) : [app];
  const all: PublishedFile[] = [];
  for (const slug of slugs) all.push(...(await subjectsIn(facts, decisions, slug, await releasesOf(facts, slug))));
  return which === "all" ? all : withDigest(all, which.sha256);
}

async function subjectsIn(
  facts: View,
  decisions: Decisions,
  slug: string,
  releases: readonly ReleaseV1[],
): Promise<readonly PublishedFile[]> {
  const tombstones = withoutFalse(await tombstonesOf(facts, slug), decisions);
  const gone = new Set(tombstones.flatMap(({ release_id, removed }) => removed.map((sha256) => release_id + sha256)));
  return releases
    .filter(({ status }) => status === "published")
    .flatMap((release) =>
      release.artifacts.map((row) => ({ release, row, retired: gone.has(release.id + row.sha256) })),
    );
}

function withDigest(all: readonly PublishedFile[], prefix: string): readonly PublishedFile[] | Refused {
  const found = all.filter(({ row }) => row.sha256.startsWith(prefix));
  const digests = [...new Set(found.map(({ row }) => row.sha256))];
  if (digests.length === 1) return found;
  const none = `No published artifact has the digest ${prefix}`;
  const message = digests.length === 0 ? none : `${digests.length} artifacts have digests that begin with ${prefix}`;
  return refuse(reason("dist.artifact.not_found", message, { sha256: prefix, found: digests }, "dist artifact list"));
}

async function readAll(facts: View, store: ArtifactStore, subjects: readonly PublishedFile[], task: Task) {
  const known = new Map<string, string | null>();
  const artifacts: VerifiedArtifact[] = [];
  let bytes = 0;
  for (const subject of subjects) {
    const { sha256 } = subject.row;
    let found = known.get(sha256);
    if (found === undefined) {
      const record = await facts.find("artifact.v1", artifactKey(sha256));
      refuseElsewhere(store, record, subject.row);
      const location = await locationIn(store, record);
      const step = (more: number) => task.step((bytes += more));
      found = location === undefined ? null : await digestStored(store, sha256, location, step);
      known.set(sha256, found);
    }
    artifacts.push(verified(subject, found));
  }
  return { artifacts, bytes };
}

function verified({ release, row, retired }: PublishedFile, found: string | null): VerifiedArtifact {
  const absent = retired ? "retired" : "missing";
  return {
    app: release.app_id,
    release_id: release.id,
    version: release.version,
    build: release.build,
    filename: row.filename,
    size_bytes: row.size_bytes,
    sha256: row.sha256,
    status: found === null ? absent : found === row.sha256 ? "ok" : "changed",
    found,
  };
}

/** Changed bytes are worse than missing ones. */
function errorOf(artifacts: readonly VerifiedArtifact[]): Reason | null {
  const changed = artifacts.filter(({ status }) => status === "changed");
  const missing = artifacts.filter(({ status }) => status === "missing");
  const [first] = [...changed, ...missing];
  if (first === undefined) return null;
  const count = { changed: changed.length, missing: missing.length };
  const what = `${changed.length} changed and ${missing.length} missing of ${artifacts.length}`;
  const message = `Stored artifacts are not as they were published: ${what}, first ${printable(first.filename)}`;
  const code = changed.length > 0 ? "dist.artifact.digest_mismatch" : "artifact.missing";
  return reason(
    code,
    message,
    { ...count, sha256: first.sha256, found: first.found },
    "Put the files back from a backup",
  );
}
