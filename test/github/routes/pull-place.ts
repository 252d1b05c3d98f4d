import { settle } from "../model/pull-life.ts";
import type { FakePull } from "../model/pulls.ts";
import type { Call, Caller } from "../route.ts";
import { found } from "./answers.ts";
import { id } from "./body.ts";

/** Finds the pull request of a call, brought up to what git says by now. */
export async function pullOf(call: Call, name = "pull_number"): Promise<FakePull> {
  const pull = found(call.repo.features.pulls.get(id(call, name)));
  await call.repo.features.pulls.alone(() => settle(call, pull));
  return pull;
}

/** Who sends the call; the token table has let somebody in already. */
export function sender(call: Call): Caller {
  return found(call.caller);
}

/** Whether the workflow token may not open or approve pull requests: one switch for both. */
export function isHeldBack(call: Call): boolean {
  return call.caller?.kind === "workflow" && !call.repo.features.settings.canApprove;
}
