import { type TreeEdit } from "./bare-repository.ts";
import {
  type Identity,
  identityOf,
  parseCommit,
  parseIdentity,
  printIdentity,
  utcTime,
  webFlow,
} from "./commit-object.ts";
import type { FakeRepository } from "./repository.ts";
import type { Call, Reply, Routes } from "./route.ts";
import { found, json, notFound, refusal, refusedText } from "./routes/answers.ts";
import { type Fields, fields, isFields, param, text, texts } from "./routes/body.ts";
import { nodeId } from "./routes/show-user.ts";
import { typeOfMode } from "./tree-object.ts";

/** Blobs, trees, commits and tags of the git database, with the ids that git itself gives. */
export const gitObjectRoutes: Routes = {
  "git/get-blob": getBlob,
  "git/create-blob": createBlob,
  "git/get-tree": getTree,
  "git/create-tree": createTree,
  "git/get-commit": async (call) => json(await showGitCommit(call, param(call, "commit_sha"))),
  "git/create-commit": createCommit,
  "git/get-tag": async (call) => json(await showTag(call, param(call, "tag_sha"))),
  "git/create-tag": createTag,
};

/** The address of something of git in the API. */
export function gitUrl(call: Call, rest: string): string {
  return `${call.world.urls.api}/repos/${call.repo.fullName}/git/${rest}`;
}

const BEGUN = new WeakSet<FakeRepository>();

/** GitHub makes no objects in a repository without a commit. */
async function refuseEmpty(call: Call): Promise<void> {
  if (BEGUN.has(call.repo)) return;
  if ((await call.repo.refs()).length === 0) throw refusal(409, "Git Repository is empty.");
  BEGUN.add(call.repo);
}

async function getBlob(call: Call): Promise<Reply> {
  const sha = param(call, "file_sha");
  const blob = await call.repo.object(sha);
  if (blob?.type !== "blob" || blob.oid !== sha) throw notFound();
  if (/application\/vnd\.github\.(?:v3\.)?raw/.test(call.headers["accept"] ?? "")) {
    return { status: 200, body: blob.bytes, headers: { "content-type": "application/vnd.github.raw; charset=utf-8" } };
  }
  const content = blob.bytes.toString("base64").replaceAll(/.{1,60}/g, "$&\n");
  const url = gitUrl(call, `blobs/${sha}`);
  return json({ sha, node_id: nodeId("B", sha), size: blob.bytes.length, url, content, encoding: "base64" });
}

async function createBlob(call: Call): Promise<Reply> {
  await refuseEmpty(call);
  const body = fields(call);
  const encoding = text(body, "encoding") === "base64" ? "base64" : "utf8";
  const sha = await call.repo.writeObject("blob", Buffer.from(text(body, "content") ?? "", encoding));
  return json({ sha, url: gitUrl(call, `blobs/${sha}`) }, 201);
}

async function getTree(call: Call): Promise<Reply> {
  const tree = await call.repo.object(`${param(call, "tree_sha")}^{tree}`);
  return json(await showTree(call, found(tree).oid, call.query.has("recursive")));
}

async function showTree(call: Call, sha: string, isRecursive = false): Promise<unknown> {
  const listing = await call.repo.git(["ls-tree", "-z", "--long", ...(isRecursive ? ["-r", "-t"] : []), sha]);
  const tree = listing.split("\0").flatMap((line) => {
    const [, mode = "", type = "", oid = "", size = "", path = ""] =
      /^(\d+) (\w+) (\w+) +(\S+)\t(.*)$/s.exec(line) ?? [];
    if (path === "") return [];
    const known = size === "-" ? {} : { size: Number(size) };
    return [{ path, mode, type, sha: oid, ...known, url: gitUrl(call, `${type}s/${oid}`) }];
  });
  return { sha, url: gitUrl(call, `trees/${sha}`), tree, truncated: false };
}

async function createTree(call: Call): Promise<Reply> {
  await refuseEmpty(call);
  const body = fields(call);
  const base = text(body, "base_tree");
  const baseTree = base === undefined ? null : await call.repo.resolve(`${base}^{tree}`);
  if (base !== undefined && baseTree === null) throw refusedText("base_tree is not a valid tree oid");
  const entries = Array.isArray(body["tree"]) ? body["tree"] : [];
  const edits = new Map<string, TreeEdit>();
  for (const entry of entries.filter(isFields)) edits.set(pathOf(entry), await editOf(call, entry));
  const sha = await call.repo.editTree(baseTree, edits);
  return json(await showTree(call, sha), 201);
}

function pathOf(entry: Fields): string {
  const path = text(entry, "path") ?? "";
  const isPlain = path.split("/").every((part) => part !== "" && part !== "." && part !== ".." && part !== ".git");
  if (!isPlain) throw refusedText("tree.path contains a malformed path component");
  return path;
}

