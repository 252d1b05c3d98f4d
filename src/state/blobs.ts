import { ToolError } from "../kernel/errors.ts";
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
export async function* boundedBlobs(store: GitStore, oids: readonly Oid[]): AsyncGenerator<readonly BoundedBlob[]> {
  let at = 0;
  while (at < oids.length) {
    try {
      for await (const some of store.blobs(oids.slice(at))) {
        at += some.length;
        yield some;
      }
    } catch (cause) {
      if (!isTooLarge(cause)) throw cause;
      // Some of those that follow were asked for together; the one that is too large is found by asking for each.
      for (let found = false; !found && at < oids.length; at += 1) {
        const oid = oids[at];
        const blob = oid === undefined ? null : await boundedBlob(store, oid);
        found = blob?.tooLarge !== undefined;
        if (blob !== null) yield [blob];
      }
    }
  }
}

/** Reads one blob, as {@link boundedBlobs} does. */
export async function boundedBlob(store: GitStore, oid: Oid): Promise<BoundedBlob | null> {
  try {
    for await (const [blob] of store.blobs([oid])) if (blob !== undefined) return blob;
    return null;
  } catch (cause) {
    if (!isTooLarge(cause)) throw cause;
    return { oid, tooLarge: cause };
  }
}

function isTooLarge(cause: unknown): cause is ToolError {
  return cause instanceof ToolError && cause.code === "state.limit.exceeded";
}
