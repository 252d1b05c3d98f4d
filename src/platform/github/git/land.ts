import { ToolError } from "../../../kernel/errors.ts";
import type { Oid } from "../../../kernel/oid.ts";
import { CLOCK_LEEWAY_MS, msOf } from "../../../kernel/time.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Change } from "../../../ports/git-store.ts";
import { commitMessage } from "../../git/commit.ts";
import type { ObjectDatabase } from "../../git/object-database.ts";
import { corrupt, oidOf } from "../../git/objects.ts";
import { locate } from "../../git/read.ts";
import { splice } from "../../git/splice.ts";
import type { Landed } from "../../git/store-parts.ts";
import { FILE, FOLDER } from "../../git/tree-entry.ts";
import { type CommitAnswer, MADE } from "./answers.ts";
import { folderOf } from "./ahead.ts";
import { type Asker, cutShort } from "./asker.ts";
import { swapFailure } from "./failures.ts";
import type { ForgeObjects } from "./forge-objects.ts";

/** Bytes and files that one mutation carries; more goes the way of single objects. GitHub does not say where its own limit is. */
const MUTATION_BYTES = 8 * 1024 * 1024;
const MUTATION_FILES = 500;

/** Appends one commit to a branch that is at `expectedHeadOid`, else answers STALE_DATA; GitHub signs and dates it. */
const LAND = `mutation ($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { ...Made } } }
${MADE}`;

interface LandAnswer {
  readonly createCommitOnBranch?: { readonly commit: CommitAnswer | null } | null;
}

/** What landing needs. */
export interface LandOn {
  readonly asker: Asker;
  readonly raw: ForgeObjects;
  readonly objects: ObjectDatabase;
  readonly clock: Clock;
}

/**
 * Puts a change on a branch by one mutation; null where that cannot make exactly this change. The tree that GitHub made is
 * compared with the one that was meant. Throws `state.clock.ahead` where the parent is dated in the future.
 */
export async function landChange(
  { asker, raw, objects, clock }: LandOn,
  branch: string,
  head: Oid,
  change: Change,
  deadline: Date,
): Promise<Landed | null> {
  const first = await objects.commit(head);
  const spliced = await splice(objects, first.tree, change.writes);
  const fileChanges = change.merge === undefined ? await fileChangesOf(objects, first.tree, change.writes) : null;
  if (fileChanges === null) return null;
  await waitForParent(asker, clock, branch, first.at, deadline);
  const [headline = "", ...body] = commitMessage({ first, act: change.act, message: change.message }).split("\n");
  const input = {
    branch: { repositoryNameWithOwner: asker.location, branchName: branch },
    expectedHeadOid: head,
    message: { headline, body: body.join("\n").trim() },
    fileChanges,
  };
  let commit: CommitAnswer | null | undefined;
  try {
    const answer = (await asker.client.graphql(LAND, { input })) as LandAnswer | undefined;
    commit = answer?.createCommitOnBranch?.commit;
    if (commit === null || commit === undefined) throw cutShort(asker.client.at.apiUrl);
  } catch (cause) {
    return swapFailure(cause, asker.location, branch);
  }
  const oid = oidOf(commit.oid, "A new commit");
  if (commit.tree.oid !== spliced.tree) throw corrupt(`Commit ${oid}`, "GitHub made another tree than was asked for");
  raw.known.keep(spliced.objects);
  raw.known.take(commit);
  return { commit: oid };
}

/** Files as the mutation takes them; null where it would not make the tree that is meant. */
async function fileChangesOf(objects: ObjectDatabase, tree: Oid, writes: Change["writes"]) {
  const additions: { readonly path: string; readonly contents: string }[] = [];
  const deletions: { readonly path: string }[] = [];
  let sizeBytes = 0;
  for (const [path, content] of writes) {
    const mode = await modeAt(objects, tree, path);
    // It keeps the mode of a file that is there, refuses to remove one that is not, and knows no folders.
    if (content !== null && mode !== null && mode !== FILE) return null;
    if (content === null && mode === FOLDER) return null;
    if (content !== null) additions.push({ path, contents: Buffer.from(content).toString("base64") });
    else if (mode !== null) deletions.push({ path });
    sizeBytes += content?.length ?? 0;
  }
  const isSmall = sizeBytes <= MUTATION_BYTES && writes.size <= MUTATION_FILES;
  return isSmall ? { additions, deletions } : null;
}

async function modeAt(objects: ObjectDatabase, tree: Oid, path: string): Promise<string | null> {
  const folder = await locate(objects, tree, folderOf(path));
  if (folder?.kind !== "folder") return null;
  const name = path.slice(path.lastIndexOf("/") + 1);
  return (await objects.tree(folder.oid)).find(name)?.mode ?? null;
}

/** Waits until GitHub's clock has nearly come to the parent's time, where the deadline allows it. */
async function waitForParent(asker: Asker, clock: Clock, branch: string, at: string, deadline: Date): Promise<void> {
  const aheadMs = msOf(at) - CLOCK_LEEWAY_MS - asker.now().getTime();
  if (aheadMs <= 0) return;
  if (clock.now().getTime() + aheadMs < deadline.getTime()) return clock.sleep(aheadMs);
  throw new ToolError(
    "state.clock.ahead",
    `The tip of ${branch} is dated ${at}, which GitHub's clock has not come to`,
    {
      data: { branch, at, ahead_seconds: Math.ceil((aheadMs + CLOCK_LEEWAY_MS) / 1000) },
      hints: [
        "Wait until then, or write through a clone: --driver native",
        "Set the clock of the machine that wrote it",
      ],
    },
  );
}
