import { statusOf } from "./client.ts";

/** Asks for something that need not be there: null where GitHub says 404, which it also says of what a token may not see. Throws `forge.*`. */
export async function orNull<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (cause) {
    if (statusOf(cause) === 404) return null;
    throw cause;
  }
}
