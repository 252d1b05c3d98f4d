import type { Octokit } from "octokit";
import { type Refused, reason, refuse, ToolError } from "../../../kernel/errors.ts";
import { isData } from "../../../kernel/json.ts";
import type { Ruleset, RulesetState, Said } from "../../../ports/forge-settings.ts";
import { type GithubClient, statusOf } from "../client.ts";
import { hidden, isPlan, said } from "./said.ts";

type Repos = Octokit["rest"]["repos"];
type Full = Awaited<ReturnType<Repos["getRepoRuleset"]>>["data"];

/** A ruleset as Waybill writes one. */
interface Body {
  readonly name: string;
  readonly target: "branch";
  readonly enforcement: "active";
  readonly bypass_actors: [];
  readonly conditions: { readonly ref_name: { include: string[]; exclude: string[] } };
  readonly rules: NonNullable<Full["rules"]>;
}

/** A ruleset as it is there. */
interface Found {
  readonly state: RulesetState;
  readonly id: number | null;
  /** What it is to be. */
  readonly body: Body;
}

/** Compares what is there under the name of a ruleset with what is wanted. */
export async function compareRuleset(client: GithubClient, wanted: Ruleset): Promise<Said<RulesetState>> {
  const found = await findRuleset(client, wanted);
  return "said" in found ? { said: found.said.state } : found;
}

/**
 * Makes a ruleset as it is wanted, or leaves it where it is so already. A write whose answer was lost is settled by looking; a crash
 * leaves the old rules or the new ones.
 */
export async function applyRuleset(
  client: GithubClient,
  wanted: Ruleset,
): Promise<{ readonly was: RulesetState } | Refused> {
  const found = await findRuleset(client, wanted);
  if (!("said" in found)) return found.unsaid === "plan" ? noPlan(wanted) : noAdmin(client, wanted);
  const { state, id, body } = found.said;
  if (state === "same") return { was: state };
  try {
    await write(client, id, body);
    return { was: state };
  } catch (cause) {
    if (isPlan(cause)) return noPlan(wanted);
    const status = statusOf(cause);
    if (status === 403 || status === 404) return noAdmin(client, wanted);
    if (cause instanceof ToolError && (await isThere(client, wanted))) return { was: state };
    throw cause;
  }
}

async function isThere(client: GithubClient, wanted: Ruleset): Promise<boolean> {
  const found = await findRuleset(client, wanted);
  return "said" in found && found.said.state === "same";
}

async function write({ request, at: { owner, repo } }: GithubClient, id: number | null, body: Body): Promise<unknown> {
  if (id === null) return request("POST /repos/{owner}/{repo}/rulesets", { owner, repo, ...body });
  return request("PUT /repos/{owner}/{repo}/rulesets/{ruleset_id}", { owner, repo, ruleset_id: id, ...body });
}

async function findRuleset(client: GithubClient, wanted: Ruleset): Promise<Said<Found>> {
  const { owner, repo } = client.at;
  const list = await said("its rulesets", () =>
    client.paginate("GET /repos/{owner}/{repo}/rulesets", { owner, repo, includes_parents: false, per_page: 100 }),
  );
  if (!("said" in list)) return list;
  const [known] = list.said.filter(({ name, source_type }) => name === wanted.name && source_type !== "Organization");
  if (known === undefined) return { said: { state: "missing", id: null, body: bodyOf(wanted, null) } };
  const { id } = known;
  const full = await said("its rulesets", () =>
    client.request("GET /repos/{owner}/{repo}/rulesets/{ruleset_id}", { owner, repo, ruleset_id: id }),
  );
  if (!("said" in full)) return full;
  const { data } = full.said;
  if (data.bypass_actors === undefined) return hidden("who may bypass its rulesets");
  const body = bodyOf(wanted, data);
  return { said: { state: isSame(data, body) ? "same" : "different", id, body } };
}

/**
 * A ruleset in GitHub's words; nobody may bypass it. What somebody added to the one that is there stays: rules of other kinds, other
 * branches, more approvals. So nothing is ever protected less than before.
 */
function bodyOf({ name, branch, pullRequest }: Ruleset, found: Full | null): Body {
  const there = found?.rules ?? [];
  const rules: Body["rules"] = [{ type: "deletion" }, { type: "non_fast_forward" }];
  if (pullRequest !== null) rules.push(pullRequestRule(pullRequest, there));
  rules.push(...there.filter(({ type }) => rules.every((rule) => rule.type !== type)));
  const ref = `refs/heads/${branch}`;
  const others = refsOf(found)?.include?.filter((one) => one !== ref) ?? [];
  const conditions = { ref_name: { include: [ref, ...others], exclude: [] } };
  return { name, target: "branch", enforcement: "active", bypass_actors: [], conditions, rules };
}

function pullRequestRule(wanted: NonNullable<Ruleset["pullRequest"]>, there: Body["rules"]): Body["rules"][number] {
  const found = there.find(({ type }) => type === "pull_request");
  const before = found?.type === "pull_request" ? found.parameters : undefined;
  const more = wanted.approvals === 0 ? 0 : (before?.required_approving_review_count ?? 0);
  return {
    type: "pull_request",
    parameters: {
      ...before,
      allowed_merge_methods: ["merge"],
      dismiss_stale_reviews_on_push: wanted.dismissesStale,
      require_code_owner_review: wanted.codeOwnerReview,
      require_last_push_approval: wanted.lastPushApproval,
      required_approving_review_count: Math.max(wanted.approvals, more),
      required_review_thread_resolution: before?.required_review_thread_resolution ?? false,
    },
  };
}

function refsOf(found: Full | null) {
  return found?.conditions && "ref_name" in found.conditions ? found.conditions.ref_name : undefined;
}

/** Compares what would be written only: GitHub adds parameters of its own to what it stores. */
function isSame(found: Full, wanted: Body): boolean {
  const at = refsOf(found);
  const rules = found.rules ?? [];
  return (
    found.target === wanted.target &&
    found.enforcement === wanted.enforcement &&
    found.bypass_actors?.length === 0 &&
    isEqual((at?.include ?? []).toSorted(), wanted.conditions.ref_name.include.toSorted()) &&
    (at?.exclude ?? []).length === 0 &&
    rules.length === wanted.rules.length &&
    wanted.rules.every((rule) => rules.some((other) => holds(other, rule)))
  );
}

/** Tells whether a value has all that a wanted one has. */
function holds(found: unknown, wanted: unknown): boolean {
  if (!isData(wanted)) return isEqual(found, wanted);
  return isData(found) && Object.entries(wanted).every(([key, value]) => holds(found[key], value));
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function noAdmin({ at: { owner, repo } }: GithubClient, { name, branch }: Ruleset): Refused {
  const message = `The ruleset "${name}" of ${branch} needs an administrator of ${owner}/${repo}, and this token is none`;
  const hint = `Ask an administrator to run waybill init --github --apply --server ${owner}/${repo}`;
  return refuse(reason("forge.admin.missing", message, { ruleset: name, branch }, hint));
}

function noPlan({ name, branch }: Ruleset): Refused {
  const message = `The plan of this private repository has no rulesets, so ${branch} cannot be protected`;
  const hints = [
    "Let policy ask for signatures, which need no rules: waybill gate open policy, with governance.proof signed",
    "Or keep the branches in a public repository, or one of a paid plan",
  ];
  return refuse(reason("forge.plan.missing", message, { ruleset: name, branch }, ...hints));
}
