import type { Decisions } from "../gate/core/decisions.ts";
import type { ChannelPointerV1, DocumentName, Documents, ReleaseTombstoneV1, YankV1 } from "../schema/types.gen.ts";

/** Releases that a document needs: where a pointer points and came from, what a yank withdraws and what takes its place. */
export function referredBy(document: Documents[DocumentName]): readonly string[] {
  if (!("schema" in document)) return [];
  if (document.schema === "channel-pointer.v1") return pointerNeeds(document);
  return document.schema === "yank.v1" ? yankNeeds(document) : [];
}

function pointerNeeds({ release_id, from }: ChannelPointerV1): readonly string[] {
  return from === null ? [release_id] : [release_id, from.release_id];
}

function yankNeeds({ release_id, replacement }: YankV1): readonly string[] {
  return replacement === null ? [release_id] : [release_id, replacement];
}

/**
 * Ids of the releases that decisions in force need. Retention never lets go of one of these, so a tombstone of one is false, and a fact
 * undoes no decision: readers go on as if it were not there.
 */
export function neededBy(decisions: Decisions): ReadonlySet<string> {
  return new Set(decisions.list("").flatMap(({ document }) => referredBy(document)));
}

/** Leaves out tombstones of releases that decisions in force need. */
export function withoutFalse(
  tombstones: readonly ReleaseTombstoneV1[],
  decisions: Decisions,
): readonly ReleaseTombstoneV1[] {
  if (tombstones.length === 0) return tombstones;
  const needed = neededBy(decisions);
  return tombstones.filter(({ release_id }) => !needed.has(release_id));
}
