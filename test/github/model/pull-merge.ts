import { identityOf, parseCommit, webFlow } from "../commit-object.ts";
import type { FakeRepository } from "../repository.ts";
import type { Caller, FakeAccount } from "../route.ts";
import { rulesetsAgainst } from "../rules.ts";
import { CODEOWNERS_PATHS, ownersLines, ownersOf } from "./codeowners.ts";
import { changedFiles, pathsOf } from "./diff.ts";
import type { PullPlace } from "./pull-life.ts";
import { type FakePull, reviewProblems } from "./pulls.ts";
import { approvalCounts, permissionOf, reaches } from "./rights.ts";
import { type FakeRuleset, hasRule, pullRequestRule, requiredStatuses } from "./rulesets.ts";

/** Ways of merging. */
export type MergeMethod = "merge" | "rebase" | "squash";

/** Says what the base's rules still want of a pull request, in GitHub's own texts; an empty list lets it merge. */
export async function mergeProblems(
  { world, repo }: PullPlace,
  pull: FakePull,
  method: MergeMethod,
  caller: Caller | null,
): Promise<readonly string[]> {
  const move = { ref: `refs/heads/${pull.base}`, from: pull.baseTip, to: pull.headSha, pull: pull.number };
  const rulesets = rulesetsAgainst(repo, move, caller);
  const rule = pullRequestRule(rulesets);
  const problems = [...historyProblems(rulesets, method), ...(await statusProblems(repo, pull, rulesets))];
  if (rule === null) return problems;
  if (!rule.methods.includes(method))
    problems.push(`Merge method ${method} is not allowed by the rules of this branch.`);
  const ownerGroups = rule.codeOwners ? await ownersOfPull({ world, repo }, pull) : [];
  return [
    ...reviewProblems(rule, pull.reviews, {
      headSha: pull.headSha,
      authorId: pull.user.id,
      lastPusherId: pull.lastPusher?.id ?? null,
      counts: (account) => approvalCounts(repo, account),
      ownerGroups,
      owns: (account, owner) => owner.toLowerCase() === `@${account.login}`.toLowerCase(),
    }),
    ...problems,
  ];
}

function historyProblems(rulesets: readonly FakeRuleset[], method: MergeMethod): readonly string[] {
  if (hasRule(rulesets, "merge_queue")) return ["Changes must be made through the merge queue"];
  const isLinear = hasRule(rulesets, "required_linear_history") && method === "merge";
  return isLinear ? ["This branch must not contain merge commits."] : [];
}

/** Whether a name of a CODEOWNERS line is somebody who may write; everyone else is ignored, as if the line did not name them. */
export function mayOwn({ world, repo }: PullPlace, owner: string): boolean {
  const account = world.account(owner.replace(/^@/, ""));
  return account !== null && reaches(permissionOf(repo, account), "write");
}

async function statusProblems(
  repo: FakeRepository,
  pull: FakePull,
  rulesets: readonly FakeRuleset[],
): Promise<readonly string[]> {
  const { contexts, strict } = requiredStatuses(rulesets);
  const newest = repo.features.statuses.newest(pull.headSha);
  const problems = contexts.flatMap((context) => {
    const state = newest.find((status) => status.context === context)?.state;
    if (state === "success") return [];
    if (state === undefined) return [`Required status check "${context}" is expected.`];
    return [`Required status check "${context}" is ${state === "pending" ? "pending" : "failing"}.`];
  });
  if (strict && contexts.length > 0 && !(await repo.isAncestor(pull.baseTip, pull.headSha)))
    problems.push("The head branch is not up to date with the base branch.");
  return problems;
}

/** The CODEOWNERS file that counts: the first of its places in a branch. */
export async function codeownersOf(
  repo: FakeRepository,
  commit: string,
): Promise<{ readonly path: string; readonly text: string } | null> {
  for (const path of CODEOWNERS_PATHS) {
    const file = await repo.object(`${commit}:${path}`);
    if (file?.type === "blob") return { path, text: file.bytes.toString("utf8") };
  }
  return null;
}

/** Owners of what a pull request changes, by the file of its base; one of each group must approve. */
async function ownersOfPull(place: PullPlace, pull: FakePull): Promise<readonly (readonly string[])[]> {
  const { repo } = place;
  const file = await codeownersOf(repo, pull.baseTip);
  if (file === null) return [];
  const lines = ownersLines(file.text);
  const changes = await changedFiles(repo, await mergeBase(repo, pull.baseTip, pull.headSha), pull.headSha);
  const groups = pathsOf(changes).map((path) => ownersOf(lines, path).filter((owner) => mayOwn(place, owner)));
  return groups.filter((group) => group.length > 0);
}

/** The newest commit that both have; throws where their histories have nothing in common. */
export function mergeBase(repo: FakeRepository, base: string, head: string): Promise<string> {
  return repo.git(["merge-base", base, head]);
}

/** Makes the commit that a merge puts on the base, and moves no ref; null on a conflict. */
export async function mergedCommit(
  { world, repo }: PullPlace,
  pull: FakePull,
  how: { readonly method: MergeMethod; readonly message: string; readonly by: FakeAccount },
): Promise<string | null> {
  if (how.method === "rebase") return rebase({ world, repo }, pull);
  const tree = await repo.mergeTree(pull.baseTip, pull.headSha);
  if (tree === null) return null;
  const at = world.now();
  const parents = how.method === "merge" ? [pull.baseTip, pull.headSha] : [pull.baseTip];
  const author = identityOf(how.method === "merge" ? how.by : pull.user, at);
  return repo.commitTree({ tree, parents, message: how.message, author, committer: webFlow(at), isSigned: true });
}

/** Puts each commit of the head on the base, one after the other; merges among them are left out, as GitHub does. */
async function rebase({ world, repo }: PullPlace, pull: FakePull): Promise<string | null> {
  const list = await repo.git(["rev-list", "--reverse", "--no-merges", `${pull.baseTip}..${pull.headSha}`]);
  let onto = pull.baseTip;
  for (const id of list.split("\n").filter((line) => line !== "")) {
    const commit = parseCommit((await repo.object(id))?.bytes ?? Buffer.alloc(0));
    const tree = await picked(repo, onto, id, commit.parents[0]);
    if (tree === null) return null;
    const committer = webFlow(world.now());
    onto = await repo.commitTree({ tree, parents: [onto], message: commit.message, author: commit.author, committer });
  }
  return onto;
}

/** The tree of `onto` with one commit's change: a stand-in of `onto` whose parent is the commit's makes that parent the merge base. */
async function picked(
  repo: FakeRepository,
  onto: string,
  id: string,
  parent: string | undefined,
): Promise<string | null> {
  const at = new Date(0);
  const nobody = { name: "", email: "", at };
  const tree = await repo.git(["rev-parse", `${onto}^{tree}`]);
  const parents = parent === undefined ? [] : [parent];
  const twin = await repo.commitTree({ tree, parents, message: "", author: nobody, committer: nobody });
  return repo.mergeTree(twin, id);
}
