import type { Reason } from "../src/kernel/errors.ts";
import { reason } from "../src/kernel/errors.ts";
import type { ProposalRef, RequestedRun, VerdictSummary } from "../src/schema/types.gen.ts";
import type { FindSigner } from "../src/distribution/desk.ts";
import type { Args } from "./command.ts";
import { runOf } from "./source.ts";
import type { World } from "./world.ts";

/** What moving a channel needs of the world. */
export type MovingWorld = Pick<World, "ground" | "acts" | "asker" | "keys" | "env">;

/** The desk of a use case, and what signs and who runs its request. */
export function movingDesk({ ground, acts, asker, keys, env }: MovingWorld, args: Args) {
  const keyFile = typeof args["key"] === "string" ? args["key"] : null;
  const signer: FindSigner = (preferred) => keys.signer(keyFile, preferred);
  const requestedRun: RequestedRun | null = runOf(env);
  return { desk: { ground, acts, caller: asker, dryRun: args["dry-run"] === true }, signer, requestedRun };
}

/** How a command that may have opened a proposal ends: 3 while it waits, and the reason that says what it waits for. */
export function endOf(result: {
  readonly proposal: ProposalRef | null;
  readonly verdict: VerdictSummary | null;
}): { readonly exit: 0 } | { readonly exit: 3; readonly error: Reason } {
  const { proposal, verdict } = result;
  if (proposal === null) return { exit: 0 };
  const { not_opened: notOpened } = proposal;
  if (notOpened) {
    const data = { proposal_id: proposal.id, compare_url: notOpened.compare_url };
    const error = reason("forge.pull_request.not_permitted", notOpened.message, data, ...notOpened.hints);
    return { exit: 3, error };
  }
  const message = `${proposal.id} waits: ${waitsText(verdict)}`;
  const error = reason(
    "gate.merge.waiting",
    message,
    { proposal_id: proposal.id, url: proposal.url },
    ...nextOf(proposal, verdict),
  );
  return { exit: 3, error };
}

/** What a verdict waits for, in one line. */
export function waitsText(verdict: VerdictSummary | null): string {
  const open = verdict?.rules.filter(({ status }) => status !== "ok") ?? [];
  return open.length === 0 ? "a merge" : open.map(({ rule, message }) => `${rule} ${message}`).join("; ");
}

/** Where an open proposal goes on: its pull request, how a person opens that, or without a forge what to type. */
export function nextOf(
  { id, url, not_opened: notOpened }: Pick<ProposalRef, "id" | "url" | "not_opened">,
  verdict: VerdictSummary | null,
): readonly string[] {
  if (notOpened) return notOpened.hints;
  if (url !== null) return [url];
  const open = verdict?.rules.filter(({ status }) => status !== "ok") ?? [];
  if (open.some(({ status }) => status === "refuse")) return [`waybill gate show ${id}`];
  const needsPeople = open.some(({ rule }) => rule === "approvals");
  return [...(needsPeople ? [`waybill gate approve ${id}`] : []), `waybill gate merge ${id}`];
}
