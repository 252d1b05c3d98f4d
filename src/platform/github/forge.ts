import { printable } from "../../kernel/text.ts";
import type { Account, Forge } from "../../ports/forge.ts";
import type { GithubClient } from "./client.ts";
import { answersOf } from "./forge-answers.ts";
import { readRun } from "./forge-run.ts";
import { accountOf, type ForgeAt, incomplete, type Repository } from "./forge-at.ts";
import { mergePull } from "./forge-merge.ts";
import { closePull, compareUrl, openPull } from "./forge-open.ts";
import { findProposal, listPulls } from "./forge-pulls.ts";
import { commentOnce, dispatchWorkflow, postStatus } from "./forge-say.ts";
import { showPull } from "./forge-show.ts";
import { orNull } from "./or-null.ts";
import { viewer } from "./viewer.ts";

/** What the forge of a repository on GitHub is made of. */
export interface GithubForgeSettings {
  readonly client: GithubClient;
  /** Branch that proposals go into, for example `waybill/decisions`. */
  readonly decisionsBranch: string;
  /** What the branch of a proposal begins with, for example `waybill/proposal/`. */
  readonly proposalPrefix: string;
}

/** Opens the forge of a repository on GitHub, or on a server of its kind; nothing is sent yet. */
export function githubForge({ client, decisionsBranch, proposalPrefix }: GithubForgeSettings): Forge {
  const { owner, repo, serverUrl } = client.at;
  let known: Promise<Repository> | null = null;
  const read = async (): Promise<Repository> => {
    const { data } = await client.request("GET /repos/{owner}/{repo}", { owner, repo });
    return data;
  };
  const repository = () => {
    known ??= read().catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };
  const at: ForgeAt = { client, where: { owner, repo }, decisionsBranch, proposalPrefix, repository };
  return {
    kind: "github",
    name: `${owner}/${repo}`,
    url: `${serverUrl}/${owner}/${repo}`,
    compareUrl: (id) => compareUrl(at, id),
    open: (proposal, page) => openPull(at, proposal, page),
    list: (state) => listPulls(at, state),
    find: (which) => findProposal(at, which),
    answers: (proposal, run) => answersOf(at, proposal, run),
    run: ({ run_id: id, attempt }) => readRun(at, id, attempt),
    show: (proposal, page) => showPull(at, proposal, page),
    post: (proposal, status) => postStatus(at, proposal, status),
    comment: (proposal, event, text) => commentOnce(at, proposal, event, text),
    close: (proposal) => closePull(at, proposal),
    merge: (proposal, head, title, act) => mergePull(at, proposal, head, title, act),
    me: () => viewer(client),
    visibility: async () => visibilityOf(await repository()),
    repositoryId: async () => Number((await repository()).id),
    account: (login) => findAccount(at, login),
    async now() {
      await read();
      const now = client.now();
      if (now === null) throw incomplete("what time it is");
      return now;
    },
    dispatch: (workflow, inputs) => dispatchWorkflow(at, workflow, inputs),
  };
}

/** What only members of an enterprise see is private; a server that does not name a visibility still says private or not. */
function visibilityOf(repository: Repository): "public" | "private" | "unknown" {
  if (repository.visibility === "public") return repository.private ? "unknown" : "public";
  if (repository.visibility === undefined) return repository.private ? "private" : "public";
  return "private";
}

async function findAccount({ client }: ForgeAt, login: string): Promise<Account | null> {
  const found = await orNull(() => client.request("GET /users/{username}", { username: printable(login, 100) }));
  return accountOf(found?.data);
}
