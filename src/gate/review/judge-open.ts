import type { Act } from "../../kernel/act.ts";
import type { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { Forge, Proposal } from "../../ports/forge.ts";
import type { Judgement, Subject } from "../core/judge.ts";
import type { RuleResult } from "../core/verdict.ts";
import { isForgeError } from "../forge-error.ts";
import type { GateGround } from "../ground.ts";
import { type AskForge, judgeProposal, type OpenProposal, type PullRows } from "./open-proposal.ts";
import type { LoadedDecisions } from "../view/view.ts";

/** A proposal by the head of its branch. */
export interface NamedProposal {
  readonly id: string;
  readonly head: Oid;
  /** Where its pull request is known already. */
  readonly pull?: Proposal;
  /** Who asks is about to merge it, so that the own merge may count as the approval of who requested it. */
  readonly isMerging?: boolean;
}

/**
 * Judges an open proposal as policy does now: by its branch, and where there is a forge by what that says of its pull request, at the
 * forge's own time. What the forge does not answer is a row `unknown`, so that one proposal does not hide the others.
 */
export async function judgeOpen(
  ground: GateGround,
  history: LoadedDecisions,
  named: NamedProposal,
  act: Pick<Act, "at">,
): Promise<OpenProposal> {
  const { forge, store } = ground;
  const { id, head } = named;
  if (forge === undefined) return judgeProposal(store, history, { id, head }, act.at);
  return judgeProposal(store, history, { id, head }, act.at, askOf(forge, named));
}

function askOf(forge: Forge, named: NamedProposal): AskForge {
  const { id, pull: known } = named;
  return async (judged) => {
    try {
      const pull = known ?? (await forge.find(id));
      return pull === null ? unopened(forge.compareUrl(id)) : await rowsOf(forge, pull, named, judged);
    } catch (cause) {
      if (!isForgeError(cause)) throw cause;
      return { pull: known ?? null, said: undefined, rows: [unread(cause)], unread: cause };
    }
  };
}

function unopened(opensAt: string): PullRows {
  const message = "its pull request is not open yet; a person can open it, or the next gate sync does";
  return { pull: null, said: undefined, rows: [{ rule: "origin", status: "wait", message }], opensAt };
}

async function rowsOf(
  forge: Forge,
  pull: Proposal,
  { head, isMerging }: NamedProposal,
  { subject }: Judgement,
): Promise<PullRows> {
  const problem = pullProblem(pull, head);
  if (problem !== null || subject === null) return { pull, said: undefined, rows: [problem ?? ours(forge)] };
  const answers = await forge.answers(pull, subject.header.requested_run ?? null);
  const merger = isMerging === true && mayMergeOwn(subject) ? await forge.me() : null;
  const message = "its base branch was changed, so no review of it counts; propose it again";
  const row: RuleResult = answers.retargeted ? { rule: "origin", status: "refuse", message } : ours(forge);
  return { pull, said: { answers, foreign: pull.foreign, merger }, rows: [row] };
}

/** Who merges matters only where the own merge may be the approval. */
function mayMergeOwn({ requirement }: Subject): boolean {
  return requirement.requesterMayApprove && requirement.proof !== "signed";
}

function ours(forge: Forge): RuleResult {
  return { rule: "origin", status: "ok", message: `a branch of ${printable(forge.name, 200)}` };
}

function pullProblem(pull: Proposal, head: Oid): RuleResult | null {
  if (pull.foreign) return { rule: "origin", status: "refuse", message: "it comes from another repository" };
  if (pull.state === "closed") return { rule: "origin", status: "refuse", message: "its pull request is closed" };
  const isMoving = pull.state === "merged" || pull.head !== head;
  const message = "the forge and git do not agree on it yet; ask again";
  return isMoving ? { rule: "origin", status: "unknown", message } : null;
}

function unread(cause: ToolError): RuleResult {
  const message = `its pull request could not be read: ${printable(cause.message, 300)}`;
  return { rule: "origin", status: "unknown", message };
}
