import { type Act, actOf } from "../kernel/act.ts";
import { isRefused, type Reason, type Refused } from "../kernel/errors.ts";
import { timestamp } from "../kernel/time.ts";
import { authenticate } from "../access/authenticate.ts";
import type { Caller, Need } from "../access/caller.ts";
import type { Decisions } from "../gate/core/decisions.ts";
import type { GateGround } from "../gate/ground.ts";
import { loadDecisions, warningsOf } from "../gate/view/view.ts";
import { askingKey, type FindKey } from "../gate/propose/asking-key.ts";
import { proveMerged } from "../gate/sync/prove-merged.ts";
import { refuseForeignRepository } from "../gate/own-repository.ts";
import { refuseLostFacts } from "../gate/kinds/rewrite-due.ts";
import type { Acts } from "../ports/clock.ts";
import type { Signer } from "../ports/signer.ts";
import type { PolicyV1 } from "../schema/types.gen.ts";
import type { Plan } from "../state/plan.ts";
import { type Done, openState, transact } from "../state/transact.ts";
import type { View } from "../state/view.ts";

/** What every use case of this plane needs: both branches, time and ids, and who is asking. */
export interface Desk {
  readonly ground: GateGround;
  readonly acts: Acts;
  readonly caller: Caller;
  /** Plans everything and writes nothing. */
  readonly dryRun: boolean;
}

/** Finds the caller's key for a request, one that policy knows where there are several; null where there is none. Asked only for proposals. */
export type FindSigner = FindKey;

/** Finds the key that signs the request of an act under a policy. */
export function signerFor(policy: PolicyV1, { actor }: Act, find: FindSigner): Promise<Signer | null> {
  return askingKey(policy, actor, find);
}

/** A caller that may do what it asks for, the act it does it with, and the decisions in force. */
export interface Admitted {
  readonly act: Act;
  readonly decisions: Decisions;
  /** What every reader prints first: merges that moved nothing. */
  readonly warnings: readonly Reason[];
  /** Asks again on another view, so that a token that was revoked meanwhile refuses; or asks for something further. */
  check(facts: View, further?: Need): Promise<Refused | null>;
}

/** Lets a caller in, or says why not. Every use case that writes begins with it. */
export async function admit(desk: Desk, command: string, need: Need): Promise<Admitted | Refused> {
  const { ground, caller } = desk;
  const loaded = await loadDecisions(ground);
  const at = timestamp(ground.clock.now());
  const state = await openState(ground);
  await refuseForeignRepository(ground, state);
  const actor = await authenticate(state, loaded, caller, need, at);
  if (isRefused(actor)) return actor;
  const act = desk.acts.begin(actor, command);
  const decisions = desk.dryRun ? loaded : await proveMerged(ground, act.step("prove"), loaded);
  return {
    act,
    decisions,
    warnings: warningsOf(decisions),
    async check(facts, further = need) {
      if (caller.token === undefined) return null;
      const again = await authenticate(facts, decisions, caller, further, timestamp(ground.clock.now()));
      return isRefused(again) ? again : null;
    },
  };
}

/** Runs one operation on facts for a caller; who it is belongs to what the operation reads. A dry run only plans. */
export async function write<S, T>(
  desk: Desk,
  admitted: Admitted,
  read: (facts: View) => Promise<S>,
  plan: (seen: S, act: Act) => Plan<T> | Refused,
  act: Act = admitted.act,
): Promise<Done<T> | Refused> {
  const seenBy = async (facts: View) => {
    refuseLostFacts(admitted.decisions, facts.at);
    return (await admitted.check(facts)) ?? { seen: await read(facts) };
  };
  const planned = (found: Refused | { readonly seen: S }, again: Act) =>
    isRefused(found) ? found : plan(found.seen, again);
  if (!desk.dryRun) return transact(desk.ground, act, seenBy, planned);
  const imagined = planned(await seenBy(await openState(desk.ground)), act.again());
  return isRefused(imagined) ? imagined : { commit: null, result: imagined.result };
}

/** The same use case at a later time, after work that took long: a further act with the time of now. */
export function laterAct(desk: Desk, act: Act): Act {
  const now = desk.acts.begin(act.actor, act.command);
  return actOf({
    operation: now.operation,
    at: now.at,
    actor: act.actor,
    requestId: act.requestId,
    command: act.command,
  });
}
