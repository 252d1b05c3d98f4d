import { isRefused, type Reason, reason, type Refused, refuse } from "../kernel/errors.ts";
import type { DistReleaseAbandonResultV1, ReleaseV1 } from "../schema/types.gen.ts";
import type { Plan } from "../state/plan.ts";
import { openState } from "../state/transact.ts";
import { releaseKey, versionText } from "./core/release-path.ts";
import { admit, type Desk, write } from "./desk.ts";
import { findRelease, noSuchRelease } from "./find-release.ts";
import { refOf } from "./move-parts.ts";

/** What giving up a draft came to. */
export interface Abandoned {
  readonly result: DistReleaseAbandonResultV1;
  readonly warnings: readonly Reason[];
}

/** Gives up a release that was never published; its version is free again. One commit, or none where it was given up before. */
export async function abandon(
  desk: Desk,
  wish: { readonly release: string; readonly app: string | undefined },
): Promise<Abandoned | Refused> {
  const named = await findRelease(await openState(desk.ground), wish.release, wish.app);
  if (isRefused(named)) return named;
  const { app_id: app, version, build, id } = named.release;
  const admitted = await admit(desk, "dist release abandon", { scope: "releases:publish", app });
  if (isRefused(admitted)) return admitted;
  const done = await write(
    desk,
    admitted,
    (facts) => facts.find("release.v1", releaseKey(app, version, build)),
    (found) => (found?.id === id ? planAbandon(found) : noSuchRelease(id)),
  );
  if (isRefused(done)) return done;
  const { release, changed } = done.result;
  const result = { planned: desk.dryRun, app, release: refOf(release), changed, commit: done.commit };
  return { result: { schema: "dist-release-abandon-result.v1", ...result }, warnings: admitted.warnings };
}

/** Plans the end of a draft. What is published never changes. */
export function planAbandon(
  found: ReleaseV1,
): Plan<{ readonly release: ReleaseV1; readonly changed: boolean }> | Refused {
  if (found.published_at !== null) {
    const message = `${found.app_id} ${versionText(found)} is published, and a release never changes`;
    return refuse(
      reason("dist.release.already_published", message, { release_id: found.id }, "dist release yank withdraws it"),
    );
  }
  if (found.status === "abandoned") return { writes: [], events: [], result: { release: found, changed: false } };
  const release: ReleaseV1 = { ...found, status: "abandoned" };
  const metadata = { app: found.app_id, version: found.version, build: found.build, why: "given up" };
  return {
    writes: [{ name: "release.v1", key: releaseKey(found.app_id, found.version, found.build), document: release }],
    events: [{ action: "release.abandoned", target: ["release", found.id], metadata }],
    result: { release, changed: true },
  };
}
