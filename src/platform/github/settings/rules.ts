import type { Octokit } from "octokit";
import type { BranchRules, Bypass, PullRequestRule, Said } from "../../../ports/forge-settings.ts";
import type { GithubClient } from "../client.ts";
import { classicBypass, classicRules, type Folded, protectionOf } from "./classic.ts";
import { hidden, said } from "./said.ts";

type Repos = Octokit["rest"]["repos"];
type Rule = Awaited<ReturnType<Repos["getBranchRules"]>>["data"][number];
type Actor = NonNullable<Awaited<ReturnType<Repos["getRepoRuleset"]>>["data"]["bypass_actors"]>[number];

/** App of the workflow token on github.com. */
const ACTIONS_APP = 15_368;
/** Ids of the roles that GitHub itself has. Source: the rulesets page of GitHub's settings. */
const ROLES: Readonly<Record<number, string>> = { 2: "maintainers", 4: "writers", 5: "administrators" };

/** All rules of a branch: those of rulesets, which anyone may read, and those of its classic protection, which administrators may. */
export async function branchRules(client: GithubClient, branch: string): Promise<Said<BranchRules>> {
  const { owner, repo } = client.at;
  const rules = await said("the rules of branches", () =>
    client.paginate("GET /repos/{owner}/{repo}/rules/branches/{branch}", { owner, repo, branch, per_page: 100 }),
  );
  if (!("said" in rules)) return rules;
  const classic = await protectionOf(client, branch);
  const bypass = await bypassOf(client, rules.said);
  const fromRulesets = foldRules(rules.said);
  if (classic === null) return { said: { ...fromRulesets, bypass, hidden: null } };
  if (classic === "hidden")
    return {
      said: {
        ...fromRulesets,
        bypass,
        hidden: `${branch} has a classic protection too, which only administrators see`,
      },
    };
  const more = classicBypass(classic);
  return {
    said: {
      ...together(fromRulesets, classicRules(classic)),
      bypass: "said" in bypass ? { said: [...bypass.said, ...more] } : bypass,
      hidden: null,
    },
  };
}

function foldRules(rules: readonly Rule[]): Folded {
  const has = (...types: readonly Rule["type"][]) => rules.some(({ type }) => types.includes(type));
  return {
    pullRequest: strictest(rules.flatMap((rule) => (rule.type === "pull_request" ? [pullRequestOf(rule)] : []))),
    refusesForcePush: has("non_fast_forward"),
    refusesDeletion: has("deletion"),
    restrictsPushes: has("update"),
    restrictsCreation: has("creation"),
    linearHistory: has("required_linear_history"),
    mergeQueue: has("merge_queue"),
    signedCommits: has("required_signatures"),
    requiredChecks: rules.flatMap(checksOf),
  };
}

function pullRequestOf({ parameters: on }: Extract<Rule, { type: "pull_request" }>): PullRequestRule {
  return {
    approvals: on?.required_approving_review_count ?? 0,
    codeOwnerReview: on?.require_code_owner_review ?? false,
    lastPushApproval: on?.require_last_push_approval ?? false,
    dismissesStale: on?.dismiss_stale_reviews_on_push ?? false,
    mergeMethods: on?.allowed_merge_methods ?? null,
  };
}

function checksOf(rule: Rule): readonly string[] {
  if (rule.type === "required_status_checks")
    return rule.parameters?.required_status_checks.map(({ context }) => context) ?? [];
  if (rule.type === "workflows") return rule.parameters?.workflows.map(({ path }) => path) ?? [];
  return rule.type === "code_scanning" ? ["code scanning"] : [];
}

/** Several rules that ask for pull requests, as the one that they make together. */
function strictest(rules: readonly PullRequestRule[]): PullRequestRule | null {
  const [first, ...more] = rules;
  if (first === undefined) return null;
  return more.reduce(
    (a, b) => ({
      approvals: Math.max(a.approvals, b.approvals),
      codeOwnerReview: a.codeOwnerReview || b.codeOwnerReview,
      lastPushApproval: a.lastPushApproval || b.lastPushApproval,
      dismissesStale: a.dismissesStale || b.dismissesStale,
      mergeMethods: both(a.mergeMethods, b.mergeMethods),
    }),
    first,
  );
}

/** The rules of two sources, which both hold. */
function together(a: Folded, b: Folded): Folded {
  return {
    pullRequest: strictest([a.pullRequest, b.pullRequest].flatMap((rule) => rule ?? [])),
    refusesForcePush: a.refusesForcePush || b.refusesForcePush,
    refusesDeletion: a.refusesDeletion || b.refusesDeletion,
    restrictsPushes: a.restrictsPushes || b.restrictsPushes,
    restrictsCreation: a.restrictsCreation || b.restrictsCreation,
    linearHistory: a.linearHistory || b.linearHistory,
    mergeQueue: a.mergeQueue || b.mergeQueue,
    signedCommits: a.signedCommits || b.signedCommits,
    requiredChecks: [...a.requiredChecks, ...b.requiredChecks],
  };
}

function both(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
  if (a === null || b === null) return a ?? b;
  return a.filter((method) => b.includes(method));
}

async function bypassOf(client: GithubClient, rules: readonly Rule[]): Promise<Said<readonly Bypass[]>> {
  const { owner, repo } = client.at;
  const found: Bypass[] = [];
  for (const id of new Set(rules.flatMap(({ ruleset_id }) => ruleset_id ?? []))) {
    const ruleset = await said("who may bypass its rulesets", () =>
      client.request("GET /repos/{owner}/{repo}/rulesets/{ruleset_id}", { owner, repo, ruleset_id: id }),
    );
    if (!("said" in ruleset)) return ruleset;
    const { name, bypass_actors: actors } = ruleset.said.data;
    if (actors === undefined) return hidden("who may bypass its rulesets");
    found.push(...actors.map((actor) => bypassBy(actor, name)));
  }
  return { said: found };
}

function bypassBy({ actor_type: type, actor_id: id, bypass_mode: mode }: Actor, ruleset: string): Bypass {
  const isAnyWorkflow = type === "Integration" && id === ACTIONS_APP;
  const names: Readonly<Record<Actor["actor_type"], string>> = {
    Integration: isAnyWorkflow ? "every workflow of GitHub Actions" : `app ${id}`,
    OrganizationAdmin: "owners of the organization",
    RepositoryRole: ROLES[id ?? 0] ?? `role ${id}`,
    Team: `team ${id}`,
    DeployKey: "every deploy key",
  };
  const when = mode === "pull_request" ? "pull_request" : "always";
  return { who: names[type], isAnyWorkflow, when, rule: `ruleset ${ruleset}` };
}
