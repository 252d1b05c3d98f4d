import { isRefused, type Refused, refuse } from "../../kernel/errors.ts";
import type { ReleaseV1 } from "../../schema/types.gen.ts";
import { openState } from "../../state/transact.ts";
import { tagOf } from "../core/asset-name.ts";
import type { Manifest } from "../core/manifest.ts";
import type { PublishDesk } from "./desk.ts";
import type { ManifestAt } from "./manifest-file.ts";
import { type IntentSeen, readIntent } from "./record-intent.ts";
import { targetOf } from "./store-files.ts";
import { discard, takeFiles, type TakenRow } from "./take-files.ts";

/** What is known of a publish before anything is written. */
export interface LookedAt {
  readonly seen: IntentSeen;
  readonly rows: readonly TakenRow[];
}

/** Reads the files, and asks meanwhile whether the store could take the release; copies of what is refused are removed again. */
export async function lookAndTake(
  desk: PublishDesk,
  at: ManifestAt,
  sizes: readonly number[],
  source: ReleaseV1["source"],
): Promise<LookedAt | Refused> {
  const taking = takeFiles(desk, at, sizes);
  // It may fail while nobody waits for it yet.
  taking.catch(() => undefined);
  const drop = async () => {
    const rows = await taking.catch(() => []);
    if (!isRefused(rows)) await discard(desk, rows);
  };
  const seen = await lookFirst(desk, at.manifest, source).catch(async (cause: unknown) => {
    await drop();
    throw cause;
  });
  if (isRefused(seen)) {
    await drop();
    return seen;
  }
  const rows = await taking;
  return isRefused(rows) ? rows : { seen, rows };
}

/** What was published before needs nothing of the store. */
async function lookFirst(
  desk: PublishDesk,
  manifest: Manifest,
  source: ReleaseV1["source"],
): Promise<IntentSeen | Refused> {
  const seen = await readIntent(await openState(desk.ground), manifest);
  const { found } = seen;
  if (found !== undefined && found.published_at !== null) return seen;
  const begun = found?.status === "draft" ? found : null;
  const [first, ...more] = await desk.artifacts.preflight({
    tag: begun?.forge?.tag ?? tagOf(manifest.app, manifest),
    target: targetOf(desk, begun?.forge ? begun.source : source),
    ref: begun?.forge?.release_id ?? null,
  });
  return first === undefined ? seen : refuse(first, ...more);
}

/** Tells whether the store in use lacks bytes of a release that was published before, as another store, or a lost one, would. */
export async function lacksFiles({ artifacts }: PublishDesk, release: ReleaseV1): Promise<boolean> {
  // What a forge published cannot be put there again.
  if (artifacts.repository !== null) return false;
  for (const row of release.artifacts) {
    const { driver } = artifacts;
    const location = { driver, release_id: release.id, asset_id: null, asset_name: row.storage_key, url: null };
    if ((await artifacts.stat(row.sha256, location)) === null) return true;
  }
  return false;
}
