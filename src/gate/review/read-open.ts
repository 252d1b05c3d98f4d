import { ToolError } from "../../kernel/errors.ts";
import type { Act } from "../../kernel/act.ts";
import type { Proposal } from "../../ports/forge.ts";
import { whyNotOpen } from "./closed-proposal.ts";
import type { GateGround } from "../ground.ts";
import { judgeOpen } from "./judge-open.ts";
import { foreignProposal, type OpenProposal, openHeads } from "./open-proposal.ts";
import type { LoadedDecisions } from "../view/view.ts";

/** A proposal as a person named it, by id or by the number of its pull request. */
export interface WhichProposal {
  readonly id: string;
  /** Read already where it was named by number. */
  readonly pull: Proposal | null;
}

/** Finds what a person means by an id or, on a forge, by a number. Throws `gate.proposal.not_found`. */
export async function whichProposal({ forge }: GateGround, which: string): Promise<WhichProposal> {
  const digits = /^#?([1-9][0-9]{0,8})$/.exec(which)?.[1];
  if (digits === undefined) return { id: which, pull: null };
  if (forge === undefined)
    throw new ToolError("gate.proposal.not_found", `There is no proposal ${digits} where no forge is asked`, {
      data: { proposal_id: digits },
      hints: [
        'Numbers are of pull requests on GitHub: GITHUB_TOKEN="$(gh auth token)" finds them',
        "waybill gate list",
      ],
    });
  const pull = await forge.find(Number(digits));
  if (pull !== null) return { id: pull.id, pull };
  throw new ToolError(
    "gate.proposal.not_found",
    `${forge.name} has no pull request #${digits} into the decisions branch`,
    {
      data: { proposal_id: digits },
      hints: ["waybill gate list"],
    },
  );
}

/** Tells whether a pull request is the one of a branch of ours. */
export function isProposal({ id, foreign }: Proposal): boolean {
  return !foreign && !id.startsWith("pull-");
}

/**
 * Finds an open proposal and judges it. Throws `gate.proposal.not_found`, and `gate.proposal.closed` for one that is merged, superseded
 * or rejected.
 */
export async function readOpen(
  ground: GateGround,
  history: LoadedDecisions,
  { id, pull }: WhichProposal,
  act: Act,
  options: { readonly isMerging?: boolean } = {},
): Promise<OpenProposal> {
  if (pull !== null && pull.state === "open" && !isProposal(pull)) return foreignProposal(pull);
  const head = history.decisions.isUsed(id) ? undefined : (await openHeads(ground.store)).get(id);
  if (head === undefined) throw await whyNotOpen(ground, id, pull);
  return judgeOpen(ground, history, { id, head, ...(pull === null ? {} : { pull }), ...options }, act);
}
