import { ToolError } from "../kernel/errors.ts";
import { InFlight, type Lists } from "../kernel/in-flight.ts";
import type { Oid } from "../kernel/oid.ts";
import type { Blob, GitStore } from "../ports/git-store.ts";

/** A blob with its bytes, or why no reader takes it. */
export type BoundedBlob =
  | (Blob & { readonly tooLarge?: undefined })
  | { readonly oid: Oid; readonly bytes?: undefined; readonly tooLarge: ToolError };

/**
 * Reads blobs by id, in order, those that came together in one list. One that is larger than any document is answered with the reason
 * instead of its bytes: anyone who may push can have put it there, and the others must be read all the same.
 */
export async function* boundedBlobs(store: GitStore, oids: Lists<Oid>): AsyncGenerator<readonly BoundedBlob[]> {
  const flight = new InFlight(oids);
  try {
    for (;;) {
      try {
        for await (const some of store.blobs(flight.lists())) {
          flight.answer(some.length);
          yield some;
        }
        return;
      } catch (cause) {
        if (!isTooLarge(cause) || flight.size === 0) throw cause;
      }
      yield* upToTooLarge(store, flight);
    }
  } finally {
    flight.end();
  }
}

/** Some of those that follow were asked for together; the one that is too large is found by asking for each. */
async function* upToTooLarge(store: GitStore, flight: InFlight<Oid>): AsyncGenerator<readonly BoundedBlob[]> {
  for (const oid of flight.open()) {
    const blob = await boundedBlob(store, oid);
    flight.answer(1);
    if (blob !== null) yield [blob];
    if (blob?.tooLarge !== undefined) return;
  }
}

/** Reads one blob, as {@link boundedBlobs} does. */
export async function boundedBlob(store: GitStore, oid: Oid): Promise<BoundedBlob | null> {
  try {
    for await (const [blob] of store.blobs([[oid]])) if (blob !== undefined) return blob;
    return null;
  } catch (cause) {
    if (!isTooLarge(cause)) throw cause;
    return { oid, tooLarge: cause };
  }
}

function isTooLarge(cause: unknown): cause is ToolError {
  return cause instanceof ToolError && cause.code === "state.limit.exceeded";
}
