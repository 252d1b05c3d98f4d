import { msOf } from "../kernel/time.ts";
import type { HeldRelease } from "../ports/artifact-store.ts";
import type { ReleaseV1 } from "../schema/types.gen.ts";
import { type RemovableBytes, removableBytes, type RetentionView } from "./core/retention.ts";

/** How long a draft that nothing refers to is left alone: the run that made it may still be about to record it. */
const LEFT_ALONE_MS = 24 * 3_600_000;

/** Releases that a store may let go of. */
export interface HeldToDrop {
  readonly drafts: readonly HeldRelease[];
  readonly published: readonly HeldRelease[];
  /** Bytes that nobody has any more once the published ones are gone. */
  readonly bytes: readonly RemovableBytes[];
}

/**
 * Finds what a store holds in vain: drafts that no intent refers to, and releases that retention has retired. A release that was
 * recorded as abandoned after it was published stays, as it shows what happened.
 */
export function heldToDrop(held: readonly HeldRelease[], view: RetentionView, at: string): HeldToDrop {
  const known = new Map(view.releases.map((release) => [release.id, release]));
  const retired = new Set(view.tombstones.map(({ release_id }) => release_id));
  const isOver = (release: ReleaseV1) => retired.has(release.id) && !view.referenced.has(release.id);
  const drafts = held.filter((one) => one.state === "draft" && isOld(one, at) && !isWanted(known.get(one.id), one));
  const published = held.filter((one) => {
    const release = known.get(one.id);
    return one.state === "published" && release?.status === "published" && isRecorded(release, one) && isOver(release);
  });
  const gone = new Set(published.flatMap(({ id }) => known.get(id)?.artifacts.map(({ sha256 }) => sha256) ?? []));
  return { drafts, published, bytes: removableBytes(view).filter(({ sha256 }) => gone.has(sha256)) };
}

function isOld({ createdAt }: HeldRelease, at: string): boolean {
  return msOf(at) - Date.parse(createdAt) > LEFT_ALONE_MS;
}

/** An intent without a reference may be about to get this one. */
function isWanted(release: ReleaseV1 | undefined, held: HeldRelease): boolean {
  return release?.status === "draft" && (release.forge === null || isRecorded(release, held));
}

function isRecorded({ forge }: ReleaseV1, { ref, tag }: HeldRelease): boolean {
  return forge?.release_id === ref && forge.tag === tag;
}
