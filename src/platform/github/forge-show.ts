import { ToolError } from "../../kernel/errors.ts";
import type { Proposal, ProposalPage } from "../../ports/forge.ts";
import { statusOf } from "./client.ts";
import { accountOf, allRows, type ForgeAt } from "./forge-at.ts";
import { numberOf, type Pull, readPull } from "./forge-pulls.ts";
import { timelineOf } from "./forge-timeline.ts";
import { orNull } from "./or-null.ts";
import { settled } from "./until-known.ts";

/** Labels of ours; all others are other people's. */
const LABEL_PREFIX = "waybill:";

/** Writes title, body, labels and reviewers where they differ from what is there. */
export async function showPull(at: ForgeAt, proposal: Proposal, page: ProposalPage): Promise<void> {
  const pull = await readPull(at, numberOf(proposal));
  if (!isShown(pull, page)) {
    await settled<Pull>(
      () => write(at, pull, page),
      async () => {
        const now = await readPull(at, pull.number);
        return isShown(now, page) ? now : null;
      },
    );
  }
  await decorate(at, pull, page);
}

function isShown({ title, body }: Pull, page: ProposalPage): boolean {
  return title === page.title && lines(body ?? "") === lines(page.body);
}

/** A body that somebody saved on the site has other line ends. */
function lines(text: string): string {
  return text.replaceAll("\r\n", "\n").trimEnd();
}

async function write(at: ForgeAt, { number }: Pull, { title, body }: ProposalPage): Promise<Pull> {
  const { data } = await at.client.request("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", {
    ...at.where,
    pull_number: number,
    title,
    body,
  });
  return data;
}

/** Sets labels and asks reviewers. Both are for people: what the forge does not permit here stops no decision. */
export async function decorate(at: ForgeAt, pull: Pull, page: ProposalPage): Promise<void> {
  await tolerated(() => label(at, pull, page.labels));
  await tolerated(() => askReviewers(at, pull, page.reviewers, () => everAsked(at, pull.number)));
}

/** The same for a pull request that was made just now, of which nobody has been asked anything. */
export async function decorateNew(at: ForgeAt, pull: Pull, page: ProposalPage): Promise<void> {
  await tolerated(() => label(at, pull, page.labels));
  await tolerated(() => askReviewers(at, pull, page.reviewers, () => Promise.resolve([])));
}

/** Runs what may be refused for lack of a right, a label or an account. */
async function tolerated(step: () => Promise<unknown>): Promise<boolean> {
  try {
    await step();
    return true;
  } catch (cause) {
    const status = statusOf(cause);
    const isRefusal = status === 403 || status === 404 || status === 422;
    if (isRefusal && cause instanceof ToolError && cause.code !== "forge.rate_limited") return false;
    throw cause;
  }
}

async function label(at: ForgeAt, { number, labels }: Pull, wanted: readonly string[]): Promise<void> {
  const there = labels.flatMap(({ name }) => name ?? []);
  const missing = wanted.filter((name) => !there.includes(name));
  const issue = { ...at.where, issue_number: number };
  if (missing.length > 0) {
    await twice(() =>
      at.client.request("POST /repos/{owner}/{repo}/issues/{issue_number}/labels", { ...issue, labels: missing }),
    );
  }
  for (const name of there.filter((one) => one.startsWith(LABEL_PREFIX) && !wanted.includes(one))) {
    await tolerated(() =>
      at.client.request("DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}", { ...issue, name }),
    );
  }
}

/** Repeats once what changes nothing the second time. */
async function twice(step: () => Promise<unknown>): Promise<void> {
  await settled(step, step);
}

/** Asks each reviewer once and never again: who has answered, or has taken the own name off, is not asked anew. */
async function askReviewers(
  at: ForgeAt,
  pull: Pull,
  wanted: readonly number[],
  askedBefore: () => Promise<readonly number[]>,
): Promise<void> {
  const now = new Set([pull.user, ...(pull.requested_reviewers ?? [])].map((account) => accountOf(account)?.id));
  const missing = wanted.filter((id) => !now.has(id));
  if (missing.length === 0) return;
  const asked = new Set(await askedBefore());
  const logins: string[] = [];
  for (const id of missing.filter((one) => !asked.has(one))) logins.push(...(await loginOf(at, id)));
  if (logins.length === 0) return;
  const all = await tolerated(() => request(at, pull.number, logins));
  if (all || logins.length === 1) return;
  // One who is no collaborator spoils the request for all.
  for (const login of logins) await tolerated(() => request(at, pull.number, [login]));
}

async function everAsked(at: ForgeAt, number: number): Promise<readonly number[]> {
  const [timeline, reviews] = await Promise.all([
    timelineOf(at, number),
    allRows("reviews", (paged) =>
      at.client.request("GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews", {
        ...at.where,
        pull_number: number,
        ...paged,
      }),
    ),
  ]);
  const requested = timeline.flatMap(({ event, reviewer }) => (event === "review_requested" ? (reviewer ?? []) : []));
  return [...requested, ...reviews.flatMap(({ user }) => accountOf(user)?.id ?? [])];
}

/** The login that an account has now; nothing where it is gone. */
async function loginOf(at: ForgeAt, id: number): Promise<readonly string[]> {
  const found = await orNull(() => at.client.request("GET /user/{account_id}", { account_id: id }));
  const account = accountOf(found?.data);
  return account?.id === id ? [account.login] : [];
}

async function request(at: ForgeAt, number: number, reviewers: string[]): Promise<void> {
  await twice(() =>
    at.client.request("POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers", {
      ...at.where,
      pull_number: number,
      reviewers,
    }),
  );
}
