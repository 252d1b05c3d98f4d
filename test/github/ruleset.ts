import type { FakeRepository, RefMove } from "./repository.ts";
import type { Caller } from "./route.ts";

/** One rule as GitHub's API writes it. */
export interface FakeRule {
  readonly type: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** A ruleset as GitHub's API writes it; ids come from the world. */
export interface FakeRuleset {
  readonly id: number;
  name: string;
  target: "branch" | "tag" | "push" | "repository";
  enforcement: "disabled" | "active" | "evaluate";
  bypass_actors: readonly {
    readonly actor_id?: number | null;
    readonly actor_type: "Integration" | "OrganizationAdmin" | "RepositoryRole" | "Team" | "DeployKey" | "User";
    readonly bypass_mode?: "always" | "pull_request" | "exempt";
  }[];
  conditions: { ref_name?: { readonly include?: readonly string[]; readonly exclude?: readonly string[] } };
  rules: readonly FakeRule[];
  readonly createdAt: Date;
  updatedAt: Date;
}

const ROLE_IDS = { maintain: 2, write: 4, admin: 5 } as const;

/** Lists the active rules for a ref; without a caller all of them, otherwise those that it may not pass by. */
export function rulesFor(
  repo: FakeRepository,
  ref: string,
  bypassing: Caller | null = null,
  isPull = false,
): FakeRule[] {
  const target = ref.startsWith("refs/tags/") ? "tag" : "branch";
  return repo.rulesets
    .filter((set) => set.enforcement === "active" && set.target === target && isCovered(repo, set, ref))
    .filter((set) => bypassing === null || !mayBypass(repo, set, bypassing, isPull))
    .flatMap((set) => set.rules);
}

/** Says why the rules refuse a move, in GitHub's words; null where they let it pass. */
export function ruleRefusal(repo: FakeRepository, move: RefMove, caller: Caller | null): string | null {
  const types = new Set(rulesFor(repo, move.ref, caller, move.pull !== undefined).map((rule) => rule.type));
  if (move.from === null && types.has("creation")) return "Cannot create ref due to creations being restricted.";
  if (move.to === null && types.has("deletion")) return "Cannot delete this branch";
  if (move.from !== null && move.to !== null && types.has("update")) return "Cannot update this protected ref.";
  if (move.isForced === true && types.has("non_fast_forward")) return "Cannot force-push to this branch";
  if (move.pull === undefined && move.from !== null && move.to !== null && types.has("pull_request")) {
    return "Changes must be made through a pull request.";
  }
  return null;
}

/** Tells whether a ruleset's condition names a ref. */
export function isCovered(repo: FakeRepository, set: FakeRuleset, ref: string): boolean {
  const { include = [], exclude = [] } = set.conditions.ref_name ?? {};
  const matches = (pattern: string): boolean =>
    pattern === "~ALL" ||
    (pattern === "~DEFAULT_BRANCH" ? ref === `refs/heads/${repo.defaultBranch}` : globOf(pattern).test(ref));
  return include.some(matches) && !exclude.some(matches);
}

function mayBypass(repo: FakeRepository, set: FakeRuleset, caller: Caller, isPull: boolean): boolean {
  return set.bypass_actors.some((actor) => {
    if (actor.bypass_mode === "pull_request" && !isPull) return false;
    if (actor.actor_type === "Integration") return caller.kind !== "user" && actor.actor_id === caller.account.id;
    if (actor.actor_type === "User") return actor.actor_id === caller.account.id;
    const role = repo.roleOf(caller.account);
    if (actor.actor_type === "OrganizationAdmin") return role === "admin";
    if (actor.actor_type !== "RepositoryRole" || caller.kind !== "user") return false;
    return role === "admin" || ((role === "maintain" || role === "write") && actor.actor_id === ROLE_IDS[role]);
  });
}

/** GitHub uses fnmatch with FNM_PATHNAME: a star stays within one segment. */
function globOf(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*\/?|\*|\?)/).map((part) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    if (part === "*" || part === "?") return part === "*" ? "[^/]*" : "[^/]";
    return part.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  });
  return new RegExp(`^${parts.join("")}$`);
}
