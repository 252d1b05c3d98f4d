import type { DocumentName, Documents } from "./types.gen.ts";

/** Validates and prints documents; a schema compiles when it is first used. */
export interface Schemas {
  /** A document of a branch: its bytes must equal their own canonical print. Throws `document.not_canonical`, `state.document.invalid`. */
  parse<N extends DocumentName>(name: N, bytes: Uint8Array, what: string): Documents[N];
  /** A document in a line of a segment, as strict as {@link Schemas.parse}. Throws as that does. */
  parseLine<N extends DocumentName>(name: N, line: string, what: string): Documents[N];
  /** A value that came from a user's file or was built here. Throws `schema.invalid` with JSON pointers. */
  check<N extends DocumentName>(name: N, value: unknown, what: string): Documents[N];
  /** Canonical bytes of a valid document. Throws `schema.invalid`. */
  print<N extends DocumentName>(name: N, document: Documents[N]): Uint8Array;
}
