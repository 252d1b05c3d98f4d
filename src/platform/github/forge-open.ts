import { type Reason, reason, ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { Opened, Proposal, ProposalPage } from "../../ports/forge.ts";
import { statusOf } from "./client.ts";
import type { ForgeAt } from "./forge-at.ts";
import { findOfBranch, numberOf, type Pull, proposalOf, readPull } from "./forge-pulls.ts";
import { decorate, decorateNew } from "./forge-show.ts";
import { isUnknown, settled } from "./until-known.ts";

/** Opens the pull request of a branch that is pushed, or finds the one that is open. */
export async function openPull(
  at: ForgeAt,
  { id }: { readonly id: string; readonly head: Oid },
  page: ProposalPage,
): Promise<Opened> {
  try {
    const made = await create(at, id, page);
    await decorateNew(at, made, page);
    return { proposal: proposalOf(at, made) };
  } catch (cause) {
    if (isNotPermitted(cause)) return { compareUrl: compareUrl(at, id), why: notPermitted(at, id, cause) };
    // It is there already, or its answer was lost.
    const found = statusOf(cause) === 422 || isUnknown(cause) ? await findOfBranch(at, id, "open") : null;
    if (found === null) throw cause;
    await decorate(at, found, page);
    return { proposal: proposalOf(at, found) };
  }
}

async function create(at: ForgeAt, id: string, { title, body }: ProposalPage): Promise<Pull> {
  const { data } = await at.client.request("POST /repos/{owner}/{repo}/pulls", {
    ...at.where,
    title,
    body,
    head: `${at.proposalPrefix}${id}`,
    base: at.decisionsBranch,
  });
  return data;
}

/**
 * The switch for Actions answers 403 on github.com and 422 on some servers, with one text; a token without the permission answers 403.
 * The text is all that tells the 422 from others. Source: the GitHub facts, sections 2.4 and 8.
 */
function isNotPermitted(cause: unknown): cause is ToolError {
  if (!(cause instanceof ToolError)) return false;
  return cause.code === "forge.forbidden" || (statusOf(cause) === 422 && isSwitch(cause));
}

function isSwitch({ message, data }: ToolError): boolean {
  return /not permitted to create or approve pull requests/i.test(`${message} ${JSON.stringify(data["reasons"])}`);
}

/** Where a person opens the pull request of a branch. */
export function compareUrl(at: ForgeAt, id: string): string {
  const { serverUrl, owner, repo } = at.client.at;
  return `${serverUrl}/${owner}/${repo}/compare/${at.decisionsBranch}...${at.proposalPrefix}${id}?expand=1`;
}

function notPermitted(at: ForgeAt, id: string, cause: ToolError): Reason {
  const { owner, repo } = at.where;
  const who = isSwitch(cause) ? "GitHub Actions" : "This token";
  const forGood = isSwitch(cause)
    ? "For good: Settings > Actions > General > Allow GitHub Actions to create and approve pull requests"
    : "For good: give the job permissions: pull-requests: write, or the token that permission";
  return reason(
    "forge.pull_request.not_permitted",
    `${who} may not open pull requests in ${owner}/${repo}`,
    { proposal_id: id, compare_url: compareUrl(at, id) },
    `The branch is pushed; open it: ${compareUrl(at, id)}`,
    forGood,
  );
}

/** Closes a pull request without merging it; one that is closed or merged stays as it is. */
export async function closePull(at: ForgeAt, proposal: Proposal): Promise<void> {
  const number = numberOf(proposal);
  const { state } = await readPull(at, number);
  if (state === "closed") return;
  await settled<Pull>(
    async () => {
      const params = { ...at.where, pull_number: number, state: "closed" } as const;
      const { data } = await at.client.request("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", params);
      return data;
    },
    async () => {
      const pull = await readPull(at, number);
      return pull.state === "closed" ? pull : null;
    },
  );
}
