/** One rule of a ruleset in GitHub's own form. */
export interface FakeRule {
  readonly type: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** Who may pass by a ruleset, in GitHub's own form. */
export interface BypassActor {
  readonly actor_id?: number | null;
  readonly actor_type: string;
  readonly bypass_mode?: string;
}

/** A ruleset of a repository. */
export interface FakeRuleset {
  readonly id: number;
  name: string;
  target: string;
  enforcement: string;
  include: readonly string[];
  exclude: readonly string[];
  rules: readonly FakeRule[];
  bypass: readonly BypassActor[];
  readonly createdAt: string;
  updatedAt: string;
}

/** Rules of a `pull_request` rule with GitHub's defaults. */
export interface PullRequestRule {
  readonly approvals: number;
  readonly codeOwners: boolean;
  readonly lastPush: boolean;
  readonly dismissStale: boolean;
  readonly methods: readonly string[];
}

/** All methods of merging. */
const MERGE_METHODS: readonly string[] = ["merge", "squash", "rebase"];

/** Rulesets whose conditions name a ref; what is not active is left out. */
export function rulesetsOf(all: readonly FakeRuleset[], ref: string, defaultBranch: string): readonly FakeRuleset[] {
  const target = ref.startsWith("refs/tags/") ? "tag" : "branch";
  return all.filter((one) => one.enforcement === "active" && one.target === target && isNamed(one, ref, defaultBranch));
}

function isNamed(one: FakeRuleset, ref: string, defaultBranch: string): boolean {
  const names = (pattern: string): boolean => {
    if (pattern === "~ALL") return true;
    if (pattern === "~DEFAULT_BRANCH") return ref === `refs/heads/${defaultBranch}`;
    return refPattern(pattern).test(ref);
  };
  return one.include.some(names) && !one.exclude.some(names);
}

/** GitHub's fnmatch with path names: `*` stays within a segment, `**` does not. */
export function refPattern(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*\/?|\*|\?)/).map((part) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    return part.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  });
  return new RegExp(`^${parts.join("")}$`);
}

/** The strictest sum of all `pull_request` rules; null where there is none. */
export function pullRequestRule(rulesets: readonly FakeRuleset[]): PullRequestRule | null {
  const rules = rulesets.flatMap((one) => one.rules).filter((rule) => rule.type === "pull_request");
  if (rules.length === 0) return null;
  const is = (name: string): boolean => rules.some((rule) => rule.parameters?.[name] === true);
  const methods = rules.map((rule) => rule.parameters?.["allowed_merge_methods"]).filter((row) => Array.isArray(row));
  return {
    approvals: Math.max(0, ...rules.map((rule) => Number(rule.parameters?.["required_approving_review_count"] ?? 0))),
    codeOwners: is("require_code_owner_review"),
    lastPush: is("require_last_push_approval"),
    dismissStale: is("dismiss_stale_reviews_on_push"),
    methods: MERGE_METHODS.filter((method) => methods.every((allowed) => allowed.includes(method))),
  };
}

/** Status contexts that must be green, and whether they must have run on the newest base. */
export function requiredStatuses(rulesets: readonly FakeRuleset[]): {
  readonly contexts: readonly string[];
  readonly strict: boolean;
} {
  const rules = rulesets.flatMap((one) => one.rules).filter((rule) => rule.type === "required_status_checks");
  const contexts = rules.flatMap((rule) => {
    const checks: unknown = rule.parameters?.["required_status_checks"];
    return Array.isArray(checks) ? checks.map((check: unknown) => contextOf(check)) : [];
  });
  const strict = rules.some((rule) => rule.parameters?.["strict_required_status_checks_policy"] === true);
  return { contexts: [...new Set(contexts)], strict };
}

function contextOf(check: unknown): string {
  return typeof check === "object" && check !== null && "context" in check ? String(check.context) : "";
}

/** Whether a rule of this type is among them. */
export function hasRule(rulesets: readonly FakeRuleset[], type: string): boolean {
  return rulesets.some((one) => one.rules.some((rule) => rule.type === type));
}
