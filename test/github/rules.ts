import { type FakeRuleset, hasRule, requiredStatuses, rulesetsOf } from "./model/rulesets.ts";
import { ACTIONS_APP_ID } from "./model/settings.ts";
import type { FakeRepository, RefMove } from "./repository.ts";
import type { Caller } from "./route.ts";

const ROLE_IDS = { maintain: 2, write: 4, admin: 5 } as const;

/** Lists the active rulesets for a ref that a caller may not pass by; without a caller, all of them. */
export function rulesetsAgainst(repo: FakeRepository, move: RefMove, caller: Caller | null): readonly FakeRuleset[] {
  return rulesetsOf(repo.features.rulesets, move.ref, repo.defaultBranch).filter(
    (one) => caller === null || !mayBypass(repo, one, caller, move.pull !== undefined),
  );
}

/** Says why the rules refuse a move, in GitHub's words; null where they let it pass. */
export function ruleRefusal(repo: FakeRepository, move: RefMove, caller: Caller | null): string | null {
  const { ref, from, to } = move;
  const lock = ref.startsWith("refs/tags/") ? repo.lockedTags.get(ref.slice("refs/tags/".length)) : undefined;
  if (lock === "locked" || (lock === "burned" && to !== null)) return "tag_name was used by an immutable release";
  const rulesets = rulesetsAgainst(repo, move, caller);
  const isRefused = (type: string): boolean => hasRule(rulesets, type);
  if (from === null) return isRefused("creation") ? "Cannot create ref due to creations being restricted." : null;
  if (to === null) return isRefused("deletion") ? "Cannot delete this branch" : null;
  if (isRefused("update")) return "Cannot update this protected ref.";
  if (move.isForced === true && isRefused("non_fast_forward")) return "Cannot force-push to this branch";
  const isPulled = move.pull !== undefined || !isRefused("pull_request");
  if (!isPulled) return "Changes must be made through a pull request.";
  return move.pull === undefined ? statusRefusal(repo, rulesets, to) : null;
}

/** A direct push needs its statuses as well; a pull request is asked for them before its merge. */
function statusRefusal(repo: FakeRepository, rulesets: readonly FakeRuleset[], to: string): string | null {
  const newest = repo.features.statuses.newest(to);
  const isGreen = (context: string): boolean =>
    newest.some((status) => status.context === context && status.state === "success");
  const missing = requiredStatuses(rulesets).contexts.find((context) => !isGreen(context));
  return missing === undefined ? null : `Required status check "${missing}" is expected.`;
}

/** The App behind a token; every workflow has GitHub's own. */
function appOf(caller: Caller): number | undefined {
  if (caller.kind === "user") return undefined;
  return caller.kind === "workflow" ? ACTIONS_APP_ID : caller.account.id;
}

function mayBypass(repo: FakeRepository, set: FakeRuleset, caller: Caller, isPull: boolean): boolean {
  return set.bypass.some((actor) => {
    if (actor.bypass_mode === "pull_request" && !isPull) return false;
    if (actor.actor_type === "Integration") return actor.actor_id === appOf(caller);
    if (actor.actor_type === "User") return actor.actor_id === caller.account.id;
    const role = repo.roleOf(caller.account);
    if (actor.actor_type === "OrganizationAdmin") return role === "admin";
    if (actor.actor_type !== "RepositoryRole" || caller.kind !== "user") return false;
    return role === "admin" || ((role === "maintain" || role === "write") && actor.actor_id === ROLE_IDS[role]);
  });
}
