import type { Act } from "../../kernel/act.ts";
import { reason, type Refused, refuse, ToolError } from "../../kernel/errors.ts";
import { type Oid, shortOid } from "../../kernel/oid.ts";
import type { Proposal } from "../../ports/forge.ts";
import { statusOf } from "./client.ts";
import { type ForgeAt, oidIn } from "./forge-at.ts";
import { numberOf, readPull } from "./forge-pulls.ts";
import { isUnknown } from "./until-known.ts";

/** What a merge came to. */
type Merged = { readonly commit: Oid } | Refused;

/** Merges exactly one head with a merge commit; where the answer was lost or is a no, looks whether that head is merged already. */
export async function mergePull(at: ForgeAt, proposal: Proposal, head: Oid, title: string, act: Act): Promise<Merged> {
  const number = numberOf(proposal);
  try {
    const { data } = await at.client.request("PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", {
      ...at.where,
      pull_number: number,
      sha: head,
      merge_method: "merge",
      commit_title: title,
      commit_message: `Waybill-Operation: ${act.operation}\nWaybill-Request: ${act.requestId}`,
    });
    return { commit: oidIn(data.sha, "merge of a pull request") };
  } catch (cause) {
    const status = statusOf(cause);
    const isNo = status === 405 || status === 409 || status === 422;
    if (!(cause instanceof ToolError) || !(isNo || isUnknown(cause))) throw cause;
    const pull = await readPull(at, number);
    if (pull.merged_at !== null && pull.head.sha === head)
      return { commit: oidIn(pull.merge_commit_sha, "merge of a pull request") };
    if (!isNo) throw cause;
    return refusalOf(proposal, head, pull, cause);
  }
}

function refusalOf(
  { id, number }: Proposal,
  head: Oid,
  pull: { readonly state: string; readonly merged_at: string | null; readonly head: { readonly sha: string } },
  cause: ToolError,
): Refused {
  const data = { proposal_id: id, number, head };
  if (pull.head.sha !== head) {
    const message = `${id} moved away from ${shortOid(head)} while it was merged`;
    return refuse(reason("state.push.conflict", message, data, `waybill gate show ${id}`));
  }
  if (pull.state !== "open") return refuse(reason("gate.merge.refused", `${id} is closed`, data));
  // Both branches may have moved under the merge; whether it still fits is for the next verdict to say.
  if (statusOf(cause) === 409)
    return refuse(reason("state.push.conflict", `GitHub could not merge ${id}: ${said(cause)}`, data));
  const hint = "GitHub's own rules refuse it: look at the merge box of the pull request";
  return refuse(reason("gate.merge.refused", `GitHub does not merge ${id}: ${said(cause)}`, data, hint));
}

function said({ data, message }: ToolError): string {
  return typeof data["message"] === "string" ? data["message"] : message;
}
