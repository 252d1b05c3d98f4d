import { ToolError } from "../../kernel/errors.ts";
import { isData } from "../../kernel/json.ts";
import { isOid, type Oid } from "../../kernel/oid.ts";
import type { Folder } from "../../ports/files.ts";

const FILE = "root.json";

/**
 * Holds the root of decisions against the one that this user trusts: the one given, else the one remembered since first contact.
 * First contact remembers. Throws `state.root.mismatch`: another root is another history, however valid it looks.
 */
export async function checkRoot(on: { readonly cache: Folder; readonly root: Oid | null }, found: Oid): Promise<void> {
  const remembered = await rememberedRoot(on.cache);
  const trusted = on.root ?? remembered;
  if (trusted !== null && trusted !== found)
    throw new ToolError("state.root.mismatch", `The decisions branch begins at ${found}, not at the trusted root`, {
      data: { found, trusted, source: on.root === null ? "cache" : "given" },
      hints: ["The branch was deleted and made again, or this is another repository; find out before anything else"],
    });
  if (remembered !== found) await pinRoot(on.cache, found);
}

/** Remembers a root in the user's cache of this repository. */
async function pinRoot(cache: Folder, root: Oid): Promise<void> {
  await cache.write(FILE, new TextEncoder().encode(`${JSON.stringify({ root })}\n`));
}

/** The root remembered since first contact; null where there was none. */
async function rememberedRoot(cache: Folder): Promise<Oid | null> {
  const bytes = await cache.read(FILE);
  if (bytes === null) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const root = isData(value) ? value["root"] : undefined;
    return typeof root === "string" && isOid(root) ? root : null;
  } catch {
    // A cache that cannot be read is as good as none.
    return null;
  }
}
