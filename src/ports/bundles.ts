import type { Oid } from "../kernel/oid.ts";

/** A bundle that was made, kept aside until `drop`. */
export interface MadeBundle {
  readonly sizeBytes: number;
  readonly sha256: string;
  open(): AsyncIterable<Uint8Array>;
  drop(): Promise<void>;
}

/** Whole histories as git bundles (gitformat-bundle(5), version 2), from which plain git clones. */
export interface Bundles {
  /**
   * Makes a bundle of everything that branches hold, by their tips; the same tips give the same bytes with the same git.
   * Throws `state.object.missing` where something of it is not in this repository.
   */
  make(tips: ReadonlyMap<string, Oid>): Promise<MadeBundle>;
  /**
   * Brings the branches of a bundle here, all of them or none. `accept` is asked once all their objects are here, sound, and can be
   * read, and before a branch is made. Throws `state.bundle.invalid` where the bundle does not hold exactly these branches, whole and
   * sound, and `state.repository.unsupported` where objects have names of another kind here; nothing is written then.
   */
  take(bundle: AsyncIterable<Uint8Array>, tips: ReadonlyMap<string, Oid>, accept: () => Promise<void>): Promise<void>;
}
