/** A pointer as the history of its channel has it. */
export interface PastPointer {
  readonly proposal_id: string;
  readonly release_id: string;
  readonly kind: "promotion" | "rollback";
}

/**
 * Where a channel stands in its own history, newest first: the place at which its release was promoted. After a rollback that is
 * further back than the newest entry, so that the next rollback goes further back and never forward again.
 */
export function standingAt(history: readonly PastPointer[]): number {
  const standing: number[] = [];
  for (let i = history.length - 1; i >= 0; i -= 1) {
    const here = history[i];
    const before = standing[i + 1];
    if (here?.kind !== "rollback" || before === undefined) {
      standing[i] = i;
      continue;
    }
    const placed = history.findIndex((other, j) => j > before && other.release_id === here.release_id);
    standing[i] = standing[placed] ?? before;
  }
  return standing[0] ?? 0;
}

/** Releases that the channel had strictly before its present one, nearest first, each once. */
export function earlierReleases<P extends PastPointer>(history: readonly P[]): readonly P[] {
  const present = history[0]?.release_id;
  const seen = new Set<string>(present === undefined ? [] : [present]);
  return history.slice(standingAt(history) + 1).filter(({ release_id }) => {
    if (seen.has(release_id)) return false;
    seen.add(release_id);
    return true;
  });
}

/** The kind that a move is, whatever a document claims: back along the channel's own history is a rollback, all else a promotion. */
export function kindOfMove(history: readonly PastPointer[], releaseId: string): "promotion" | "rollback" {
  return earlierReleases(history).some(({ release_id }) => release_id === releaseId) ? "rollback" : "promotion";
}
