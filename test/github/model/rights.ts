import type { FakeRepository, Role } from "../repository.ts";
import type { Call, Caller, FakeAccount } from "../route.ts";
import type { FakeWorld } from "../world.ts";

/** Roles from none to all. */
const RANKS: readonly (Role | "none")[] = ["none", "read", "triage", "write", "maintain", "admin"];

/** What an account may do in a repository, the public's reading included. */
export function permissionOf(repo: FakeRepository, account: FakeAccount): Role | "none" {
  return repo.roleOf(account) ?? (repo.private ? "none" : "read");
}

/** What a caller may do: a person by role, an App or a workflow by its token's permissions. */
export function callerRole(repo: FakeRepository, caller: Caller | null): Role | "none" {
  const anyone = repo.private ? "none" : "read";
  if (caller === null) return anyone;
  if (caller.kind === "user") return permissionOf(repo, caller.account);
  if (caller.permissions.administration === "write") return "admin";
  if (caller.permissions.contents === "write") return "write";
  return caller.permissions.contents === "read" || caller.permissions.metadata !== undefined ? "read" : anyone;
}

/** Whether a role reaches another one. */
export function reaches(role: Role | "none", least: Role): boolean {
  return RANKS.indexOf(role) >= RANKS.indexOf(least);
}

/** What a role may do, in GitHub's five flags. */
export function flagsOf(
  role: Role | "none",
): Readonly<Record<"admin" | "maintain" | "pull" | "push" | "triage", boolean>> {
  const is = (least: Role): boolean => reaches(role, least);
  return { admin: is("admin"), maintain: is("maintain"), push: is("write"), triage: is("triage"), pull: is("read") };
}

/** Whether the caller of a request may push. */
export function mayPush(call: Call): boolean {
  return reaches(callerRole(call.repo, call.caller), "write");
}

/** Whether an approval of this account counts for the forge: it may write, or it is the workflow's and the switch is on. */
export function approvalCounts(repo: FakeRepository, account: FakeAccount): boolean {
  if (account.login === "github-actions[bot]") return repo.features.settings.canApprove;
  return reaches(permissionOf(repo, account), "write");
}

const deleted = new WeakSet<FakeAccount>();

/** Whether an account is still there; a deleted one shows as null or as ghost. */
export function exists(account: FakeAccount): boolean {
  return !deleted.has(account);
}

/** Deletes an account: what it did stays, its login is free for anyone, and its roles are gone. */
export function deleteAccount(world: FakeWorld, account: FakeAccount): void {
  deleted.add(account);
  world.accounts.splice(world.accounts.indexOf(account), 1);
  for (const repo of world.repositories) repo.roles.delete(account.id);
}

/** How GitHub calls somebody's relation to the repository. */
export function association(repo: FakeRepository, account: FakeAccount): "COLLABORATOR" | "NONE" | "OWNER" {
  if (account.id === repo.owner.id) return "OWNER";
  return reaches(permissionOf(repo, account), "triage") ? "COLLABORATOR" : "NONE";
}
