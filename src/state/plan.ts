import type { Data } from "../kernel/json.ts";
import type { DocumentName, Documents } from "../schema/types.gen.ts";
import type { Key } from "./document-kind.ts";

/** One document to write, or to remove with null. */
export type Write = {
  [N in DocumentName]: { readonly name: N; readonly key: Key; readonly document: Documents[N] | null };
}[DocumentName];

/** Something that happened, for the audit trail; becomes one new file of the same commit. */
export interface Event {
  readonly action: string;
  readonly target: readonly [type: string, id: string];
  readonly metadata: Data;
  /** Id and time of an event that follows from a decision, so that it is recorded once whoever derives it. */
  readonly derived?: { readonly id: string; readonly at: string };
}

/** What an operation does, as data. No writes and no events mean that nothing is committed. */
export interface Plan<T> {
  readonly writes: readonly Write[];
  readonly events: readonly Event[];
  /** Segments by path, and null for what they take the place of; only `sealState` plans them. */
  readonly seals?: ReadonlyMap<string, Uint8Array | null>;
  /** Subject of the commit; default: the first event's action and target. */
  readonly subject?: string;
  readonly result: T;
}
