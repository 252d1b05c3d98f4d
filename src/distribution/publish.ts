import { type Oid, shortOid } from "../kernel/oid.ts";
import { msOf } from "../kernel/time.ts";
import { isRefused, type Reason, reason, type Refused, refuse } from "../kernel/errors.ts";
import type { DistPublishResultV1, ReleaseV1 } from "../schema/types.gen.ts";
import { resolveChannel } from "../gate/core/requirement.ts";
import { STATE } from "../state/branches.ts";
import { type Admitted, admit, laterAct, write } from "./desk.ts";
import { findingsOf, type Request } from "./core/release-draft.ts";
import { versionText } from "./core/release-path.ts";
import { type AskedChannel, autoRow, gatedRow } from "./publish/ask-channel.ts";
import type { PublishDesk, PublishWish } from "./publish/desk.ts";
import { judgeFiles } from "./publish/judge-files.ts";
import { checkFiles, type ManifestAt, readManifestFile } from "./publish/manifest-file.ts";
import { appOf, type IntentDone, type IntentSeen, planIntent, readIntent } from "./publish/record-intent.ts";
import { planRecord, readRecord, type RecordDone } from "./publish/record-release.ts";
import { lacksFiles, lookAndTake, type LookedAt } from "./publish/look-first.ts";
import { storeFiles, type StoredRelease } from "./publish/store-files.ts";
import { discard, type TakenRow } from "./publish/take-files.ts";
import { nameClashes } from "./publish/wanted-files.ts";

/** What a publish answers. */
export interface Published {
  readonly result: DistPublishResultV1;
  readonly warnings: readonly Reason[];
  /** Why a person must open the pull request that a gated channel needs; null where none is missing. */
  readonly notOpened: Reason | null;
}

/**
 * Publishes every artifact of a manifest as one release, or finishes a run that broke off: manifest, files, intent, upload, comparison,
 * record, channel. A crash leaves at most an intent and stored files that the next run goes on with; refused input leaves nothing.
 */
export async function publish(desk: PublishDesk, wish: PublishWish): Promise<Published | Refused> {
  const startedMs = desk.ground.clock.now().getTime();
  const at = await readManifestFile(desk.files, wish.manifest);
  if (isRefused(at)) return at;
  const { app, channel } = at.manifest;
  const admitted = await admit(desk, "dist ci publish", {
    scope: "releases:publish",
    app,
    ...(channel === null ? {} : { channel }),
  });
  if (isRefused(admitted)) return admitted;
  const sizes = await checkFiles(desk.files, desk.artifacts, at);
  if (isRefused(sizes)) return sizes;
  const to = channel === null ? "" : ` to ${channel}`;
  const files = `${sizes.length} ${sizes.length === 1 ? "artifact" : "artifacts"}`;
  desk.log.note(`publish ${app} ${versionText(at.manifest)}${to}: ${files}, ${desk.ground.store.location}`);
  const looked = await lookAndTake(desk, at, sizes, wish.source);
  if (isRefused(looked)) return looked;
  try {
    const done = await publishRows(desk, admitted, at, looked, wish);
    if (isRefused(done)) return done;
    const tookMs = Math.max(0, desk.ground.clock.now().getTime() - startedMs);
    const notOpened = done.channels.find((asked) => asked.notOpened)?.notOpened ?? null;
    return { result: resultOf(desk, done, tookMs), warnings: done.warnings, notOpened };
  } finally {
    await discard(desk, looked.rows);
  }
}

/** Everything that a publish came to. */
interface Outcome {
  readonly request: Request;
  readonly intent: IntentDone;
  readonly stored: StoredRelease | null;
  readonly record: RecordDone;
  readonly channels: readonly AskedChannel[];
  readonly commit: Oid | null;
  readonly warnings: readonly Reason[];
}

async function publishRows(
  desk: PublishDesk,
  admitted: Admitted,
  at: ManifestAt,
  { seen, rows }: LookedAt,
  wish: PublishWish,
): Promise<Outcome | Refused> {
  const [clash, ...more] = nameClashes(rows);
  if (clash !== undefined) return refuse(clash, ...more);
  const judged = judge(seen, admitted, at, rows);
  if (isRefused(judged)) return judged;
  const request: Request = { manifest: at.manifest, files: judged.files, source: wish.source };
  const intended = await recordIntent(desk, admitted, at, request, wish);
  if (isRefused(intended)) return intended;
  const intent = intended.result;
  if (!desk.dryRun) desk.log.note(intentText(intent, admitted.act.at));
  const stored = desk.dryRun ? null : await store(desk, admitted, intent, rows);
  if (isRefused(stored)) return stored;
  const recorded = await record(desk, admitted, request, intent, stored);
  if (isRefused(recorded)) return recorded;
  if (recorded.commit !== null) desk.log.note(`record ${shortOid(recorded.commit)} on ${STATE}`);
  const asked = await askChannel(desk, admitted, at, recorded.done, wish);
  const denied = asked.flatMap(({ reasons }) => reasons);
  const commit = recorded.commit ?? intended.commit;
  const warnings = [...admitted.warnings, ...judged.warnings, ...(stored?.warnings ?? []), ...denied];
  return { request, intent, stored, record: recorded.done, channels: asked, commit, warnings };
}

