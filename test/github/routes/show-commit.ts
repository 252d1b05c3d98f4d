import { parseCommit, utcTime } from "../commit-object.ts";
import type { FakeRepository } from "../repository.ts";
import type { Call, FakeAccount } from "../route.ts";
import type { FakeWorld } from "../world.ts";
import { found } from "./answers.ts";
import { repoPage, repoUrl } from "./show-repository.ts";
import { nodeId, showUserOrNull } from "./show-user.ts";

/** A commit as lists and comparisons show it. */
export async function showCommit(call: Call, sha: string): Promise<Readonly<Record<string, unknown>>> {
  const commit = parseCommit(found(await call.repo.object(sha)).bytes);
  const url = repoUrl(call.repo, call.world);
  const page = repoPage(call.repo, call.world);
  const person = (who: typeof commit.author): object => ({ name: who.name, email: who.email, date: utcTime(who.at) });
  return {
    sha,
    node_id: nodeId("C", sha),
    url: `${url}/commits/${sha}`,
    html_url: `${page}/commit/${sha}`,
    comments_url: `${url}/commits/${sha}/comments`,
    commit: {
      url: `${url}/git/commits/${sha}`,
      author: person(commit.author),
      committer: person(commit.committer),
      message: commit.message.replace(/\n$/, ""),
      comment_count: 0,
      tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
      verification: {
        verified: commit.signature !== null,
        reason: commit.signature === null ? "unsigned" : "valid",
        signature: commit.signature,
        payload: commit.payload,
        verified_at: commit.signature === null ? null : utcTime(commit.committer.at),
      },
    },
    author: showUserOrNull(accountOf(call.world, commit.author.email), call.world),
    committer: showUserOrNull(accountOf(call.world, commit.committer.email), call.world),
    parents: commit.parents.map((parent) => ({
      sha: parent,
      url: `${url}/commits/${parent}`,
      html_url: `${page}/commit/${parent}`,
    })),
  };
}

/** Committer of GitHub's own commits; its account is there without being made. */
const WEB_FLOW: FakeAccount = { id: 19_864_447, login: "web-flow", type: "User" };

/** The account that GitHub finds behind a commit's address: whoever wrote the commit chose it freely. */
function accountOf(world: FakeWorld, email: string): FakeAccount | null {
  if (email === "noreply@github.com") return WEB_FLOW;
  const [, id, login] = /^(?:(\d+)\+)?([^@]+)@users\.noreply\.github\.com$/.exec(email) ?? [];
  if (id !== undefined) return world.accountById(Number(id));
  return login === undefined ? null : world.account(login);
}

/** Ids of the commits that `head` has and `base` has not, oldest first. */
export async function commitsBetween(repo: FakeRepository, base: string, head: string): Promise<readonly string[]> {
  const list = await repo.git(["rev-list", "--reverse", "--topo-order", `${base}..${head}`]);
  return list.split("\n").filter((line) => line !== "");
}