async function editOf(call: Call, entry: Fields): Promise<TreeEdit> {
  const [mode = "100644", sha, content] = [text(entry, "mode"), entry["sha"], text(entry, "content")];
  if (sha === null) return null;
  if (typeof sha !== "string") return { mode, oid: await call.repo.writeObject("blob", Buffer.from(content ?? "")) };
  const held = await call.repo.object(sha);
  const isMeant = mode === "160000" || (held?.oid === sha && held.type === typeOfMode(mode));
  if (!isMeant) throw refusedText(`tree.sha ${sha} is not a valid ${typeOfMode(mode)}`);
  return { mode, oid: sha };
}

/** A commit as the git database shows it. */
async function showGitCommit(call: Call, sha: string): Promise<unknown> {
  const object = await call.repo.object(sha);
  if (object?.type !== "commit" || object.oid !== sha) throw notFound();
  const commit = parseCommit(object.bytes);
  const page = `${call.world.urls.server}/${call.repo.fullName}/commit`;
  const person = (who: typeof commit.author): object => ({ name: who.name, email: who.email, date: utcTime(who.at) });
  return {
    sha,
    node_id: nodeId("C", sha),
    url: gitUrl(call, `commits/${sha}`),
    html_url: `${page}/${sha}`,
    author: person(commit.author),
    committer: person(commit.committer),
    tree: { sha: commit.tree, url: gitUrl(call, `trees/${commit.tree}`) },
    message: commit.message.replace(/\n$/, ""),
    parents: commit.parents.map((parent) => ({
      sha: parent,
      url: gitUrl(call, `commits/${parent}`),
      html_url: `${page}/${parent}`,
    })),
    verification: verificationOf(commit.signature, commit.payload, utcTime(commit.committer.at)),
  };
}

function verificationOf(signature: string | null, payload: string | null, at: string): unknown {
  const isSigned = signature !== null;
  return {
    verified: isSigned,
    reason: isSigned ? "valid" : "unsigned",
    signature,
    payload,
    verified_at: isSigned ? at : null,
  };
}

async function createCommit(call: Call): Promise<Reply> {
  await refuseEmpty(call);
  const body = fields(call);
  const tree = await call.repo.object(text(body, "tree") ?? "");
  if (tree?.type !== "tree") throw refusedText("Tree SHA does not exist");
  const parents = texts(body, "parents");
  for (const parent of parents) {
    if ((await call.repo.object(parent))?.type !== "commit")
      throw refusedText("Parent SHA does not exist or is not a commit object");
  }
  const caller = found(call.caller);
  const now = call.world.now();
  const own = identityOf(caller.account, now);
  // GitHub signs what an App or a workflow commits under its own name, and nothing else that comes this way.
  const isSigned = caller.kind !== "user" && body["author"] === undefined && body["committer"] === undefined;
  const author = personOf(body["author"], own);
  const committer = isSigned ? webFlow(now) : personOf(body["committer"], author);
  const message = text(body, "message") ?? "";
  const sha = await call.repo.commitTree({ tree: tree.oid, parents, message, author, committer, isSigned });
  return json(await showGitCommit(call, sha), 201);
}

/** Reads a person; a time keeps the zone that it is written in. */
function personOf(value: unknown, otherwise: Identity): Identity {
  if (!isFields(value)) return otherwise;
  const date = text(value, "date");
  const zone = /([+-]\d\d):(\d\d)$/
    .exec(date ?? "")
    ?.slice(1)
    .join("");
  const at = date === undefined ? otherwise.at : new Date(date);
  const { name, email } = {
    name: text(value, "name") ?? otherwise.name,
    email: text(value, "email") ?? otherwise.email,
  };
  return { name, email, at, ...(zone === undefined ? {} : { zone }) };
}

async function createTag(call: Call): Promise<Reply> {
  const body = fields(call);
  const [tag = "", target = "", type = "commit"] = [text(body, "tag"), text(body, "object"), text(body, "type")];
  if ((await call.repo.object(target))?.type !== type) throw refusedText("Object does not exist");
  const tagger = personOf(body["tagger"], identityOf(found(call.caller).account, call.world.now()));
  const head = `object ${target}\ntype ${type}\ntag ${tag}\ntagger ${printIdentity(tagger)}`;
  const sha = await call.repo.writeObject("tag", Buffer.from(`${head}\n\n${text(body, "message") ?? ""}`));
  return json(await showTag(call, sha), 201);
}

async function showTag(call: Call, sha: string): Promise<unknown> {
  const object = await call.repo.object(sha);
  if (object?.type !== "tag" || object.oid !== sha) throw notFound();
  const whole = object.bytes.toString("utf8");
  const end = whole.indexOf("\n\n");
  const header = (name: string): string => new RegExp(`^${name} (.*)$`, "m").exec(whole.slice(0, end))?.[1] ?? "";
  const { name, email, at } = parseIdentity(header("tagger"));
  return {
    node_id: nodeId("TA", sha),
    sha,
    url: gitUrl(call, `tags/${sha}`),
    tag: header("tag"),
    message: whole.slice(end + 2).replace(/\n$/, ""),
    tagger: { name, email, date: utcTime(at) },
    object: {
      sha: header("object"),
      type: header("type"),
      url: gitUrl(call, `${header("type")}s/${header("object")}`),
    },
    verification: verificationOf(null, null, ""),
  };
}