/** Stores what an intent names; of a release that was published before only what the store in use lacks. Null where there is nothing to do. */
async function store(
  desk: PublishDesk,
  admitted: Admitted,
  { outcome, release }: IntentDone,
  rows: readonly TakenRow[],
): Promise<StoredRelease | Refused | null> {
  const isPublished = outcome === "unmodified";
  if (isPublished && !(await lacksFiles(desk, release))) return null;
  const stored = await storeFiles(desk, admitted, { intent: release, isNew: outcome === "created" }, rows);
  if (isRefused(stored) || !isPublished) return stored;
  return { ...stored, warnings: [...stored.warnings, restoredReason(release)] };
}

function intentText({ outcome, release }: IntentDone, at: string): string {
  if (outcome === "created") return `intent ${release.id} recorded`;
  if (outcome === "unmodified") return `intent ${release.id}: published before with the same files`;
  const minutes = Math.max(0, Math.floor((msOf(at) - msOf(release.created_at)) / 60_000));
  return `resume ${release.id}: draft of ${minutes} min ago`;
}

function restoredReason(release: ReleaseV1): Reason {
  const message = `The store in use lacked files of ${release.app_id} ${versionText(release)}; they were put there again`;
  return reason("dist.artifact.restored", message, { release_id: release.id }, "dist artifact verify --all");
}

function judge(seen: IntentSeen, admitted: Admitted, at: ManifestAt, rows: readonly TakenRow[]) {
  const policy = admitted.decisions.policy.document;
  const app = appOf(seen, at.manifest, policy, admitted.act);
  return isRefused(app) ? app : judgeFiles(rows, app, policy, { manifest: at.name, at: admitted.act.at });
}

async function recordIntent(
  desk: PublishDesk,
  admitted: Admitted,
  at: ManifestAt,
  request: Request,
  wish: PublishWish,
) {
  const policy = admitted.decisions.policy.document;
  const { driver } = desk.artifacts;
  return write(
    desk,
    admitted,
    async (facts) => {
      const seen = await readIntent(facts, at.manifest);
      const { app } = at.manifest;
      // Who may publish may not therefore make apps.
      const denied = seen.app === undefined ? await admitted.check(facts, { scope: "apps:write", app }) : null;
      return { ...seen, denied };
    },
    (seen, act) => {
      const app = seen.denied ?? appOf(seen, at.manifest, policy, act);
      if (isRefused(app)) return app;
      return planIntent(seen, app, request, act, { takeOver: wish.takeOver, manifest: at.name, driver });
    },
  );
}

async function record(
  desk: PublishDesk,
  admitted: Admitted,
  request: Request,
  intent: IntentDone,
  stored: StoredRelease | null,
): Promise<{ readonly done: RecordDone; readonly commit: Oid | null } | Refused> {
  const act = laterAct(desk, admitted.act);
  const publishedAt = intent.release.published_at ?? act.at;
  const repoId = admitted.decisions.policy.document.repo_id;
  const isImagined = desk.dryRun && intent.outcome !== "unmodified";
  const done = await write(
    desk,
    admitted,
    async (facts) => {
      const seen = await readRecord(desk.ground, facts, admitted.decisions, request, intent.release, publishedAt);
      // A dry run has recorded no intent and stored nothing, so both are imagined.
      return isImagined ? { ...seen, found: { release: intent.release, digest: "" } } : seen;
    },
    (seen, again) => {
      const { schemas } = desk.ground;
      return planRecord(
        seen,
        { schemas, request, release: intent.release, stored: isImagined ? NOTHING : stored, repoId },
        again,
      );
    },
    act,
  );
  return isRefused(done) ? done : { done: done.result, commit: done.commit };
}

const NOTHING: StoredRelease = { ref: null, files: new Map(), tag: null, url: null, warnings: [] };

async function askChannel(
  desk: PublishDesk,
  admitted: Admitted,
  at: ManifestAt,
  done: RecordDone,
  wish: PublishWish,
): Promise<readonly AskedChannel[]> {
  const { app, channel } = at.manifest;
  if (channel === null) return [];
  const { mode } = resolveChannel(admitted.decisions.policy.document, app, channel);
  if (mode === "auto") return [autoRow(channel, done)];
  return [await gatedRow(desk, laterAct(desk, admitted.act), admitted.decisions, channel, done.known, wish)];
}

function resultOf(desk: PublishDesk, done: Outcome, tookMs: number): DistPublishResultV1 {
  const { release } = done.record.known;
  const findings = new Map(done.request.files.map((file) => [file.sha256, findingsOf(file.inspection)]));
  return {
    schema: "dist-publish-result.v1",
    planned: desk.dryRun,
    app: release.app_id,
    app_created: done.intent.appCreated,
    outcome: done.intent.outcome,
    release: {
      id: release.id,
      version: release.version,
      build: release.build,
      tag: done.stored?.tag ?? release.forge?.tag ?? null,
      published_at: desk.dryRun && done.intent.outcome !== "unmodified" ? null : release.published_at,
      url: done.stored?.url ?? null,
    },
    artifacts: release.artifacts.map((row) => ({
      id: row.id,
      platform: row.platform,
      variant: row.variant,
      filename: row.filename,
      sha256: row.sha256,
      size_bytes: row.size_bytes,
      validation_status: row.validation_status,
      download_url: `/download/${row.sha256}`,
      findings: findings.get(row.sha256) ?? [],
    })),
    channels: done.channels.map(({ row }) => row),
    pages: [],
    feeds: [],
    commit: done.commit,
    took_ms: tookMs,
  };
}
