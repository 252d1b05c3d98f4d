import { changedFiles } from "../model/diff.ts";
import { close, record, settle, watch } from "../model/pull-life.ts";
import { mergeBase, mergeProblems } from "../model/pull-merge.ts";
import { conflictOf, type FakePull } from "../model/pulls.ts";
import type { FakeRepository } from "../repository.ts";
import type { Call, Reply, Routes } from "../route.ts";
import { forbidden, found, invalid, json, page, refusal } from "./answers.ts";
import { type Fields, fields, flag, text } from "./body.ts";
import { isHeldBack, pullOf, sender } from "./pull-place.ts";
import { commitsBetween, showCommit } from "./show-commit.ts";
import { showFile } from "./show-file.ts";
import { type PullDetails, showFullPull, showPull, toldOf } from "./show-pull.ts";

/** Pull requests: opening, listing, changing, closing. */
export const pulls: Routes = {
  "pulls/create": (call) => call.repo.features.pulls.alone(() => create(call)),
  "pulls/get": async (call) => showOne(call, await pullOf(call)),
  "pulls/list": list,
  "pulls/update": update,
  "pulls/list-files": listFiles,
  "pulls/list-commits": listCommits,
  "repos/list-pull-requests-associated-with-commit": listOfCommit,
};

async function create(call: Call): Promise<Reply> {
  const body = fields(call);
  if (isHeldBack(call)) throw forbidden("GitHub Actions is not permitted to create or approve pull requests.");
  refuseLong(body);
  const { headRepo, headRef, headSha } = await headOf(call, text(body, "head") ?? "");
  const base = text(body, "base") ?? "";
  const baseSha = await call.repo.ref(`refs/heads/${base}`);
  if (baseSha === null) throw invalid("PullRequest", "base", "invalid");
  if (call.repo.features.pulls.open(headRepo, headRef, base) !== undefined) {
    const message = `A pull request already exists for ${headRepo.owner.login}:${headRef}.`;
    throw custom(message);
  }
  await refuseUnrelated(call, headRepo, { headRef, headSha, base, baseSha });
  const { account } = sender(call);
  const pull: FakePull = {
    id: call.world.nextId(),
    number: call.repo.features.issues.nextNumber(),
    title: text(body, "title") ?? "",
    body: text(body, "body") ?? null,
    state: "open",
    draft: flag(body, "draft") ?? false,
    user: account,
    headRepo,
    headOwner: headRepo.owner,
    headRef,
    headSha,
    base,
    baseSha,
    baseTip: baseSha,
    baseOf: headSha,
    createdAt: call.world.timestamp(),
    updatedAt: call.world.timestamp(),
    closedAt: null,
    mergedAt: null,
    mergedBy: null,
    mergeCommit: null,
    lastPusher: account,
    headDeleter: null,
    seenConflict: null,
    reviews: [],
    requested: [],
  };
  call.repo.features.pulls.all.push(pull);
  watch(call, headRepo);
  await settle(call, pull);
  call.world.emit(call.repo, call.caller, "pull_request", {
    action: "opened",
    number: pull.number,
    fork: headRepo !== call.repo,
  });
  return showOne(call, pull, 201);
}

const MAX_TITLE_LENGTH = 256;
const MAX_BODY_LENGTH = 65_536;

function refuseLong(body: Fields): void {
  const isLong = (name: string, limit: number): boolean => (text(body, name) ?? "").length > limit;
  const limit = isLong("title", MAX_TITLE_LENGTH) ? MAX_TITLE_LENGTH : MAX_BODY_LENGTH;
  const field = limit === MAX_TITLE_LENGTH ? "title" : "body";
  if (isLong(field, limit))
    throw invalid("PullRequest", field, "custom", `${field} is too long (maximum is ${limit} characters)`);
}

function custom(message: string): Error {
  return refusal(422, "Validation Failed", [{ resource: "PullRequest", code: "custom", message }]);
}

