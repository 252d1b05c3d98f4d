import { NO_OBJECT, type TreeEdit } from "./bare-repository.ts";
import { identityOf, parseCommit, webFlow } from "./commit-object.ts";
import { type Asking, objectView, Problem, refView } from "./graphql-objects.ts";
import { moveRef, moveRefs } from "./move-ref.ts";
import type { FakeRepository, RefMove } from "./repository.ts";
import { ruleViolations } from "./routes/ref.ts";
import { nodeId } from "./routes/show-user.ts";
import { denialOfNeed, mayRead } from "./tokens.ts";

interface CommitInput {
  readonly branch: {
    readonly branchName?: string | null;
    readonly repositoryNameWithOwner?: string | null;
    readonly id?: string | null;
  };
  readonly clientMutationId?: string | null;
  readonly expectedHeadOid: string;
  readonly fileChanges?: {
    readonly additions?: readonly { readonly path: string; readonly contents: string }[] | null;
    readonly deletions?: readonly { readonly path: string }[] | null;
  } | null;
  readonly message: { readonly headline: string; readonly body?: string | null };
}

interface RefUpdate {
  readonly name: string;
  readonly beforeOid?: string | null;
  readonly afterOid: string;
  readonly force?: boolean | null;
}

/** Fields of the root of mutations. */
export function mutations(asking: Asking): object {
  type Input<T> = { readonly input: T & { readonly clientMutationId?: string | null } };
  const done = (input: { readonly clientMutationId?: string | null }): object => ({
    clientMutationId: input.clientMutationId ?? null,
  });
  return {
    createCommitOnBranch: ({ input }: Input<CommitInput>) => createCommit(asking, input),
    createRef: async ({ input }: Input<{ repositoryId: string; name: string; oid: string }>) => {
      const repo = repositoryWithId(asking, input.repositoryId);
      await move(
        asking,
        repo,
        { ref: input.name, from: null, to: input.oid },
        `A ref named "${input.name}" already exists in the repository.`,
      );
      return { ...done(input), ref: refView(repo, { ref: input.name, oid: input.oid }, asking) };
    },
    updateRef: async ({ input }: Input<{ refId: string; oid: string; force?: boolean | null }>) => {
      const { repo, ref, oid: from } = await refWithId(asking, input.refId);
      await refuseRewrite(repo, from, input.oid, input.force === true);
      await move(asking, repo, { ref, from, to: input.oid }, "Reference cannot be updated");
      return { ...done(input), ref: refView(repo, { ref, oid: input.oid }, asking) };
    },
    deleteRef: async ({ input }: Input<{ refId: string }>) => {
      const { repo, ref, oid } = await refWithId(asking, input.refId);
      await move(asking, repo, { ref, from: oid, to: null }, "Reference does not exist");
      return done(input);
    },
    updateRefs: async ({ input }: Input<{ repositoryId: string; refUpdates: readonly RefUpdate[] }>) => {
      const repo = repositoryWithId(asking, input.repositoryId);
      const moves: RefMove[] = [];
      for (const update of input.refUpdates) moves.push(await moveOf(repo, update));
      await move(asking, repo, moves, "Expected refs to stand elsewhere");
      return done(input);
    },
  };
}

/** What one update wants; throws where the ref stands elsewhere, or would be rewritten without `force`. */
async function moveOf(repo: FakeRepository, update: RefUpdate): Promise<RefMove> {
  const now = await repo.ref(update.name);
  const before = update.beforeOid ?? now ?? NO_OBJECT;
  const from = before === NO_OBJECT ? null : before;
  const to = update.afterOid === NO_OBJECT ? null : update.afterOid;
  if (now !== from)
    throw new Problem("UNPROCESSABLE", `Expected ref ${update.name} to point to "${before}" but it did not`);
  if (to !== null) await refuseRewrite(repo, from, to, update.force === true);
  return { ref: update.name, from, to };
}

async function refuseRewrite(
  repo: FakeRepository,
  from: string | null,
  to: string,
  mayRewrite: boolean,
): Promise<void> {
  if ((await repo.resolve(to)) !== to) throw new Problem("UNPROCESSABLE", `Object ${to} does not exist`);
  if (from === null || mayRewrite || (await repo.isAncestor(from, to))) return;
  throw new Problem("UNPROCESSABLE", "Update is not a fast forward");
}

async function move(
  asking: Asking,
  repo: FakeRepository,
  wanted: RefMove | readonly RefMove[],
  stale: string,
): Promise<void> {
  refuseWriter(asking, repo);
  const moved = await moveRefs(asking.world, repo, asking.caller, [wanted].flat());
  if (moved === "stale") throw new Problem("UNPROCESSABLE", stale);
  if (typeof moved === "object") throw new Problem("UNPROCESSABLE", ruleViolations([moved.refused]));
}

