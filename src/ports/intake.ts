import type { Inspection } from "../inspect/inspection.ts";

/** What one sequential read of a file gave. */
export interface Taken {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly inspection: Inspection;
  /** The copy in the staging folder, synced; null where none was asked for. */
  readonly staged: string | null;
}

/**
 * One read of a file: digest, inspection and, where the store has one, the copy into its staging folder.
 * Drivers: worker (one at a time, memory and time bounded), in-process (tests).
 * Throws `file.not_found`, `file.changed` (size or time differ afterwards), `file.no_space`.
 */
export interface Intake {
  take(path: string, staging: string | null, onBytes: (doneBytes: number) => void): Promise<Taken>;
  close(): Promise<void>;
}
