import type { Acme } from "./acme.ts";
import { identityOf } from "./commit-object.ts";
import type { FakeRun } from "./model/settings.ts";
import { moveRef } from "./move-ref.ts";
import type { FakeRepository } from "./repository.ts";
import type { Caller, FakeAccount } from "./route.ts";
import type { FakeGithub } from "./server.ts";
import { ALL_PERMISSIONS } from "./tokens.ts";

/** What the API answered; `fields` is empty where the body is no object. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly fields: Readonly<Record<string, unknown>>;
  /** GitHub's message and the rows of its errors, as one text. */
  readonly text: string;
  readonly headers: Headers;
}

/** Sends one request of the REST API as an account, so that the description sees it: `send(github, bob, "GET", "/user")`. */
export async function send(
  github: FakeGithub,
  by: FakeAccount | { readonly token: string } | null,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const token = by === null ? null : "token" in by ? by.token : tokenOf(github, by);
  const response = await fetch(`${github.apiUrl}${path}`, {
    method,
    redirect: "manual",
    headers: { accept: "application/vnd.github+json", ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return answerOf(response);
}

/** Asks the API of `acme/notes`, as alice where nobody is named. `of` is asked at each call, as each test has a stand-in of its own. */
export function acmeApi(of: () => Acme) {
  return (
    method: string,
    path: string,
    body?: unknown,
    by: FakeAccount | { readonly token: string } = of().people.alice,
  ): Promise<Answer> => send(of().github, by, method, `${ACME_REPO}${path}`, body);
}

/** Path of `acme/notes` in the API. */
export const ACME_REPO = "/repos/acme/notes";

/** Reads an answer of the API. */
export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const body: unknown = text === "" ? undefined : JSON.parse(text);
  const fields = isFields(body) ? body : {};
  const rows = [fields["message"], fields["errors"]].filter((part) => part !== undefined);
  const texts = rows.map((part) => (typeof part === "string" ? part : JSON.stringify(part)));
  return { status: response.status, body, fields, text: texts.join(" "), headers: response.headers };
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const tokens = new WeakMap<FakeGithub, Map<number, string>>();

/** A token of an account with every permission; the same one each time. A bot's is a workflow's. */
export function tokenOf(github: FakeGithub, account: FakeAccount): string {
  const known = tokens.get(github) ?? new Map<number, string>();
  tokens.set(github, known);
  const kind: Caller["kind"] = account.type === "Bot" ? "workflow" : "user";
  const token = known.get(account.id) ?? github.token(account, kind, ALL_PERMISSIONS);
  known.set(account.id, token);
  return token;
}

function pathOf(repo: FakeRepository, rest: string): string {
  return `/repos/${repo.fullName}${rest}`;
}

async function done(what: string, answer: Promise<Answer>): Promise<Answer> {
  const { status, text } = await answer;
  if (status >= 300) throw new Error(`${what} was answered ${status}: ${text}`);
  return answer;
}

/** What a pull request is opened with; `head` is a branch or `owner:branch`. */
export interface NewPull {
  readonly head: string;
  readonly base: string;
  readonly title?: string;
  readonly body?: string;
  readonly draft?: boolean;
}

/** Opens a pull request as a person and answers its number. */
export async function openPull(
  github: FakeGithub,
  repo: FakeRepository,
  by: FakeAccount,
  pull: NewPull,
): Promise<number> {
  const body = { title: `Propose ${pull.head}`, ...pull };
  const opened = await done("opening a pull request", send(github, by, "POST", pathOf(repo, "/pulls"), body));
  return Number(opened.fields["number"]);
}

/** What a review says; `commit_id` is the head where absent. */
export interface NewReview {
  readonly event: "APPROVE" | "COMMENT" | "REQUEST_CHANGES";
  readonly body?: string;
  readonly commit_id?: string;
}

/** Reviews a pull request as a person and answers the review's id. */
export async function review(
  github: FakeGithub,
  repo: FakeRepository,
  number: number,
  by: FakeAccount,
  said: NewReview,
): Promise<number> {
  const path = pathOf(repo, `/pulls/${number}/reviews`);
  const body = said.event === "APPROVE" ? said : { body: "See above.", ...said };
  return Number((await done("a review", send(github, by, "POST", path, body))).fields["id"]);
}

/** Approves the head of a pull request as a person and answers the review's id. */
export function approve(github: FakeGithub, repo: FakeRepository, number: number, by: FakeAccount): Promise<number> {
  return review(github, repo, number, by, { event: "APPROVE" });
}

/** Dismisses a review as a person. */
export async function dismiss(
  github: FakeGithub,
  repo: FakeRepository,
  number: number,
  reviewId: number,
  by: FakeAccount,
  message = "No longer true",
): Promise<void> {
  const path = pathOf(repo, `/pulls/${number}/reviews/${reviewId}/dismissals`);
  await done("a dismissal", send(github, by, "PUT", path, { message, event: "DISMISS" }));
}

/** Merges a pull request as a person does on its page; the answer may be a refusal. */
export function mergeAs(
  github: FakeGithub,
  repo: FakeRepository,
  number: number,
  by: FakeAccount,
  how: { readonly sha?: string; readonly merge_method?: "merge" | "rebase" | "squash" } = {},
): Promise<Answer> {
  return send(github, by, "PUT", pathOf(repo, `/pulls/${number}/merge`), how);
}

/** Changes a pull request as a person, for example its base or its state. */
export async function changePull(
  github: FakeGithub,
  repo: FakeRepository,
  number: number,
  by: FakeAccount,
  change: Readonly<Record<string, string>>,
): Promise<void> {
  await done("a change", send(github, by, "PATCH", pathOf(repo, `/pulls/${number}`), change));
}

/** Pushes files to a branch as a person and answers the commit; `null` removes a file, a new branch starts at `from`. */
export async function pushFiles(
  github: FakeGithub,
  repo: FakeRepository,
  branch: string,
  by: FakeAccount,
  files: Readonly<Record<string, string | null>>,
  from?: string,
): Promise<string> {
  const ref = `refs/heads/${branch}`;
  const tip = await repo.ref(ref);
  const parent = tip ?? (from === undefined ? null : await repo.commitOf(from));
  const edits = await Promise.all(
    Object.entries(files).map(async ([path, text]) => {
      const edit = text === null ? null : { mode: "100644", oid: await repo.writeObject("blob", Buffer.from(text)) };
      return [path, edit] as const;
    }),
  );
  const base = parent === null ? null : await repo.git(["rev-parse", `${parent}^{tree}`]);
  const who = identityOf(by, github.world.now());
  const commit = await repo.commitTree({
    tree: await repo.editTree(base, new Map(edits)),
    parents: parent === null ? [] : [parent],
    message: `Change ${Object.keys(files).join(", ")}\n`,
    author: who,
    committer: who,
  });
  await moveAs(github, repo, by, ref, tip, commit);
  return commit;
}

/** Moves a ref as a push of a person does: rulesets are asked, and everyone who listens is told. */
export async function moveAs(
  github: FakeGithub,
  repo: FakeRepository,
  by: FakeAccount,
  ref: string,
  from: string | null,
  to: string | null,
): Promise<void> {
  const kind = by.type === "Bot" ? "workflow" : "user";
  const caller: Caller = { account: by, kind, permissions: ALL_PERMISSIONS, repositories: null };
  const moved = await moveRef(github.world, repo, caller, { ref, from, to });
  if (moved !== "moved") throw new Error(`the push was refused: ${moved === "stale" ? moved : moved.refused}`);
}

/** Records a workflow run of the default branch, or of what is given, and answers it. */
export async function run(
  github: FakeGithub,
  repo: FakeRepository,
  starter: FakeAccount,
  more: Partial<FakeRun> = {},
): Promise<FakeRun> {
  const made: FakeRun = {
    id: github.world.nextId(),
    attempt: 1,
    number: repo.features.settings.runs.length + 1,
    actor: starter,
    triggeringActor: starter,
    event: "workflow_dispatch",
    path: ".github/workflows/promote.yml",
    headBranch: repo.defaultBranch,
    headSha: (await repo.ref(`refs/heads/${repo.defaultBranch}`)) ?? "0".repeat(40),
    headRepositoryId: repo.id,
    status: "in_progress",
    conclusion: null,
    createdAt: github.world.timestamp(),
    ...more,
  };
  repo.features.settings.runs.push(made);
  return made;
}
