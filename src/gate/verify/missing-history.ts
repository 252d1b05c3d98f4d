import { type Oid, shortOid } from "../../kernel/oid.ts";
import type { GitStore } from "../../ports/git-store.ts";
import type { MissingHistory } from "../../schema/types.gen.ts";

/** A plain fetch of one branch in a clone of another leaves it where nobody looks. */
const FETCH =
  "git fetch origin '+refs/heads/waybill/*:refs/remotes/origin/waybill/*', in a bare clone '+refs/heads/waybill/*:refs/heads/waybill/*'; then again";

/** Says that a branch is not here, as in a clone of a single one. */
export function missingBranch(branch: string): MissingHistory {
  return { branch, commit: null, message: `There is no branch ${branch} here`, next: FETCH };
}

/** Says that objects of a branch are not here: history that a shallow clone cuts off, or what a partial clone left out. */
export async function missingObjects(
  store: GitStore,
  branch: string,
  found: { readonly commit: Oid | null; readonly message: string } | null,
): Promise<MissingHistory> {
  const commit = found?.commit ?? null;
  if (!(await store.isShallow())) {
    const message = `${found?.message ?? "Objects are missing"}; a partial clone (--filter) leaves some out`;
    return { branch, commit, message, next: "git clone the whole repository, without --filter, and verify that" };
  }
  const cut = commit === null ? "History before its first commit here" : `History from ${shortOid(commit)} back`;
  return {
    branch,
    commit,
    message: `${cut} is missing: the clone is shallow`,
    next: "git fetch --unshallow, then again",
  };
}
