import type { Oid } from "../../kernel/oid.ts";
import type { GitStore } from "../../ports/git-store.ts";

/** First commit of the decisions, by which people know a repository; null where there are none. Throws `state.object.missing`. */
export async function rootOf(store: GitStore, decisions: Oid | null): Promise<Oid | null> {
  let root = decisions;
  if (decisions !== null) for await (const { commit } of store.log(null, decisions)) root = commit;
  return root;
}
