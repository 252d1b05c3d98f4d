import { createHash } from "node:crypto";
import type { FakeRepository } from "./repository.ts";
import type { Caller, Permission } from "./route.ts";

const PREFIXES = { user: "github_pat_", app: "ghs_", workflow: "ghs_" } as const;

/** Every permission, for accounts of tests that may do anything that their role lets them. */
export const ALL_PERMISSIONS: Caller["permissions"] = {
  contents: "write",
  pull_requests: "write",
  statuses: "write",
  actions: "write",
  administration: "write",
  issues: "write",
  workflows: "write",
  metadata: "read",
  attestations: "write",
  pages: "write",
};

/** Tokens that were given out, and who stands behind each. */
export class TokenBook {
  readonly #callers = new Map<string, Caller>();

  /** Gives out a token; its text looks like GitHub's. */
  issue(caller: Caller): string {
    const text = createHash("sha256").update(`token ${this.#callers.size}`).digest("hex").slice(0, 36);
    const token = `${PREFIXES[caller.kind]}${text}`;
    this.#callers.set(token, caller);
    return token;
  }

  find(token: string): Caller | null {
    return this.#callers.get(token) ?? null;
  }

  /** Makes a token worthless, as the end of a job does. */
  revoke(token: string): void {
    this.#callers.delete(token);
  }
}

/** Reads the token of a request: `token`, `bearer` or `basic` with the token as its password; null where there is none. */
export function sentToken(authorization: string | undefined): string | null {
  const [, scheme = "", value = ""] = /^(\w+) +(.+)$/.exec(authorization ?? "") ?? [];
  if (scheme.toLowerCase() !== "basic") return value === "" ? null : value;
  return Buffer.from(value, "base64")
    .toString("utf8")
    .replace(/^[^:]*:/, "");
}

/** What an operation needs; several permissions are alternatives. */
interface Need {
  readonly any: readonly Permission[];
  readonly level: "read" | "write";
}

/** Paths below a repository and what they need, the first that fits; `null` for reading is what anyone who sees the repository may do. */
const NEEDS: readonly (readonly [path: RegExp, read: readonly Permission[] | null, write: readonly Permission[]])[] = [
  [/^\/pulls\/\{pull_number\}\/(?:merge|update-branch)$/, ["contents", "pull_requests"], ["contents"]],
  [/^\/pulls/, ["pull_requests"], ["pull_requests"]],
  [/^\/(?:issues|labels)/, ["issues", "pull_requests"], ["issues", "pull_requests"]],
  [/^\/(?:statuses|commits\/\{ref\}\/status)/, ["statuses"], ["statuses"]],
  [/^\/branches\/\{branch\}\/protection/, ["administration"], ["administration"]],
  [/^\/actions\/permissions/, ["administration"], ["administration"]],
  [/^\/immutable-releases/, ["administration"], ["administration"]],
  [/^\/actions/, ["actions"], ["actions"]],
  [/^\/(?:rulesets|rules)/, null, ["administration"]],
  [/^\/collaborators/, null, ["administration"]],
  [/^\/pages/, ["pages"], ["pages"]],
  [/^\/attestations/, ["attestations"], ["attestations"]],
  [/^\/(?:releases|git|contents|branches|commits|compare|tags|codeowners|dispatches)/, ["contents"], ["contents"]],
  [/^$/, null, ["administration"]],
];

function needOf(method: string, path: string): Need | null {
  const below = /^\/repos\/\{owner\}\/\{repo\}(.*)$/.exec(path)?.[1];
  const found = below === undefined ? undefined : NEEDS.find(([pattern]) => pattern.test(below));
  const level = method === "GET" ? "read" : "write";
  const any = found?.[level === "read" ? 1 : 2] ?? null;
  return any === null ? null : { any, level };
}

/** Why a caller may not do something, with the status that GitHub answers. */
export interface Denial {
  readonly status: 401 | 403 | 404;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const NOT_FOUND: Denial = { status: 404, message: "Not Found" };

/** Tells whether a caller sees a repository at all; what is private is 404 for everyone else. */
export function mayRead(repo: FakeRepository, caller: Caller | null): boolean {
  if (!repo.private) return true;
  if (caller === null) return false;
  if (caller.kind === "user") return repo.roleOf(caller.account) !== null;
  return caller.repositories === null || caller.repositories.includes(repo);
}

/** Says why a caller may not do an operation of the REST API; null where it may. */
export function denialOf(
  { method, path }: { readonly method: string; readonly path: string },
  repo: FakeRepository | null,
  caller: Caller | null,
): Denial | null {
  if (path === "/user" && caller === null) return { status: 401, message: "Requires authentication" };
  if (repo === null) return null;
  if (!mayRead(repo, caller)) return NOT_FOUND;
  const need = needOf(method, path);
  return need === null ? null : denialOfNeed(need, repo, caller);
}

/** Says why a caller may not read or write a permission's things; null where it may. */
export function denialOfNeed(need: Need, repo: FakeRepository, caller: Caller | null): Denial | null {
  const isOpen = need.level === "read" && !repo.private && !need.any.includes("administration");
  if (isOpen) return null;
  if (caller === null) return need.level === "read" ? NOT_FOUND : { status: 401, message: "Requires authentication" };
  const isGranted = need.any.some((name) => {
    const granted = caller.permissions[name];
    return granted === "write" || granted === need.level;
  });
  const isReached = caller.repositories === null || caller.repositories.includes(repo);
  if (!isGranted || !isReached) {
    const whose = caller.kind === "user" ? "personal access token" : "integration";
    const accepted = need.any.map((name) => `${name}=${need.level}`).join("; ");
    const headers = { "x-accepted-github-permissions": accepted };
    return { status: 403, message: `Resource not accessible by ${whose}`, headers };
  }
  return caller.kind === "user" ? denialOfRole(need, repo, caller) : null;
}

/** Anyone who reads may open, review and discuss; the rest is for those who may write, settings for admins. */
function denialOfRole(need: Need, repo: FakeRepository, caller: Caller): Denial | null {
  const role = repo.roleOf(caller.account);
  if (need.any.includes("administration")) {
    return role === "admin" ? null : { status: 403, message: "Must have admin rights to Repository." };
  }
  if (need.level === "read" || need.any.includes("pull_requests")) return null;
  return role === "admin" || role === "maintain" || role === "write" ? null : NOT_FOUND;
}
