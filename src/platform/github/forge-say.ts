import type { Account, Proposal, ProposalStatus } from "../../ports/forge.ts";
import { hidden } from "../../kernel/markdown.ts";
import { statusOf } from "./client.ts";
import { accountOf, allRows, type ForgeAt } from "./forge-at.ts";
import { numberOf } from "./forge-pulls.ts";
import { viewer } from "./viewer.ts";
import { settled } from "./until-known.ts";

/** Name of the commit status; what it says is for people, and no code reads it. */
const CONTEXT = "waybill/verdict";

/** Posts a verdict as the status of a proposal's head, unless the newest one says the same. */
export async function postStatus(at: ForgeAt, { head }: Proposal, status: ProposalStatus): Promise<void> {
  if (await isPosted(at, head, status)) return;
  try {
    await settled(
      async () => {
        await at.client.request("POST /repos/{owner}/{repo}/statuses/{sha}", {
          ...at.where,
          sha: head,
          context: CONTEXT,
          ...status,
        });
        return true;
      },
      async () => ((await isPosted(at, head, status)) ? true : null),
    );
  } catch (cause) {
    // A commit takes 1,000 statuses of one name, and any writer may use them up: that must not stop what decides.
    if (statusOf(cause) !== 422) throw cause;
  }
}

async function isPosted(at: ForgeAt, sha: string, { state, description }: ProposalStatus): Promise<boolean> {
  const { data } = await at.client.request("GET /repos/{owner}/{repo}/commits/{ref}/statuses", {
    ...at.where,
    ref: sha,
    per_page: 100,
  });
  const newest = data.find(({ context }) => context === CONTEXT);
  return newest?.state === state && newest.description === description;
}

/** Writes a comment, unless this account has written one for the event already. */
export async function commentOnce(at: ForgeAt, proposal: Proposal, event: string, text: string): Promise<void> {
  const marker = hidden(`waybill:comment ${event}`);
  const me = await viewer(at.client);
  if (await isSaid(at, proposal, marker, me)) return;
  await settled(
    async () => {
      await at.client.request("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", {
        ...at.where,
        issue_number: numberOf(proposal),
        body: `${marker}\n${text}`,
      });
      return true;
    },
    async () => ((await isSaid(at, proposal, marker, me)) ? true : null),
  );
}

/** Other people's comments may hold any marker, so only our own count; who does not know the own account acts for a workflow. */
async function isSaid(at: ForgeAt, proposal: Proposal, marker: string, me: Account | null): Promise<boolean> {
  const comments = await allRows("comments", (paged) =>
    at.client.request("GET /repos/{owner}/{repo}/issues/{issue_number}/comments", {
      ...at.where,
      issue_number: numberOf(proposal),
      ...paged,
    }),
  );
  return comments.some(({ user, body }) => {
    const author = accountOf(user);
    const isOurs = me === null ? author?.kind === "bot" : author?.id === me.id;
    return isOurs && body?.startsWith(marker) === true;
  });
}

/** Starts a workflow of the default branch. Twice is as good as once, so an answer that was lost is asked for again. */
export async function dispatchWorkflow(
  at: ForgeAt,
  workflow: string,
  inputs: Readonly<Record<string, string>>,
): Promise<void> {
  const { default_branch: ref } = await at.repository();
  const start = () =>
    at.client.request("POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches", {
      ...at.where,
      workflow_id: workflow,
      ref,
      inputs: { ...inputs },
    });
  await settled<unknown>(start, start);
}
