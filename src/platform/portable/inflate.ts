import { constants, inflateSync } from "node:zlib";
import { corrupt } from "../git/objects.ts";

/**
 * Inflates exactly `sizeBytes` from the start of some bytes, whatever follows them; null where the bytes end too early. Never makes more
 * than was announced. Throws `state.object.corrupt`.
 */
export function inflateExactly(bytes: Uint8Array, sizeBytes: number, what: string): Buffer | null {
  try {
    const content = inflateSync(bytes, { maxOutputLength: Math.max(sizeBytes, 1) });
    if (content.length === sizeBytes) return content;
  } catch (cause) {
    if (isCutShort(cause)) return null;
    throw corrupt(what, "it does not inflate to the size that it names", cause);
  }
  throw corrupt(what, "it does not inflate to the size that it names");
}

/** Inflates what a few bytes give, for a look at the head of something longer. Throws `state.object.corrupt`. */
export function inflateHead(bytes: Uint8Array, what: string): Buffer {
  try {
    return inflateSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (cause) {
    throw corrupt(what, "it does not inflate", cause);
  }
}

function isCutShort(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "Z_BUF_ERROR";
}
