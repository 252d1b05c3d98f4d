import { type Reason, reason, type Refused, refuse } from "../../kernel/errors.ts";
import type { ReleaseV1 } from "../../schema/types.gen.ts";
import type { Plan } from "../../state/plan.ts";
import { referenceOf, releaseKey, versionText } from "../core/release-path.ts";

/** Where a store began to hold a release. */
export type ForgeRef = NonNullable<ReleaseV1["forge"]>;

/**
 * Plans to record the draft of a store in its intent, before anything is uploaded. `intent` is what the run knew: where another run
 * has recorded another draft meanwhile, that one stands and nothing is written.
 */
export function planDraftRef(
  found: ReleaseV1 | undefined,
  intent: ReleaseV1,
  forge: ForgeRef,
): Plan<ReleaseV1> | Refused {
  if (found?.id !== intent.id || found.status !== "draft") return refuse(takenOver(intent));
  const isKnown = found.forge?.release_id === forge.release_id;
  if (isKnown || found.forge?.release_id !== intent.forge?.release_id) return { writes: [], events: [], result: found };
  const release: ReleaseV1 = { ...found, forge };
  const { app_id: app, version, build } = release;
  const metadata = { app, version, build, forge_release_id: forge.release_id, tag: forge.tag };
  return {
    writes: [{ name: "release.v1", key: releaseKey(app, version, build), document: release }],
    events: [{ action: "release.draft_opened", target: ["release", release.id], metadata }],
    subject: `release.draft_opened ${referenceOf(app, release)}`,
    result: release,
  };
}

/** Another run has given this intent up. */
export function takenOver(release: ReleaseV1): Reason {
  const message = `${release.app_id} ${versionText(release)} was taken over by another publish meanwhile`;
  return reason("dist.release.in_progress", message, { release_id: release.id }, "Run the same command again");
}

/**
 * Plans the end of a release that was shown to everyone and is not what was published: it is recorded as abandoned, with an alarm.
 * What a forge shows cannot be taken back, so the next version is the way on.
 */
export function planSpoilt(
  found: ReleaseV1 | undefined,
  intent: ReleaseV1,
  reasons: readonly Reason[],
): Plan<null> | Refused {
  if (found?.id !== intent.id) return refuse(takenOver(intent));
  if (found.status !== "draft") return { writes: [], events: [], result: null };
  const release: ReleaseV1 = { ...found, status: "abandoned" };
  const { app_id: app, version, build } = release;
  const metadata = { app, version, build, why: "it is not what was published" };
  const differences = reasons.slice(0, 20).map(({ code, message }) => ({ code, message }));
  const forge = { forge_release_id: release.forge?.release_id ?? null, tag: release.forge?.tag ?? null };
  return {
    writes: [{ name: "release.v1", key: releaseKey(app, version, build), document: release }],
    events: [
      {
        action: "release.alarm",
        target: ["release", release.id],
        metadata: { app, version, build, ...forge, differences },
      },
      { action: "release.abandoned", target: ["release", release.id], metadata },
    ],
    subject: `release.alarm ${referenceOf(app, release)}`,
    result: null,
  };
}
