import { type Refused, refuse } from "../../kernel/errors.ts";
import type { ReleaseV1 } from "../../schema/types.gen.ts";
import { openState } from "../../state/transact.ts";
import { tagOf } from "../core/asset-name.ts";
import type { Manifest } from "../core/manifest.ts";
import type { PublishDesk } from "./desk.ts";
import { readIntent } from "./record-intent.ts";
import { targetOf } from "./store-files.ts";

/** Asks the store, before files are read and anything is written, whether it could take the release. What was published before needs nothing. */
export async function preflight(
  desk: PublishDesk,
  manifest: Manifest,
  source: ReleaseV1["source"],
): Promise<Refused | null> {
  const { found } = await readIntent(await openState(desk.ground), manifest);
  if (found !== undefined && found.published_at !== null) return null;
  const begun = found?.status === "draft" ? found : null;
  const [first, ...more] = await desk.artifacts.preflight({
    tag: begun?.forge?.tag ?? tagOf(manifest.app, manifest),
    target: targetOf(desk, begun?.forge ? begun.source : source),
    ref: begun?.forge?.release_id ?? null,
  });
  return first === undefined ? null : refuse(first, ...more);
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
