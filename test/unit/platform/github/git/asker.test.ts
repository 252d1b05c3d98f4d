import { describe, expect, it } from "vitest";
import { ToolError } from "../../../../../src/kernel/errors.ts";
import { openAsker } from "../../../../../src/platform/github/git/asker.ts";
import { objectAt, objectById } from "../../../../../src/platform/github/git/questions.ts";
import { type GithubClient, githubClient } from "../../../../../src/platform/github/client.ts";
import { systemClock } from "../../../../../src/platform/clock.ts";
import { oidLike } from "../../../../support/store-under-test.ts";

const oid = oidLike("0".repeat(40), "a");

type Answer = (query: string, variables: Readonly<Record<string, unknown>>) => unknown;

/** A mouth whose questions are answered here, and what was sent through it. */
function scripted(answer: Answer, date: Date | null = null) {
  const sent: { query: string; variables: Readonly<Record<string, unknown>> }[] = [];
  const at = { owner: "acme", repo: "notes", apiUrl: "https://api.example", serverUrl: "https://example" };
  const graphql: GithubClient["graphql"] = async (query, variables) => {
    sent.push({ query, variables });
    return answer(query, variables);
  };
  const { request } = githubClient({ at, token: null, clock: systemClock });
  return { asker: openAsker({ at, graphql, request, now: () => date, sent: () => 0 }, systemClock), sent };
}

/** Answers each field with the value of its first variable. */
const echo: Answer = (query, variables) => {
  const repository: Record<string, unknown> = { id: "R_1" };
  for (const [, field, name] of query.matchAll(/^(f\d+): .*?\$(v\d+_0)/gm)) repository[field!] = variables[name!];
  return { repository };
};

describe("asking GitHub", () => {
  it("sends what is asked at the same time together, however deep in promises, each with its own answer", async () => {
    const { asker, sent } = scripted(echo);
    const deep = async (text: string): Promise<unknown> => {
      for (let i = 0; i < 10; i += 1) await Promise.resolve();
      return asker.ask(objectAt("refs/heads/x", text));
    };
    const texts = ["a", 'b" } evil {', "c"];
    const answers = await Promise.all([asker.ask(objectById(oid)), ...texts.map(deep)]);
    expect(answers).toEqual([oid, ...texts.map((text) => `refs/heads/x:${text}`)]);
    expect(sent.length).toBe(1);
    expect(sent[0]!.query).not.toContain("evil");
    expect(sent[0]!.variables).toMatchObject({ owner: "acme", repo: "notes" });
  });

  it("splits many questions into requests of a bounded size, a bounded number at a time", async () => {
    let open = 0;
    let most = 0;
    const { asker, sent } = scripted(async (query, variables) => {
      open += 1;
      most = Math.max(most, open);
      await new Promise(setImmediate);
      open -= 1;
      return echo(query, variables);
    });
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) => asker.ask(objectAt("r", `${i}`))));
    expect(answers).toEqual(Array.from({ length: 1000 }, (_, i) => `r:${i}`));
    expect(sent.length).toBe(16);
    expect(most).toBe(4);
  });

  it("names a repository that it is not shown, and an answer that was cut short", async () => {
    const hidden = scripted(() => ({ repository: null }));
    await expect(hidden.asker.ask(objectById(oid))).rejects.toMatchObject({ code: "state.repository.missing" });
    const cut = scripted(() => undefined);
    await expect(cut.asker.ask(objectById(oid))).rejects.toMatchObject({ code: "state.push.network" });
    const absent = scripted(() => ({ repository: { id: "R" } }));
    expect(await absent.asker.ask(objectById(oid))).toBeNull();
  });

  it("goes on after a failure, which only those hear whose question it was", async () => {
    let count = 0;
    const { asker } = scripted((query, variables) => {
      count += 1;
      if (count === 1) throw new ToolError("forge.unauthorised", "no");
      return echo(query, variables);
    });
    const both = await Promise.allSettled([asker.ask(objectById(oid)), asker.ask(objectById(oid))]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(both[0]).toMatchObject({ reason: { code: "state.push.unauthorised" } });
    expect(await asker.ask(objectById(oid))).toBe(oid);
    expect(await asker.repositoryId()).toBe("R_1");
  });

  it("knows GitHub's time from its answers", async () => {
    const dayAhead = new Date(Date.now() + 86_400_000);
    const { asker } = scripted(echo, dayAhead);
    await asker.ask(objectById(oid));
    expect(Math.abs(asker.now().getTime() - dayAhead.getTime())).toBeLessThan(5000);
  });
});
