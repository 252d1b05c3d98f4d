import { authenticate } from "../access/authenticate.ts";
import type { Caller, Need } from "../access/caller.ts";
import type { Actor } from "../kernel/act.ts";
import type { Refused } from "../kernel/errors.ts";
import { timestamp } from "../kernel/time.ts";
import { openState } from "../state/transact.ts";
import type { GateGround } from "./ground.ts";
import { loadDecisions } from "./view/view.ts";

/** Says who acts: without a token whom the caller says, with one whom the token proves. Refuses with `auth.*`. */
export async function actorOf(ground: GateGround, caller: Caller, need: Need): Promise<Actor | Refused> {
  if (caller.token === undefined) return caller.actor;
  const facts = await openState(ground);
  return authenticate(facts, await loadDecisions(ground), caller, need, timestamp(ground.clock.now()));
}
