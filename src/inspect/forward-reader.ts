import type { ToolError } from "../kernel/errors.ts";

/** Reads parts of a stream by offset, forward only, and keeps nothing of what it passed. */
export interface ForwardReader {
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
  /** Ends the stream. */
  readonly close: () => Promise<void>;
}

/**
 * Makes a forward reader of chunks.
 * @param outOfRange makes the error for a part that lies behind, or beyond the end
 */
export function forwardReader(
  chunks: AsyncGenerator<Uint8Array, void, undefined>,
  outOfRange: (message: string) => ToolError,
): ForwardReader {
  let held: Uint8Array = new Uint8Array();
  let heldFrom = 0;
  const more = async (): Promise<Uint8Array> => {
    const { done, value } = await chunks.next();
    if (done === true) throw outOfRange("The content ends before one of its parts");
    return value;
  };
  const skipTo = async (offset: number): Promise<void> => {
    while (heldFrom + held.length <= offset) {
      heldFrom += held.length;
      held = await more();
    }
    held = held.subarray(offset - heldFrom);
    heldFrom = offset;
  };
  return {
    read: async (offset, length) => {
      if (offset < heldFrom) throw outOfRange("One part lies before another that was read already");
      if (length === 0) return new Uint8Array();
      await skipTo(offset);
      const parts = [held];
      for (let have = held.length; have < length; have += parts.at(-1)?.length ?? 0) parts.push(await more());
      held = parts.length === 1 ? held : Buffer.concat(parts);
      return held.subarray(0, length);
    },
    close: async () => {
      await chunks.return(undefined);
    },
  };
}