function refuseWriter({ caller }: Asking, repo: FakeRepository): void {
  const denial = denialOfNeed({ any: ["contents"], level: "write" }, repo, caller);
  if (denial !== null)
    throw new Problem("FORBIDDEN", caller.kind === "user" ? denial.message : "Resource not accessible by integration");
}

function repositoryWithId({ world, caller }: Asking, id: string): FakeRepository {
  const found = world.repositories.find((each) => nodeId("R", each.id) === id);
  if (found === undefined || !mayRead(found, caller)) {
    throw new Problem("NOT_FOUND", `Could not resolve to a node with the global id of '${id}'`);
  }
  return found;
}

async function refWithId(asking: Asking, id: string): Promise<{ repo: FakeRepository; ref: string; oid: string }> {
  const [repoId = "", ...rest] = Buffer.from(id.replace(/^REF_/, ""), "base64url").toString("utf8").split(":");
  const repo = repositoryWithId(asking, nodeId("R", repoId));
  const ref = rest.join(":");
  const oid = await repo.ref(ref);
  if (oid === null) throw new Problem("NOT_FOUND", `Could not resolve to a node with the global id of '${id}'`);
  return { repo, ref, oid };
}

/** The branch of a `CommittableBranch`: by id, or by names. */
async function branchOf(
  asking: Asking,
  { id, branchName, repositoryNameWithOwner }: CommitInput["branch"],
): Promise<{ repo: FakeRepository; ref: string }> {
  if (typeof id === "string") return await refWithId(asking, id);
  const [owner = "", name = ""] = (repositoryNameWithOwner ?? "").split("/");
  const repo = asking.world.repository(owner, name);
  if (repo === null || !mayRead(repo, asking.caller)) {
    throw new Problem(
      "NOT_FOUND",
      `Could not resolve to a Repository with the name '${repositoryNameWithOwner ?? ""}'.`,
    );
  }
  return { repo, ref: `refs/heads/${(branchName ?? "").replace(/^refs\/heads\//, "")}` };
}

/** Commits files onto a branch that must stand where the caller expects it; GitHub signs and dates the commit. */
async function createCommit(asking: Asking, input: CommitInput): Promise<object> {
  const { world, caller } = asking;
  const { repo, ref } = await branchOf(asking, input.branch);
  refuseWriter(asking, repo);
  const head = await repo.ref(ref);
  if (head === null) throw new Problem("NOT_FOUND", `A branch named "${ref.slice(11)}" was not found`);
  const stale = new Problem(
    "STALE_DATA",
    `Expected branch to point to "${input.expectedHeadOid}" but it did not. Pull and try again.`,
  );
  if (head !== input.expectedHeadOid) throw stale;
  const tree = await treeWith(repo, head, input);
  const { headline, body } = input.message;
  const message = typeof body === "string" && body !== "" ? `${headline}\n\n${body}` : headline;
  const now = world.now();
  const author = identityOf(caller.account, now);
  const oid = await repo.commitTree({
    tree,
    parents: [head],
    message,
    author,
    committer: webFlow(now),
    isSigned: true,
  });
  const moved = await moveRef(world, repo, caller, { ref, from: head, to: oid });
  if (moved === "stale") throw stale;
  if (typeof moved === "object") throw new Problem("UNPROCESSABLE", ruleViolations([moved.refused]));
  const commit = await repo.object(oid);
  return {
    clientMutationId: input.clientMutationId ?? null,
    commit: commit === null ? null : objectView(repo, commit, asking),
    ref: refView(repo, { ref, oid }, asking),
  };
}

async function treeWith(repo: FakeRepository, head: string, { fileChanges }: CommitInput): Promise<string> {
  const commit = await repo.object(head);
  const base = commit === null ? "" : parseCommit(commit.bytes).tree;
  const edits = new Map<string, TreeEdit>();
  for (const { path } of fileChanges?.deletions ?? []) {
    if ((await repo.resolve(`${head}:${path}`)) === null)
      throw new Problem(
        "UNPROCESSABLE",
        `A path was requested for deletion which does not exist as of commit oid \`${head}\``,
      );
    edits.set(path, null);
  }
  for (const { path, contents } of fileChanges?.additions ?? []) {
    const mode = await modeAt(repo, base, path);
    edits.set(path, { mode, oid: await repo.writeObject("blob", Buffer.from(contents, "base64")) });
  }
  return await repo.editTree(base, edits);
}

/** A file that is there keeps its mode. */
async function modeAt(repo: FakeRepository, tree: string, path: string): Promise<string> {
  const slash = path.lastIndexOf("/");
  const folder = await repo.resolve(`${tree}:${path.slice(0, Math.max(0, slash))}`);
  const entries = folder === null ? [] : await repo.tree(folder).catch(() => []);
  const mode = entries.find((each) => each.name === path.slice(slash + 1))?.mode;
  return mode === "100755" ? mode : "100644";
}
