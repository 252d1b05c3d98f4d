import type { FakeRepository } from "./repository.ts";
import type { FakeAccount } from "./route.ts";
import { type FakeGithub, type GithubOptions, startGithub } from "./server.ts";

/** The stand-in with the repository of the story: `acme/notes`, which alice administers, and bob and carol write to. */
export interface Acme {
  readonly github: FakeGithub;
  readonly repo: FakeRepository;
  readonly people: Readonly<Record<"alice" | "bob" | "carol", FakeAccount>>;
  /** Tokens of the people, and of a workflow run of the repository. */
  readonly tokens: Readonly<Record<"alice" | "bob" | "carol" | "workflow", string>>;
  /** First commit of the code, on `main`. */
  readonly code: string;
  /** What a program needs in its environment to reach it as somebody. */
  readonly env: (token: string) => Readonly<Record<string, string>>;
}

/** Starts it. */
export async function startAcme(options: GithubOptions = {}): Promise<Acme> {
  const github = await startGithub(options);
  const repo = await github.addRepository({ owner: github.addAccount("acme", "Organization"), name: "notes" });
  const [alice, bob, carol] = [github.addAccount("alice"), github.addAccount("bob"), github.addAccount("carol")];
  repo.roles.set(alice.id, "admin");
  repo.roles.set(bob.id, "write");
  repo.roles.set(carol.id, "write");
  const tokens = {
    alice: github.token(alice),
    bob: github.token(bob),
    carol: github.token(carol),
    workflow: github.token(github.addAccount("github-actions[bot]", "Bot"), "workflow", {
      contents: "write",
      pull_requests: "write",
      statuses: "write",
      actions: "write",
      metadata: "read",
    }),
  };
  const code = await firstCommit(repo);
  const env = (token: string) => ({
    DIST_SERVER: "acme/notes",
    GITHUB_TOKEN: token,
    WAYBILL_GITHUB_API_URL: github.apiUrl,
    WAYBILL_GITHUB_SERVER_URL: github.serverUrl,
  });
  return { github, repo, people: { alice, bob, carol }, tokens, code, env };
}

async function firstCommit(repo: FakeRepository): Promise<string> {
  const readme = await repo.writeObject("blob", Buffer.from("# Acme Notes\n"));
  const tree = await repo.editTree(null, new Map([["README.md", { mode: "100644", oid: readme }]]));
  const who = ["-c", "user.name=Alice", "-c", "user.email=alice@acme.example"];
  const commit = (await repo.git([...who, "commit-tree", tree, "-m", "Begin"])).trim();
  await repo.compareAndSwap("refs/heads/main", null, commit);
  return commit;
}
