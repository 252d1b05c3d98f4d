import { changedFiles } from "../model/diff.ts";
import type { Call, Reply, Routes } from "../route.ts";
import { countedPage, found, json, page } from "./answers.ts";
import { param } from "./body.ts";
import { showCommit } from "./show-commit.ts";
import { showFile } from "./show-file.ts";
import { repoUrl } from "./show-repository.ts";
import { nodeId } from "./show-user.ts";

/** Commits, tags, and checks, of which the stand-in has none. */
export const commits: Routes = {
  "repos/get-commit": get,
  "repos/list-commits": list,
  "repos/list-tags": listTags,
  "checks/list-for-ref": async (call) => {
    await commitOf(call, param(call, "ref"));
    return countedPage(call, "check_runs", [], (row) => row);
  },
};

/** The empty tree, with which a first commit is compared. */
const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

async function commitOf(call: Call, name: string): Promise<string> {
  return found((await call.repo.commitOf(`refs/heads/${name}`)) ?? (await call.repo.commitOf(name)));
}

async function get(call: Call): Promise<Reply> {
  const sha = await commitOf(call, param(call, "ref"));
  const accept = call.headers["accept"] ?? "";
  if (accept.includes("sha"))
    return {
      status: 200,
      body: Buffer.from(sha),
      headers: { "content-type": "application/vnd.github.sha; charset=utf-8" },
    };
  const [, parent = EMPTY_TREE] = (await call.repo.git(["rev-list", "--parents", "-n", "1", sha])).split(" ");
  const files = await changedFiles(call.repo, parent, sha);
  const sum = (what: "additions" | "deletions"): number => files.reduce((all, file) => all + file[what], 0);
  const stats = {
    additions: sum("additions"),
    deletions: sum("deletions"),
    total: sum("additions") + sum("deletions"),
  };
  return json({ ...(await showCommit(call, sha)), stats, files: files.map((file) => showFile(file, call, sha)) });
}

async function list(call: Call): Promise<Reply> {
  const sha = await commitOf(call, call.query.get("sha") ?? call.repo.defaultBranch);
  const path = call.query.get("path");
  const all = await call.repo.git(["rev-list", sha, ...(path === null ? [] : ["--", path])]);
  const ids = page(
    call,
    all.split("\n").filter((line) => line !== ""),
    (id) => id,
  );
  const rows: unknown[] = Array.isArray(ids.body) ? ids.body : [];
  return { ...ids, body: await Promise.all(rows.map((id) => showCommit(call, String(id)))) };
}

async function listTags(call: Call): Promise<Reply> {
  const url = repoUrl(call.repo, call.world);
  const tags = await call.repo.refs("refs/tags/");
  const rows = await Promise.all(
    tags.toReversed().map(async ({ ref }) => {
      const name = ref.slice("refs/tags/".length);
      const sha = await call.repo.commitOf(ref);
      const [zipball_url, tarball_url] = [`${url}/zipball/${ref}`, `${url}/tarball/${ref}`];
      return {
        name,
        zipball_url,
        tarball_url,
        commit: { sha, url: `${url}/commits/${sha}` },
        node_id: nodeId("REF", ref),
      };
    }),
  );
  return page(call, rows, (row) => row);
}
