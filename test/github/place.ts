import { afterEach } from "vitest";
import { isJson } from "./json-schema.ts";
import type { FakeRepository } from "./repository.ts";
import { type FakeGithub, startGithub } from "./server.ts";

/** What is done at the end of a test, in reverse. */
export const endings: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

/** A stand-in with one repository of one commit, and ways to ask it. */
export interface Place {
  readonly github: FakeGithub;
  readonly repo: FakeRepository;
  readonly token: string;
  /** A commit on main. */
  readonly tip: string;
  readonly rest: (
    method: string,
    path: string,
    body?: unknown,
    as?: string,
  ) => Promise<{ status: number; body: Record<string, unknown>; headers: Headers }>;
  readonly graphql: (query: string, variables?: unknown) => Promise<Record<string, unknown>>;
}

/** Starts the stand-in for one test. */
export async function place(): Promise<Place> {
  const github = await startGithub();
  endings.push(() => github.stop());
  const ada = github.addAccount("ada");
  const repo = await github.addRepository({ owner: ada, name: "notes" });
  const token = github.token(ada);
  const blob = await repo.writeObject("blob", Buffer.from("hello\n"));
  const tree = await repo.editTree(null, new Map([["docs/a.txt", { mode: "100644", oid: blob }]]));
  const author = { name: "Ada", email: "ada@example.invalid", at: new Date("2026-01-01T00:00:00Z"), zone: "+0200" };
  const tip = await repo.commitTree({ tree, parents: [], message: "First\n", author, committer: author });
  await repo.compareAndSwap("refs/heads/main", null, tip);
  const send = async (method: string, url: string, body: unknown, as = token) => {
    const answer = await fetch(url, {
      method,
      headers: as === "" ? {} : { authorization: `Bearer ${as}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const parsed: unknown = text === "" ? {} : JSON.parse(text);
    return { status: answer.status, body: isJson(parsed) ? { ...parsed } : { list: parsed }, headers: answer.headers };
  };
  return {
    github,
    repo,
    token,
    tip,
    rest: (method, path, body, as) => send(method, `${github.apiUrl}/repos/ada/notes${path}`, body, as),
    graphql: async (query, variables) =>
      (await send("POST", `${github.serverUrl}/api/graphql`, { query, variables })).body,
  };
}

/** Finds an object within an answer; throws where there is none. */
export function member(value: unknown, name: string): Record<string, unknown> {
  const found = isJson(value) ? value[name] : undefined;
  if (!isJson(found)) throw new Error(`no ${name} in ${JSON.stringify(value)}`);
  return { ...found };
}
