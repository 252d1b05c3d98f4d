// Made histories, kept in the user's own cache folder and made once for each scale.
import { cpSync, existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { git } from "../repository.mjs";
import { sealHistory } from "./seal.mjs";
import { writeHistory } from "./write.mjs";

/** Raised when the same scale gives another history. */
const VERSION = 2;
/** Raised when sealing gives other files. */
const SEALED_VERSION = 1;
/** Files at the tip of both branches for each commit of facts, and commits of facts for each decision, of every scale alike. */
const DOCUMENTS_PER_COMMIT = 3.79;
const COMMITS_PER_DECISION = 20;
/** Commits of facts from which on a history is packed as it was imported. */
const MANY_COMMITS = 150_000;

/** Folder of what was made; it can be removed at any time. */
const cache = () => join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "waybill-bench");

/** Path of a packed bare repository of that many commits of facts and decisions. */
export async function historyRepository(commits, decisions) {
  const path = await made(`history-v${VERSION}-${commits}-${decisions}`, async (making) => {
    git("/", "init", "--bare", "-q", "-b", "waybill/state", making);
    await writeHistory(making, commits, decisions);
    // Packing millions of objects anew takes longer than making them, and wins less than one part of a hundred.
    if (commits < MANY_COMMITS) git(making, "gc", "--quiet", "--prune=now");
    else git(making, "pack-refs", "--all");
  });
  stepTo(path, 0);
  return path;
}

/** Path of a packed bare repository with about so many documents at its tip, sealed by the product itself where that is asked for. */
export async function historyOf(documents, { sealed = false } = {}) {
  const commits = Math.ceil(documents / DOCUMENTS_PER_COMMIT);
  const decisions = Math.floor(commits / COMMITS_PER_DECISION);
  if (!sealed) return historyRepository(commits, decisions);
  return made(`history-v${VERSION}-${commits}-${decisions}-sealed-v${SEALED_VERSION}`, async (making) => {
    linkRepository(await historyRepository(commits, decisions), making);
    await sealHistory(making);
  });
}

/** Moves both branches to so many decisions after the history. */
export function stepTo(path, step) {
  for (const branch of ["state", "decisions"])
    git(path, "update-ref", `refs/heads/waybill/${branch}`, `refs/bench/${step}/${branch}`);
}

/** Path of a history of one's own to write to, beside the cached one, whose packs it shares; `remove` takes it away. */
export async function ownHistory(documents, options) {
  const from = await historyOf(documents, options);
  const path = join(cache(), `own-${process.pid}-${own++}.git`);
  linkRepository(from, path);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

let own = 0;

async function made(name, make) {
  const path = join(cache(), `${name}.git`);
  if (existsSync(path)) return path;
  const making = `${path}.${process.pid}`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(cache(), { recursive: true });
  await make(making);
  // Another run may have made the same in the meantime.
  if (existsSync(path)) rmSync(making, { recursive: true, force: true });
  else renameSync(making, path);
  return path;
}

/** Copies a repository; packs, which never change, are links. */
function linkRepository(from, to) {
  const isPack = (source) => source.startsWith(join(from, "objects", "pack") + "/");
  cpSync(from, to, { recursive: true, filter: (source) => !isPack(source) });
  const packs = join("objects", "pack");
  for (const name of readdirSync(join(from, packs))) linkSync(join(from, packs, name), join(to, packs, name));
}
