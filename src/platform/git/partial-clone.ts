import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Repository } from "./repository.ts";

/** Tells whether a clone may lack objects that a remote has promised; most do not, so that git need not be asked. */
export async function mayBePartial({ commonDir }: Repository): Promise<boolean> {
  const config = await readFile(join(commonDir, "config"), "utf8").catch(() => "");
  return /promisor|partialclone/i.test(config);
}
