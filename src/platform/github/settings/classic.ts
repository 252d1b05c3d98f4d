import type { BranchRules, Bypass } from "../../../ports/forge-settings.ts";
import { type GithubClient, statusOf } from "../client.ts";
import { messageOf } from "./said.ts";

/** Rules of a branch from one source. */
export type Folded = Omit<BranchRules, "bypass" | "hidden">;

type Protection = Awaited<ReturnType<typeof readProtection>>;

/** Classic protection of a branch: null where there is none, `hidden` where only administrators may read it. */
export async function protectionOf(client: GithubClient, branch: string): Promise<Protection | "hidden" | null> {
  const { owner, repo } = client.at;
  try {
    const { data } = await client.request("GET /repos/{owner}/{repo}/branches/{branch}", { owner, repo, branch });
    if (!data.protected || data.protection.enabled === false) return null;
  } catch (cause) {
    if (statusOf(cause) === 404) return null;
    if (statusOf(cause) !== 403) throw cause;
  }
  try {
    return await readProtection(client, branch);
  } catch (cause) {
    const status = statusOf(cause);
    if (status === 404 && /not protected/i.test(messageOf(cause))) return null;
    if (status === 403 || status === 404) return "hidden";
    throw cause;
  }
}

async function readProtection({ request, at: { owner, repo } }: GithubClient, branch: string) {
  const path = "GET /repos/{owner}/{repo}/branches/{branch}/protection";
  return (await request(path, { owner, repo, branch })).data;
}

/** A classic protection as rules. It refuses force pushes and deletion unless it says otherwise. */
export function classicRules(classic: Protection): Folded {
  const reviews = classic.required_pull_request_reviews;
  return {
    pullRequest:
      reviews === undefined
        ? null
        : {
            approvals: reviews.required_approving_review_count ?? 0,
            codeOwnerReview: reviews.require_code_owner_reviews,
            lastPushApproval: reviews.require_last_push_approval ?? false,
            dismissesStale: reviews.dismiss_stale_reviews,
            mergeMethods: null,
          },
    refusesForcePush: !isOn(classic.allow_force_pushes),
    refusesDeletion: !isOn(classic.allow_deletions),
    restrictsPushes: classic.restrictions !== undefined || isOn(classic.lock_branch),
    restrictsCreation: isOn(classic.block_creations),
    linearHistory: isOn(classic.required_linear_history),
    mergeQueue: false,
    signedCommits: isOn(classic.required_signatures),
    requiredChecks: classic.required_status_checks?.contexts ?? [],
  };
}

function isOn(rule: { readonly enabled?: boolean } | undefined): boolean {
  return rule?.enabled === true;
}

/** Who a classic protection lets pass. A ruleset beside it may hold them all the same, so this says rather too much. */
export function classicBypass({
  enforce_admins,
  required_pull_request_reviews: reviews,
}: Protection): readonly Bypass[] {
  const allowed = reviews?.bypass_pull_request_allowances;
  const who = [
    ...(isOn(enforce_admins) ? [] : ["administrators"]),
    ...(allowed?.users ?? []).map(({ login }) => `@${login}`),
    ...(allowed?.teams ?? []).map(({ slug }) => `team ${slug}`),
    ...(allowed?.apps ?? []).map((app) => `app ${app?.slug ?? app?.id}`),
  ];
  return who.map((name) => ({
    who: name,
    isAnyWorkflow: name === "app github-actions",
    when: "always",
    rule: "classic protection",
  }));
}
