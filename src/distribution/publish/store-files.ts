import { isRefused, type Reason, reason, type Refused, refuse, ToolError } from "../../kernel/errors.ts";
import type { Draft, Publication, StoredFile } from "../../ports/artifact-store.ts";
import type { ReleaseV1 } from "../../schema/types.gen.ts";
import { tagOf } from "../core/asset-name.ts";
import { nextVersion } from "../core/next-version.ts";
import { releaseKey, versionText } from "../core/release-path.ts";
import { type Admitted, laterAct, write } from "../desk.ts";
import { compareSet, type Expected } from "./compare-set.ts";
import type { PublishDesk } from "./desk.ts";
import { putAll } from "./put-files.ts";
import { planDraftRef, planSpoilt, takenOver } from "./record-draft.ts";
import type { TakenRow } from "./take-files.ts";
import { wantedFiles } from "./wanted-files.ts";

/** A release whose files are stored and visible. */
export interface StoredRelease {
  /** Reference of its draft, as it must be recorded. */
  readonly ref: string | null;
  /** By SHA-256. */
  readonly files: ReadonlyMap<string, StoredFile>;
  readonly tag: string | null;
  readonly url: string | null;
  readonly warnings: readonly Reason[];
}

/** An intent that was recorded, and whether this run made it. */
export interface StoreWish {
  readonly intent: ReleaseV1;
  readonly isNew: boolean;
}

/**
 * Stores the files of an intent: opens its draft and records that, puts the files, compares the whole set and the tag with the intent,
 * publishes the draft and compares again. Nothing is replaced; a crash leaves a draft that the next run goes on with. Refuses with
 * `dist.upload.verify_failed`, `.unexpected_asset` or `dist.release.tag_mismatch`; where that is found after publishing, the release
 * is recorded as abandoned.
 */
export async function storeFiles(
  desk: PublishDesk,
  admitted: Admitted,
  wish: StoreWish,
  rows: readonly TakenRow[],
): Promise<StoredRelease | Refused> {
  try {
    const opened = await openDraft(desk, admitted, wish);
    return isRefused(opened) ? opened : await storeInto(desk, admitted, opened, rows);
  } catch (cause) {
    throw withNextVersion(cause, wish.intent);
  }
}

/** A draft with the intent that names it. */
interface Opened {
  readonly draft: Draft;
  readonly intent: ReleaseV1;
}

async function openDraft(
  desk: PublishDesk,
  admitted: Admitted,
  { intent, isNew }: StoreWish,
): Promise<Opened | Refused> {
  const ask = (release: ReleaseV1) =>
    desk.artifacts.draft({
      id: release.id,
      tag: release.forge?.tag ?? tagOf(release.app_id, release),
      target: targetOf(desk, release.source),
      ref: release.forge?.release_id ?? null,
      title: `${release.app_id} ${versionText(release)}`,
      notes: release.notes,
      isNew: isNew && release.forge === null,
    });
  const draft = await ask(intent);
  // Files that lie by themselves need no reference, and a release that was published before has its own.
  if (draft.tag === null || intent.forge?.release_id === draft.ref) return { draft, intent };
  const forge = { release_id: draft.ref, tag: draft.tag };
  const { app_id, version, build } = intent;
  const done = await write(
    desk,
    admitted,
    (facts) => facts.find("release.v1", releaseKey(app_id, version, build)),
    (found) => planDraftRef(found, intent, forge),
    laterAct(desk, admitted.act),
  );
  if (isRefused(done)) return done;
  const recorded = done.result;
  if (recorded.forge?.release_id === draft.ref) {
    desk.log.note(`draft release ${draft.ref} recorded`);
    return { draft, intent: recorded };
  }
  const theirs = await ask(recorded);
  return theirs.ref === recorded.forge?.release_id ? { draft: theirs, intent: recorded } : refuse(takenOver(intent));
}

/** The commit that a tag must name: only a store that holds the code can be asked for it. */
export function targetOf({ artifacts }: PublishDesk, { repository, commit }: ReleaseV1["source"]): string | null {
  const isHere = repository === null || repository.toLowerCase() === artifacts.repository?.toLowerCase();
  return isHere ? commit : null;
}

async function storeInto(
  desk: PublishDesk,
  admitted: Admitted,
  { draft, intent }: Opened,
  rows: readonly TakenRow[],
): Promise<StoredRelease | Refused> {
  const wanted = wantedFiles(rows);
  const on = { artifacts: desk.artifacts, clock: desk.ground.clock };
  const isShown = draft.state === "published";
  const target = targetOf(desk, intent.source);
  let expected: Expected = { wanted, names: new Map(), target, published: false };
  if (!isShown) {
    expected = { ...expected, names: await putAll(desk, draft, wanted) };
    let before = await compareSet(on, draft, expected);
    if (before.lacks) {
      // Another run of the same publish took an upload of this one for one that broke off.
      expected = { ...expected, names: await putAll(desk, draft, wanted) };
      before = await compareSet(on, draft, expected);
    }
    if (before.reasons.length > 0) return asRefusal(before.reasons);
    desk.log.note(`verify ${wanted.length} of ${wanted.length}: name, state, size and digest equal the intent`);
  }
  const publishedAt = on.clock.now();
  const published = await draft.publish();
  if (draft.tag !== null) desk.log.note(doneText(published, on.clock.now().getTime() - publishedAt.getTime()));
  const after = await compareSet(on, draft, { ...expected, published: true });
  if (after.reasons.length > 0)
    return draft.tag === null ? asRefusal(after.reasons) : spoilt(desk, admitted, intent, after.reasons);
  const ref = draft.tag === null ? null : draft.ref;
  const { tag, url } = published;
  return { ref, files: after.files, tag, url, warnings: lockWarnings(intent, published) };
}

function doneText({ immutable }: Publication, tookMs: number): string {
  return immutable === true ? `publish done, immutable after ${(tookMs / 1000).toFixed(1)} s` : "publish done";
}

async function spoilt(
  desk: PublishDesk,
  admitted: Admitted,
  intent: ReleaseV1,
  reasons: readonly Reason[],
): Promise<Refused> {
  const { app_id, version, build } = intent;
  const done = await write(
    desk,
    admitted,
    (facts) => facts.find("release.v1", releaseKey(app_id, version, build)),
    (found) => planSpoilt(found, intent, reasons),
    laterAct(desk, admitted.act),
  );
  if (isRefused(done)) return done;
  const hint = `It is recorded as abandoned; find out who changed it, then publish ${nextVersion(intent)}`;
  return asRefusal(reasons.map((one) => ({ ...one, hints: [hint] })));
}

function lockWarnings(intent: ReleaseV1, { immutable, tag }: Publication): readonly Reason[] {
  if (immutable !== false) return [];
  const message = `${intent.app_id} ${versionText(intent)} is published, and does not show as immutable yet`;
  return [reason("dist.release.mutable", message, { tag }, "Look at the release on GitHub; waybill doctor")];
}

/** Where only another version helps, the hint says which. */
function withNextVersion(cause: unknown, intent: ReleaseV1): unknown {
  if (!(cause instanceof ToolError)) return cause;
  if (cause.code !== "dist.release.tag_burned" && cause.code !== "dist.release.tag_taken") return cause;
  const hints = [`Publish ${nextVersion(intent)}: raise version or build in dist.json`];
  return new ToolError(cause.code, cause.message, { data: cause.data, hints, cause });
}

function asRefusal([first, ...more]: readonly Reason[]): Refused {
  if (first === undefined) throw new ToolError("internal.bug", "A refusal has a reason");
  return refuse(first, ...more);
}
