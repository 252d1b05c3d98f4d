import { ToolError } from "../../../kernel/errors.ts";
import type { Oid } from "../../../kernel/oid.ts";
import { timestamp } from "../../../kernel/time.ts";
import type { Clock } from "../../../ports/clock.ts";
import { decodeCommit } from "../../git/commit.ts";
import { corrupt, type GitObject, oidOf } from "../../git/objects.ts";
import { isFolder, type TreeEntry } from "../../git/tree-entry.ts";
import { decodeTree } from "../../git/tree.ts";
import type { Asker } from "./asker.ts";
import { storeFailure } from "./failures.ts";
import { isUnknown } from "../until-known.ts";

/** A blob up to this size that is UTF-8 travels inside the tree; so many bytes of them do. */
const INLINE_BYTES = 64 * 1024;
const INLINE_TOTAL = 2 * 1024 * 1024;
/** Blobs that are sent at the same time, and tries of one request that has no answer: making an object twice makes it once. */
const PARALLEL = 4;
const MAX_TRIES = 4;
const FIRST_WAIT_MS = 250;

type Mode = "100644" | "100755" | "040000" | "160000" | "120000";
type Leaf = { path: string; mode: Mode; type: "blob" | "tree" | "commit" } & ({ sha: string } | { content: string });

/**
 * Makes trees and their blobs at GitHub: one request for all trees, and one for each blob that is large or no text. The root is the
 * tree that no other of them holds; entries that were there before go along by id.
 */
export async function writeTrees(asker: Asker, clock: Clock, objects: readonly GitObject[]): Promise<void> {
  const made = new Map(objects.map((object) => [object.oid, object]));
  const root = rootOf(objects);
  if (root === null || root.content.length === 0) return;
  const leaves = leavesOf(root, made);
  const apart = blobsApart(leaves);
  const queue = apart.values();
  const send = async (): Promise<void> => {
    for (const leaf of queue) await writeBlob(asker, clock, leaf);
  };
  await Promise.all(Array.from({ length: PARALLEL }, send));
  const separate = new Set(apart);
  const tree = leaves.map(({ path, mode, entry, blob }): Leaf => {
    const type = isFolder(entry) ? "tree" : entry.mode === "160000" ? "commit" : "blob";
    return blob === null || separate.has(blob)
      ? { path, mode, type, sha: entry.oid }
      : { path, mode, type, content: Buffer.from(blob.content).toString("utf8") };
  });
  const { owner, repo } = asker.client.at;
  const sha = await persistent(asker, clock, "Writing a tree", async () => {
    const { data } = await asker.client.request("POST /repos/{owner}/{repo}/git/trees", { owner, repo, tree });
    return data.sha;
  });
  if (sha !== root.oid) throw corrupt(`Tree ${root.oid}`, "GitHub made another one");
}

/** Makes a commit at GitHub and answers its id, which is ours unless GitHub writes one of its parts in another way. */
export async function writeCommit(asker: Asker, clock: Clock, object: GitObject): Promise<Oid> {
  const { tree, parents } = decodeCommit(object.oid, object.content);
  const { owner, repo } = asker.client.at;
  const { message, author, committer } = partsOf(object);
  const data = await persistent(asker, clock, "Writing a commit", async () => {
    const asked = { owner, repo, message, tree, parents: [...parents], author, committer };
    return (await asker.client.request("POST /repos/{owner}/{repo}/git/commits", asked)).data;
  });
  const isMeant = data.tree.sha === tree && data.parents.map(({ sha }) => sha).join() === parents.join();
  if (!isMeant) throw corrupt(`Commit ${data.sha}`, "GitHub made it of another tree or other parents");
  return oidOf(data.sha, "A new commit");
}

interface LeafOf {
  readonly path: string;
  readonly mode: Mode;
  readonly entry: TreeEntry;
  /** What is new at the path; null where the repository has it. */
  readonly blob: GitObject | null;
}