/** The branch that `head` names: of this repository, or `owner:branch` of a fork. */
async function headOf(
  call: Call,
  head: string,
): Promise<{ readonly headRepo: FakeRepository; readonly headRef: string; readonly headSha: string }> {
  const [owner, ref] = head.includes(":") ? head.split(":", 2) : [call.repo.owner.login, head];
  const isHere = (repo: FakeRepository): boolean => repo === call.repo || repo.parent === call.repo;
  const all = call.world.repositories.filter((repo) => repo.owner.login.toLowerCase() === owner?.toLowerCase());
  const headRepo = all.find(isHere);
  const headRef = (ref ?? "").replace(/^refs\/heads\//, "");
  const headSha = (await headRepo?.ref(`refs/heads/${headRef}`)) ?? null;
  if (headRepo === undefined || headSha === null) throw invalid("PullRequest", "head", "invalid");
  return { headRepo, headRef, headSha };
}

interface Ends {
  readonly headRef: string;
  readonly headSha: string;
  readonly base: string;
  readonly baseSha: string;
}

/** Refuses histories without a common commit, and a head with nothing of its own; a fork's commits are brought here first. */
async function refuseUnrelated(call: Call, headRepo: FakeRepository, ends: Ends): Promise<void> {
  const { headRef, headSha, base, baseSha } = ends;
  if (headRepo !== call.repo) await call.repo.take(headRepo, headSha, `refs/incoming/${headSha}`);
  const related = await call.repo.tryGit(["merge-base", baseSha, headSha]);
  if (related.code !== 0) throw custom(`The ${base} branch has no history in common with ${headRef}`);
  if (await call.repo.isAncestor(headSha, baseSha)) throw custom(`No commits between ${base} and ${headRef}`);
}

async function list(call: Call): Promise<Reply> {
  const { pulls: state } = call.repo.features;
  await state.alone(async () => {
    for (const pull of state.all) await settle(call, pull);
  });
  const wanted = call.query.get("state") ?? "open";
  const [head, base] = [call.query.get("head"), call.query.get("base")];
  const rows = state.all.filter(
    (pull) =>
      (wanted === "all" || pull.state === wanted) &&
      (base === null || pull.base === base) &&
      (head === null || head.toLowerCase() === `${pull.headOwner.login}:${pull.headRef}`.toLowerCase()),
  );
  return toldOf(
    page(call, sorted(call, rows), (pull) => showPull(pull, call)),
    rows,
  );
}

function sorted(call: Call, rows: readonly FakePull[]): readonly FakePull[] {
  const by = call.query.get("sort") ?? "created";
  const key = (pull: FakePull): string => (by === "updated" ? pull.updatedAt : pull.createdAt);
  const upwards = rows.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.number - b.number));
  const direction =
    call.query.get("direction") ?? (call.query.get("sort") === null ? "desc" : by === "created" ? "desc" : "asc");
  return direction === "asc" ? upwards : upwards.toReversed();
}

async function update(call: Call): Promise<Reply> {
  const body = fields(call);
  refuseLong(body);
  const pull = await pullOf(call);
  const title = text(body, "title");
  if (title !== undefined && title !== pull.title)
    record(call, pull.number, "renamed", sender(call).account, { detail: { rename: { from: pull.title, to: title } } });
  await retarget(call, pull, text(body, "base"));
  Object.assign(pull, {
    title: title ?? pull.title,
    body: text(body, "body") ?? pull.body,
    updatedAt: call.world.timestamp(),
  });
  await reopenOrClose(call, pull, body);
  call.world.emit(call.repo, call.caller, "pull_request", { action: "edited", number: pull.number });
  return showOne(call, pull);
}

async function retarget(call: Call, pull: FakePull, base: string | undefined): Promise<void> {
  if (base === undefined || base === pull.base) return;
  const tip = await call.repo.ref(`refs/heads/${base}`);
  if (tip === null) throw invalid("PullRequest", "base", "invalid");
  if (pull.state === "closed") throw custom("Cannot change the base branch of a closed pull request.");
  const other = pull.headRepo === null ? undefined : call.repo.features.pulls.open(pull.headRepo, pull.headRef, base);
  if (other !== undefined)
    throw custom(`A pull request already exists for base branch '${base}' and head branch '${pull.headRef}'`);
  Object.assign(pull, { base, baseSha: tip, baseTip: tip, baseOf: pull.headSha });
  record(call, pull.number, "base_ref_changed", sender(call).account);
}

