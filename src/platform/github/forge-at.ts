import { ToolError } from "../../kernel/errors.ts";
import { isOid, type Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { Account } from "../../ports/forge.ts";
import type { GithubClient } from "./client.ts";
import { forgeError } from "./forge-error.ts";

/** What all parts of the forge share. */
export interface ForgeAt {
  readonly client: GithubClient;
  /** Parameters that name the repository in every request. */
  readonly where: { readonly owner: string; readonly repo: string };
  /** Branch that proposals go into, for example `waybill/decisions`. */
  readonly decisionsBranch: string;
  /** What the branch of a proposal begins with, for example `waybill/proposal/`. */
  readonly proposalPrefix: string;
  /** The repository, asked for once. */
  repository(): Promise<Repository>;
}

/** A number of GitHub's; its description allows what no answer over JSON can hold. */
export type Numeric = number | bigint;

/** What of a repository matters here. */
export interface Repository {
  readonly id: Numeric;
  readonly default_branch: string;
  readonly private: boolean;
  readonly visibility?: string | undefined;
}

/** An account as answers name it; null or without an id where it is deleted or unknown. */
export interface AnsweredAccount {
  readonly id?: Numeric | undefined;
  readonly login?: string | undefined;
  readonly type?: string | undefined;
}

/** GitHub shows this account in the place of every deleted one. Source: https://github.com/ghost */
const GHOST_ID = 10137;

/** Rows of a page, the most that GitHub gives. */
const PAGE_SIZE = 100;
/** Pages of one list that are read; more is nobody's honest pull request. */
const MAX_PAGES = 100;

/** Makes an account from what an answer names; null where it is deleted. All that is no user counts as a bot. */
export function accountOf(answered: AnsweredAccount | null | undefined): Account | null {
  const { id, login, type } = answered ?? {};
  if (id === undefined || login === undefined || Number(id) === GHOST_ID) return null;
  return { id: Number(id), login: printable(login, 100), kind: type === "User" ? "user" : "bot" };
}

/** Takes a commit id from an answer. Throws `forge.refused` for what is none. */
export function oidIn(text: string | null | undefined, what: string): Oid {
  if (typeof text === "string" && isOid(text)) return text;
  throw forgeError("forge.refused", `GitHub names no commit as ${what}`, { data: { what } });
}

/** Makes the error of an answer that lacks what a verdict needs; it may be there a moment later. */
export function incomplete(what: string): ToolError {
  return forgeError("forge.unavailable", `GitHub did not say ${what}`, { data: { what } });
}

/** One page of a list as octokit answers it. */
interface Page<T> {
  readonly data: readonly T[];
  readonly headers: { readonly link?: string | undefined };
}

/** Parameters of a page. */
export interface Paged {
  readonly per_page: number;
  readonly page: number;
}

/** Reads a list page by page, as far as it is asked for. Throws `forge.refused` where it has no end. */
export async function* rowsOf<T>(what: string, ask: (paged: Paged) => Promise<Page<T>>): AsyncGenerator<T> {
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const { data, headers } = await ask({ per_page: PAGE_SIZE, page });
    yield* data;
    if (headers.link?.includes('rel="next"') !== true) return;
  }
  throw forgeError("forge.refused", `GitHub lists more than ${MAX_PAGES * PAGE_SIZE} ${what}`, { data: { what } });
}

/** Reads a whole list. */
export async function allRows<T>(what: string, ask: (paged: Paged) => Promise<Page<T>>): Promise<readonly T[]> {
  const rows: T[] = [];
  for await (const row of rowsOf(what, ask)) rows.push(row);
  return rows;
}
