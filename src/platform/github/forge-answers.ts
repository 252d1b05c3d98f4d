import type { Account, AuthoredCommit, ForgeAnswers, Proposal, Review } from "../../ports/forge.ts";
import { statusOf } from "./client.ts";
import { accountOf, type AnsweredAccount, allRows, type ForgeAt, incomplete, type Numeric, oidIn } from "./forge-at.ts";
import { numberOf, readPull, type WholePull } from "./forge-pulls.ts";
import { readRun } from "./forge-run.ts";
import { type TimelineEvent, timelineOf } from "./forge-timeline.ts";

/** Events of a pull request that went into another branch for a while. */
const RETARGETED = new Set(["base_ref_changed", "automatic_base_change_succeeded"]);

/** Asks everything that judging a pull request needs. What GitHub does not say is null, or throws `forge.unavailable`; nothing is guessed. */
export async function answersOf(
  at: ForgeAt,
  proposal: Proposal,
  run: { readonly run_id: number; readonly attempt: number } | null,
): Promise<ForgeAnswers> {
  const number = numberOf(proposal);
  // First what an approval may follow, then approvals: one that comes in between counts next time.
  const pull = await readPull(at, number);
  const [timeline, rows, commits, ran] = await Promise.all([
    timelineOf(at, number),
    reviewRows(at, number),
    commitsOf(at, number),
    run === null ? null : readRun(at, run.run_id, run.attempt),
  ]);
  const reviews = await reviewsOf(at, rows, timeline);
  return {
    author: accountOf(pull.user),
    commits,
    reviews,
    retargeted: timeline.some(({ event }) => RETARGETED.has(event)),
    merged: mergedOf(pull),
    run: ran,
    at: answeredAt(at),
  };
}

/** GitHub's time of its last answer. */
function answeredAt({ client }: ForgeAt): string {
  const now = client.now();
  if (now === null) throw incomplete("what time it is");
  return `${now.toISOString().slice(0, 19)}Z`;
}

function mergedOf({ merged_at: mergedAt, merged_by: by, merge_commit_sha: commit }: WholePull): ForgeAnswers["merged"] {
  if (mergedAt === null) return null;
  return { at: mergedAt, by: accountOf(by), commit: oidIn(commit, "merge of a pull request") };
}

/** GitHub lists at most 250 commits; a proposal has a few. */
async function commitsOf(at: ForgeAt, number: number): Promise<readonly AuthoredCommit[]> {
  const rows = await allRows("commits", (paged) =>
    at.client.request("GET /repos/{owner}/{repo}/pulls/{pull_number}/commits", {
      ...at.where,
      pull_number: number,
      ...paged,
    }),
  );
  return rows.map(({ sha, author, committer }) => ({
    commit: oidIn(sha, "commit of a pull request"),
    author: accountOf(author),
    committer: accountOf(committer),
  }));
}

interface ReviewRow {
  readonly id: Numeric;
  readonly user: AnsweredAccount | null;
  readonly state: string;
  readonly submitted_at?: string | undefined;
  readonly commit_id: string | null;
}

async function reviewRows(at: ForgeAt, number: number): Promise<readonly ReviewRow[]> {
  return allRows<ReviewRow>("reviews", (paged) =>
    at.client.request("GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews", {
      ...at.where,
      pull_number: number,
      ...paged,
    }),
  );
}

async function reviewsOf(
  at: ForgeAt,
  rows: readonly ReviewRow[],
  timeline: readonly TimelineEvent[],
): Promise<readonly Review[]> {
  const submitted = rows.filter(({ state }) => state !== "PENDING");
  const rights = await rightsOf(at, submitted);
  return submitted
    .map((row): Review => {
      if (row.submitted_at === undefined) throw incomplete(`when review ${row.id} was submitted`);
      const { said, dismissedAt } = saidBy(row, timeline);
      return {
        by: accountOf(row.user),
        verdict: said === "approved" || said === "changes_requested" ? said : "commented",
        commit: row.commit_id === null ? null : oidIn(row.commit_id, "commit of a review"),
        submittedAt: row.submitted_at,
        dismissedAt,
        mayWrite: rights.get(accountOf(row.user)?.id ?? null) ?? null,
      };
    })
    .toSorted((a, b) => Date.parse(a.submittedAt) - Date.parse(b.submittedAt));
}

/** Who of the authors of verdicts may write. Anyone may comment, and asking about each stranger would use up the limit. */
async function rightsOf(at: ForgeAt, rows: readonly ReviewRow[]): Promise<ReadonlyMap<number | null, boolean | null>> {
  const rights = new Map<number | null, boolean | null>();
  for (const { user, state } of rows) {
    const account = accountOf(user);
    if (account === null || state === "COMMENTED" || rights.has(account.id)) continue;
    rights.set(account.id, await mayWrite(at, account));
  }
  return rights;
}

/** What a review said at first. The list forgets that of a dismissed one; its timeline event remembers, and says when. */
function saidBy(
  { id, state }: ReviewRow,
  timeline: readonly TimelineEvent[],
): { readonly said: string; readonly dismissedAt: string | null } {
  if (state !== "DISMISSED") return { said: state.toLowerCase(), dismissedAt: null };
  const event = timeline.find(({ dismissed }) => dismissed?.review === Number(id));
  if (!event?.dismissed || event.at === null) throw incomplete(`when review ${id} was dismissed`);
  return { said: event.dismissed.said, dismissedAt: event.at };
}

/** Whether an account may write; null where GitHub does not say, or says it of another account that has the login now. */
async function mayWrite(at: ForgeAt, { id, login, kind }: Account): Promise<boolean | null> {
  if (kind === "bot") return null;
  try {
    const { data } = await at.client.request("GET /repos/{owner}/{repo}/collaborators/{username}/permission", {
      ...at.where,
      username: login,
    });
    if (accountOf(data.user)?.id !== id) return null;
    return data.permission === "admin" || data.permission === "write";
  } catch (cause) {
    const status = statusOf(cause);
    if (status === 403 || status === 404) return null;
    throw cause;
  }
}
