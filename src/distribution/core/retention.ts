import { byCodePoint } from "../../kernel/text.ts";
import type { ReleaseTombstoneV1, ReleaseV1 } from "../../schema/types.gen.ts";

/** A channel as retention sees it. */
export interface RetentionChannel {
  readonly app: string;
  readonly name: string;
  /** How many releases stay; null keeps all. */
  readonly keep: number | null;
  /** Ids of all releases that were ever placed on it, the last placed first; one may stand several times. */
  readonly placed: readonly string[];
}

/** All that decides what may go. */
export interface RetentionView {
  readonly releases: readonly ReleaseV1[];
  readonly tombstones: readonly Pick<ReleaseTombstoneV1, "release_id" | "removed">[];
  readonly channels: readonly RetentionChannel[];
  /** Releases that a pointer, an open proposal, a hold or a yank refers to. */
  readonly referenced: ReadonlySet<string>;
}

/** A release that goes, and the digests that go with it because nothing else has them. */
export interface Retirement {
  readonly release: ReleaseV1;
  readonly removed: readonly string[];
}

/** Bytes that may go. */
export interface RemovableBytes {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly filename: string;
}

/** What retention wants to do. */
export interface Retention {
  readonly retire: readonly Retirement[];
  /** How many published releases stay. */
  readonly kept: number;
}

/**
 * Plans which releases go. A release goes only when it was placed on a channel, every channel that it was placed on keeps a number,
 * it is not among the last so many placed on any of them, and nothing refers to it. What was given up before it was published goes too.
 * Drafts stay, and so does what never was on a channel: no rule speaks of it.
 */
export function planRetention(view: RetentionView): Retention {
  const standing = standingOf(view);
  const letGo = goingByChannels(view, new Set(standing.filter(isPublished).map(({ id }) => id)));
  const goes = (release: ReleaseV1) =>
    !view.referenced.has(release.id) && (release.status === "abandoned" || (isPublished(release) && letGo(release.id)));
  const going = standing.filter(goes).toSorted((a, b) => byCodePoint(a.id, b.id));
  const gone = new Set(going.map(({ id }) => id));
  const needed = digestsOf(standing.filter(({ id }) => !gone.has(id)));
  const retire = going.map((release) => ({
    release,
    removed: [...digestsOf([release])].filter((sha256) => !needed.has(sha256)).toSorted(byCodePoint),
  }));
  return { retire, kept: standing.filter((release) => isPublished(release) && !gone.has(release.id)).length };
}

/**
 * Bytes that tombstones have given up and that nothing needs now: no release that stands, no draft, nothing that is referred to.
 * Asked again after the tombstones are written, so that what a crash left is removed and what came meanwhile stays.
 */
export function removableBytes(view: RetentionView): readonly RemovableBytes[] {
  const retired = new Set(view.tombstones.map(({ release_id }) => release_id));
  const needed = digestsOf(view.releases.filter(({ id }) => !retired.has(id) || view.referenced.has(id)));
  const given = new Set(view.tombstones.flatMap(({ removed }) => removed));
  const found = new Map<string, RemovableBytes>();
  for (const { artifacts } of view.releases) {
    for (const { sha256, size_bytes, filename } of artifacts) {
      if (given.has(sha256) && !needed.has(sha256)) found.set(sha256, { sha256, sizeBytes: size_bytes, filename });
    }
  }
  return [...found.values()].toSorted((a, b) => byCodePoint(a.sha256, b.sha256));
}

/**
 * Tombstones of releases that policy lets go now, judged as if nothing had been retired. One that says more was not written by
 * retention, or policy keeps more than it did: what it names stands.
 */
export function believedTombstones<T extends { readonly release_id: string }>(
  view: Omit<RetentionView, "tombstones"> & { readonly tombstones: readonly T[] },
): readonly T[] {
  if (view.tombstones.length === 0) return [];
  const going = new Set(planRetention({ ...view, tombstones: [] }).retire.map(({ release }) => release.id));
  return view.tombstones.filter(({ release_id }) => going.has(release_id));
}

function standingOf({ releases, tombstones }: RetentionView): readonly ReleaseV1[] {
  const retired = new Set(tombstones.map(({ release_id }) => release_id));
  return releases.filter(({ id }) => !retired.has(id));
}

function isPublished({ status }: ReleaseV1): boolean {
  return status === "published";
}

/** Tells of a published release whether the channels let it go. */
function goingByChannels({ channels }: RetentionView, standing: ReadonlySet<string>): (id: string) => boolean {
  const placed = new Set<string>();
  const kept = new Set<string>();
  for (const channel of channels) {
    const there = [...new Set(channel.placed)].filter((id) => standing.has(id));
    for (const id of there) placed.add(id);
    for (const id of channel.keep === null ? there : there.slice(0, channel.keep)) kept.add(id);
  }
  return (id) => placed.has(id) && !kept.has(id);
}

function digestsOf(releases: readonly ReleaseV1[]): ReadonlySet<string> {
  return new Set(releases.flatMap(({ artifacts }) => artifacts.map(({ sha256 }) => sha256)));
}
