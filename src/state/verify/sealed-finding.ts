import type { Data } from "../../kernel/json.ts";
import { shortOid } from "../../kernel/oid.ts";
import type { Commit } from "../../ports/git-store.ts";
import { STATE } from "../branches.ts";
import type { Violation } from "./check.ts";

/** Something that is wrong with a seal. */
export function finding(
  rule: string,
  { commit }: Commit,
  path: string | null,
  message: string,
  data: Data = {},
): Violation {
  const next = `find who pushed ${shortOid(commit)}; what was there before is in its parent`;
  return { rule, branch: STATE, commit, path, message, data, next };
}
