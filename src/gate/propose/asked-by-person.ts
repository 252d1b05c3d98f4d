import type { Actor } from "../../kernel/act.ts";
import type { Signer } from "../../ports/signer.ts";
import type { RequestedRun } from "../../schema/types.gen.ts";
import { personOfKey } from "../core/approvals.ts";
import type { Decisions } from "../core/decisions.ts";
import { runProblem } from "../core/forge-requester.ts";
import { runsOf } from "../core/proof.ts";
import type { GateGround } from "../ground.ts";

/**
 * Tells whether a request will count as a person's, which ends the hold of a rollback: signed with a key of policy, made with a
 * person's account, or by a run that a person started. The verdict finds it out anew from what the forge then says.
 */
export async function isAskedByPerson(
  { forge }: Pick<GateGround, "forge">,
  decisions: Decisions,
  asked: { readonly actor: Actor; readonly signer: Signer | null; readonly run: RequestedRun | null },
): Promise<boolean> {
  const { actor, signer, run } = asked;
  const policy = decisions.policy.document;
  if (actor.kind === "human" && signer !== null && personOfKey(policy, signer.publicKey) !== undefined) return true;
  if (forge === undefined) return false;
  if (actor.kind === "human") return (await forge.me())?.kind === "user";
  if (run === null) return false;
  const header = { requested_by: actor, requested_run: run };
  const answers = { run: await forge.run(run) };
  return runProblem({ answers, header, usedRuns: runsOf(decisions, header) }) === null;
}
