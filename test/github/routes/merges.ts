import { identityOf, webFlow } from "../commit-object.ts";
import { close, headTip, settle } from "../model/pull-life.ts";
import { type MergeMethod, mergedCommit, mergeProblems } from "../model/pull-merge.ts";
import { conflictOf, type FakePull } from "../model/pulls.ts";
import { moveRef } from "../move-ref.ts";
import type { Call, Reply, Routes } from "../route.ts";
import { empty, found, json, notFound, refusal } from "./answers.ts";
import { type Fields, fields, id, text } from "./body.ts";
import { pullOf, sender } from "./pull-place.ts";
import { ruleViolations } from "./ref.ts";

/** Merging pull requests, and asking whether one is merged. */
export const merges: Routes = {
  "pulls/update-branch": (call) => call.repo.features.pulls.alone(() => updateBranch(call)),
  "pulls/merge": (call) => call.repo.features.pulls.alone(() => merge(call)),
  "pulls/check-if-merged": async (call) => {
    if ((await pullOf(call)).mergedAt === null) throw notFound();
    return empty();
  },
};

async function merge(call: Call): Promise<Reply> {
  const body = fields(call);
  const pull = found(call.repo.features.pulls.get(id(call, "pull_number")));
  await settle(call, pull);
  // A push moves `pull.headSha` at once, so what is merged is held here.
  const head = pull.headSha;
  const method = methodOf(call, text(body, "merge_method") ?? "merge");
  if (pull.state === "closed") throw refusal(405, "Pull Request is not mergeable");
  const sha = text(body, "sha");
  if (sha !== undefined && sha !== head)
    throw refusal(409, "Head branch was modified. Review and try the merge again.");
  if (pull.draft) throw refusal(405, "Pull Request is still a draft");
  const problems = await mergeProblems(call, pull, method, call.caller);
  if (problems.length > 0) throw refusal(405, ruleViolations(problems));
  const commit = await mergedCommit(call, pull, {
    method,
    message: messageOf(pull, method, body),
    by: sender(call).account,
  });
  if (commit === null) {
    // Where GitHub knows of the conflict already it does not even try.
    const isKnown = pull.seenConflict === conflictOf(pull);
    throw isKnown ? refusal(405, "Pull Request is not mergeable") : refusal(409, "Merge conflict");
  }
  // The head may have moved while git worked; GitHub looks at it once more as well.
  if ((await headTip(pull)) !== head) throw refusal(409, "Head branch was modified. Review and try the merge again.");
  await moveBase(call, pull, commit);
  pull.headSha = head;
  close(call, pull, call.caller, commit);
  if (call.repo.features.settings.deleteBranchOnMerge) await deleteHead(call, pull);
  return json({ sha: commit, merged: true, message: "Pull Request successfully merged" });
}

/** Merges the base into the head, as the button "Update branch" does. */
async function updateBranch(call: Call): Promise<Reply> {
  const pull = found(call.repo.features.pulls.get(id(call, "pull_number")));
  await settle(call, pull);
  const expected = text(fields(call), "expected_head_sha");
  if (expected !== undefined && expected !== pull.headSha)
    throw refusal(422, "expected head sha didn’t match current head ref.");
  const tree = await call.repo.mergeTree(pull.headSha, pull.baseTip);
  if (tree === null) throw refusal(422, "merge conflict between base and head");
  const at = call.world.now();
  const commit = await call.repo.commitTree({
    tree,
    parents: [pull.headSha, pull.baseTip],
    message: `Merge branch '${pull.base}' into ${pull.headRef}`,
    author: identityOf(sender(call).account, at),
    committer: webFlow(at),
    isSigned: true,
  });
  const repo = found(pull.headRepo);
  const ref = `refs/heads/${pull.headRef}`;
  if (repo !== call.repo) await repo.take(call.repo, commit, `refs/incoming/${commit}`);
  const moved = await moveRef(call.world, repo, call.caller, { ref, from: pull.headSha, to: commit });
  if (typeof moved === "object") throw refusal(422, ruleViolations([moved.refused]));
  return json({ message: "Updating pull request branch.", url: `${call.world.urls.api}${call.path}` }, 202);
}

async function moveBase(call: Call, pull: FakePull, commit: string): Promise<void> {
  const move = { ref: `refs/heads/${pull.base}`, from: pull.baseTip, to: commit, pull: pull.number };
  const moved = await moveRef(call.world, call.repo, call.caller, move);
  if (typeof moved === "object") throw refusal(405, ruleViolations([moved.refused]));
  if (moved === "stale") throw refusal(405, "Base branch was modified. Review and try the merge again.");
  pull.baseSha = pull.baseTip;
}

async function deleteHead(call: Call, pull: FakePull): Promise<void> {
  if (pull.headRepo !== call.repo) return;
  await moveRef(call.world, call.repo, call.caller, {
    ref: `refs/heads/${pull.headRef}`,
    from: pull.headSha,
    to: null,
  });
}

function methodOf(call: Call, wanted: string): MergeMethod {
  const allowed = call.repo.features.settings.mergeMethods;
  if (wanted === "squash" && allowed.squash) return wanted;
  if (wanted === "rebase" && allowed.rebase) return wanted;
  if (wanted === "merge" && allowed.merge) return wanted;
  const name = { merge: "Merge commits", squash: "Squash merges", rebase: "Rebase merges" }[wanted] ?? wanted;
  throw refusal(405, `${name} are not allowed on this repository.`);
}

function messageOf(pull: FakePull, method: MergeMethod, body: Fields): string {
  const isMerge = method === "merge";
  const merging = `Merge pull request #${pull.number} from ${pull.headOwner.login}/${pull.headRef}`;
  const title = text(body, "commit_title") ?? (isMerge ? merging : `${pull.title} (#${pull.number})`);
  const message = text(body, "commit_message") ?? (isMerge ? pull.title : (pull.body ?? ""));
  return message === "" ? title : `${title}\n\n${message}`;
}