async function reopenOrClose(call: Call, pull: FakePull, body: Fields): Promise<void> {
  const state = text(body, "state");
  if (state === "closed" && pull.state === "open") close(call, pull, call.caller, null);
  if (state !== "open" || pull.state === "open") return;
  const tip = (await pull.headRepo?.ref(`refs/heads/${pull.headRef}`)) ?? null;
  if (pull.mergedAt !== null || tip === null)
    throw invalid("PullRequest", "state", "custom", "state cannot be changed.");
  Object.assign(pull, { state: "open", closedAt: null });
  record(call, pull.number, "reopened", sender(call).account);
  call.world.emit(call.repo, call.caller, "pull_request", { action: "reopened", number: pull.number });
}

/** One pull request with what only git knows: whether it merges, and how much it changes. */
async function showOne(call: Call, pull: FakePull, status = 200): Promise<Reply> {
  return toldOf(json(showFullPull(pull, await detailsOf(call, pull), call), status), [pull]);
}

async function detailsOf(call: Call, pull: FakePull): Promise<PullDetails> {
  const { repo } = call;
  const base = await comparedBase(call, pull);
  const files = await changedFiles(repo, base, pull.headSha);
  const sum = (what: "additions" | "deletions"): number => files.reduce((all, file) => all + file[what], 0);
  return {
    ...(await mergeability(call, pull)),
    commits: (await commitsBetween(repo, base, pull.headSha)).length,
    additions: sum("additions"),
    deletions: sum("deletions"),
    changedFiles: files.length,
  };
}

/** What a pull request is compared with: the newest commit of both, also after its merge. */
function comparedBase(call: Call, pull: FakePull): Promise<string> {
  return mergeBase(call.repo, pull.mergedAt === null ? pull.baseTip : pull.baseSha, pull.headSha);
}

async function mergeability(call: Call, pull: FakePull): Promise<Pick<PullDetails, "mergeable" | "mergeableState">> {
  const state = call.repo.features.pulls;
  if (pull.state === "closed") return { mergeable: null, mergeableState: "unknown" };
  if (state.readsUntilMergeable > 0) {
    state.readsUntilMergeable -= 1;
    return { mergeable: null, mergeableState: "unknown" };
  }
  if ((await call.repo.mergeTree(pull.baseTip, pull.headSha)) === null) {
    pull.seenConflict = conflictOf(pull);
    return { mergeable: false, mergeableState: "dirty" };
  }
  if (pull.draft) return { mergeable: true, mergeableState: "draft" };
  const problems = await mergeProblems(call, pull, "merge", null);
  return { mergeable: true, mergeableState: problems.length > 0 ? "blocked" : "clean" };
}

async function listFiles(call: Call): Promise<Reply> {
  const pull = await pullOf(call);
  const files = await changedFiles(call.repo, await comparedBase(call, pull), pull.headSha);
  return page(call, files, (file) => showFile(file, call, pull.headSha));
}

async function listCommits(call: Call): Promise<Reply> {
  const pull = await pullOf(call);
  const ids = await commitsBetween(call.repo, await comparedBase(call, pull), pull.headSha);
  const shown = await Promise.all(ids.map((id) => showCommit(call, id)));
  return page(call, shown, (row) => row);
}

async function listOfCommit(call: Call): Promise<Reply> {
  const sha = found(await call.repo.commitOf(call.params["commit_sha"] ?? ""));
  const rows: FakePull[] = [];
  for (const pull of call.repo.features.pulls.all) {
    await call.repo.features.pulls.alone(() => settle(call, pull));
    const holds = await call.repo.isAncestor(sha, pull.headSha);
    const isOwn = holds && !(await call.repo.isAncestor(sha, await comparedBase(call, pull)));
    if (isOwn || pull.mergeCommit === sha) rows.push(pull);
  }
  return page(call, rows.toReversed(), (pull) => showPull(pull, call));
}
