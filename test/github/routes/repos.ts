import { changedFiles } from "../model/diff.ts";
import type { Call, Reply, Routes } from "../route.ts";
import { found, invalid, json, page, refusal } from "./answers.ts";
import { fields, flag, param, text } from "./body.ts";
import { commitsBetween, showCommit } from "./show-commit.ts";
import { showFile } from "./show-file.ts";
import { repoPage, repoUrl, showFullRepository } from "./show-repository.ts";

/** Repositories themselves, and comparing two of their commits. */
export const repos: Routes = {
  "repos/update": update,
  "repos/compare-commits-with-basehead": compare,
};

async function update(call: Call): Promise<Reply> {
  const body = fields(call);
  const { repo } = call;
  const state = repo.features.settings;
  const branch = text(body, "default_branch");
  if (branch !== undefined) {
    if ((await repo.ref(`refs/heads/${branch}`)) === null) throw invalid("Repository", "default_branch", "invalid");
    repo.defaultBranch = branch;
    await repo.git(["symbolic-ref", "HEAD", `refs/heads/${branch}`]);
  }
  repo.name = text(body, "name") ?? repo.name;
  repo.private = flag(body, "private") ?? repo.private;
  state.description = text(body, "description") ?? state.description;
  state.mergeMethods.merge = flag(body, "allow_merge_commit") ?? state.mergeMethods.merge;
  state.mergeMethods.squash = flag(body, "allow_squash_merge") ?? state.mergeMethods.squash;
  state.mergeMethods.rebase = flag(body, "allow_rebase_merge") ?? state.mergeMethods.rebase;
  state.deleteBranchOnMerge = flag(body, "delete_branch_on_merge") ?? state.deleteBranchOnMerge;
  return json(showFullRepository(repo, call));
}

/** Most files that one comparison names. */
const MAX_FILES = 300;

async function compare(call: Call): Promise<Reply> {
  const { repo, world } = call;
  const basehead = param(call, "basehead");
  const [baseName = "", headName = ""] = basehead.split("...");
  const base = await commitOf(call, baseName);
  const head = await commitOf(call, headName);
  const common = await repo.tryGit(["merge-base", base, head]);
  if (common.code !== 0) throw refusal(404, `No common ancestor between ${baseName} and ${headName}.`);
  const ancestor = common.stdout.toString("utf8").trim();
  const ahead = await commitsBetween(repo, base, head);
  const behind = await commitsBetween(repo, head, base);
  const files = await changedFiles(repo, ancestor, head);
  const url = `${repoUrl(repo, world)}/compare/${basehead}`;
  const html = `${repoPage(repo, world)}/compare/${basehead}`;
  const commits = page(call, await Promise.all(ahead.map((id) => showCommit(call, id))), (row) => row);
  return {
    ...commits,
    body: {
      url,
      html_url: html,
      permalink_url: html,
      diff_url: `${html}.diff`,
      patch_url: `${html}.patch`,
      base_commit: await showCommit(call, base),
      merge_base_commit: await showCommit(call, ancestor),
      status: statusOf(ahead.length, behind.length),
      ahead_by: ahead.length,
      behind_by: behind.length,
      total_commits: ahead.length,
      commits: commits.body,
      files: files.slice(0, MAX_FILES).map((file) => showFile(file, call, head)),
    },
  };
}

function statusOf(ahead: number, behind: number): "ahead" | "behind" | "diverged" | "identical" {
  if (ahead > 0 && behind > 0) return "diverged";
  if (ahead > 0) return "ahead";
  return behind > 0 ? "behind" : "identical";
}

/** A commit by branch, tag or id, or `owner:branch` of a fork, whose commits are brought here. */
async function commitOf(call: Call, name: string): Promise<string> {
  const [owner, branch] = name.split(":", 2);
  if (branch === undefined)
    return found((await call.repo.commitOf(`refs/heads/${name}`)) ?? (await call.repo.commitOf(name)));
  const isFork = (each: typeof call.repo): boolean => each === call.repo || each.parent === call.repo;
  const fork = found(call.world.repositories.find((each) => each.owner.login === owner && isFork(each)));
  const commit = found(await fork.ref(`refs/heads/${branch}`));
  if (fork !== call.repo) await call.repo.take(fork, commit, `refs/incoming/${commit}`);
  return commit;
}