function rootOf(objects: readonly GitObject[]): GitObject | null {
  const trees = objects.filter(({ kind }) => kind === "tree");
  const held = new Set(trees.flatMap(({ oid, content }) => entriesOf(oid, content).map((entry) => entry.oid)));
  return trees.find(({ oid }) => !held.has(oid)) ?? null;
}

function entriesOf(oid: Oid, content: Uint8Array): readonly TreeEntry[] {
  return decodeTree(oid, content, "sha1", Number.POSITIVE_INFINITY).entries;
}

/** What stands in the new trees, with whole paths; a folder that was there before is one line. */
function leavesOf(root: GitObject, made: ReadonlyMap<Oid, GitObject>, folder = ""): readonly LeafOf[] {
  return entriesOf(root.oid, root.content).flatMap((entry) => {
    if (entry.raw !== null) throw unnameable(folder);
    const path = folder + entry.name;
    const object = made.get(entry.oid) ?? null;
    if (object !== null && isFolder(entry)) return leavesOf(object, made, `${path}/`);
    return [{ path, mode: entry.mode.padStart(6, "0") as Mode, entry, blob: object }];
  });
}

/** New blobs that cannot travel inside the tree. */
function blobsApart(leaves: readonly LeafOf[]): readonly GitObject[] {
  let total = 0;
  return leaves
    .map(({ blob }) => blob)
    .filter((blob) => blob !== null)
    .filter(({ content }) => {
      if (content.length > INLINE_BYTES || !isText(content)) return true;
      total += content.length;
      return total > INLINE_TOTAL;
    });
}

function isText(content: Uint8Array): boolean {
  const bytes = Buffer.from(content);
  return Buffer.from(bytes.toString("utf8"), "utf8").equals(bytes);
}

async function writeBlob(asker: Asker, clock: Clock, { oid, content }: GitObject): Promise<void> {
  const { owner, repo } = asker.client.at;
  const asked = { owner, repo, content: Buffer.from(content).toString("base64"), encoding: "base64" };
  const sha = await persistent(asker, clock, "Writing a blob", async () => {
    return (await asker.client.request("POST /repos/{owner}/{repo}/git/blobs", asked)).data.sha;
  });
  if (sha !== oid) throw corrupt(`Blob ${oid}`, "GitHub made another one");
}

interface Signer {
  readonly name: string;
  readonly email: string;
  readonly date: string;
}

/** Parts of a commit of ours, as GitHub wants them. */
function partsOf({ oid, content }: GitObject): { message: string; author: Signer; committer: Signer } {
  const text = Buffer.from(content).toString("utf8");
  const end = text.indexOf("\n\n");
  const head = text.slice(0, end).split("\n");
  const signer = (role: string): Signer => {
    const line = head.find((each) => each.startsWith(`${role} `)) ?? "";
    const [, name, email, seconds] = /^[a-z]+ (.*) <(.*)> ([0-9]+) \+0000$/.exec(line) ?? [];
    if (name === undefined || email === undefined) throw corrupt(`Commit ${oid}`, `its ${role} line is not ours`);
    return { name, email, date: timestamp(new Date(Number(seconds) * 1000)) };
  };
  return { message: text.slice(end + 2), author: signer("author"), committer: signer("committer") };
}

/** Sends a request that makes an object until it is answered, a bounded number of times. */
async function persistent<T>(asker: Asker, clock: Clock, doing: string, send: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await send();
    } catch (cause) {
      if (!isUnknown(cause) || tries === MAX_TRIES) throw storeFailure(cause, asker.location, doing);
      await clock.sleep(FIRST_WAIT_MS * 2 ** (tries - 1));
    }
  }
}

function unnameable(folder: string): ToolError {
  return new ToolError("state.repository.unsupported", `${folder || "The root"} holds a name that is not UTF-8`, {
    data: { folder },
    hints: ["Write through a clone: --driver native"],
  });
}
