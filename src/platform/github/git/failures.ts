import type { ErrorCode } from "../../../kernel/error-catalogue.ts";
import { ToolError } from "../../../kernel/errors.ts";
import type { Swap } from "../../git/store-parts.ts";
import { isUnknown } from "../until-known.ts";

/** Words by which GitHub says that rules of a branch forbid a change; it has no code for that in GraphQL. */
const RULES =
  /rule violation|protected (?:branch|ref)|through a pull request|approving review|merge queue|signed commits|being restricted|cannot (?:delete|force-push to) this branch/i;
/** Said now and then of a branch that just moved, and wrong: rust-lang/homu#75. */
const MOVED = /not a fast.?forward|expected branch to point to|reference already exists|cannot lock ref/i;
const EMPTY = /repository is empty/i;

/** Why a failure stands in the way of a store, in the words that every store uses; anything else comes back as it is. */
export function storeFailure(cause: unknown, location: string, doing: string): unknown {
  if (!(cause instanceof ToolError)) return cause;
  const [code, hint] = kindOf(cause);
  if (code === null) return cause;
  const data = { ...cause.data, remote: location };
  return new ToolError(code, `${doing}: ${cause.message}`, { data, hints: [hint], cause });
}

function kindOf(cause: ToolError): readonly [ErrorCode | null, string] {
  if (isUnknown(cause)) return ["state.push.network", "Run the same command again"];
  if (EMPTY.test(messageOf(cause)))
    return ["state.repository.unsupported", "Put a first commit on the default branch; GitHub makes no objects before"];
  if (cause.code === "forge.unauthorised" || cause.code === "forge.forbidden")
    return ["state.push.unauthorised", "The token needs contents: write for this repository"];
  if (cause.code === "forge.not_found")
    return ["state.repository.missing", "Check the name, and that the token may read the repository"];
  return [null, ""];
}

/**
 * What a move of a branch came to that GitHub did not confirm. Throws `state.push.protected`, `.unauthorised` and what GitHub
 * refuses for another reason; a move without an answer may have happened.
 */
export function swapFailure(cause: unknown, location: string, branch: string): Exclude<Swap, "swapped"> {
  if (!(cause instanceof ToolError)) throw cause;
  const failure = storeFailure(cause, location, `Writing ${branch}`);
  if (failure instanceof ToolError && failure.code === "state.push.network") return { unanswered: failure };
  if (cause.code === "forge.conflict" || MOVED.test(messageOf(cause))) return "lost";
  // The branch went away, or the token may not see it: looking again tells which.
  if (cause.code === "forge.not_found") return "lost";
  if (!RULES.test(messageOf(cause))) throw failure;
  throw new ToolError("state.push.protected", `Rules of GitHub do not let this token move ${branch}`, {
    data: { branch, reason: messageOf(cause) },
    hints: ["waybill doctor names the rule; ask who looks after the repository"],
    cause,
  });
}

function messageOf(cause: ToolError): string {
  const { message, reasons } = cause.data;
  const texts: readonly unknown[] = [message, reasons].flat();
  return texts.filter((text) => typeof text === "string").join(" ");
}
