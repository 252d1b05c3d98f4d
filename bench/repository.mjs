// Makes bare repositories for measurements, quickly, through git fast-import.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { facts, stateJson } from "./facts.mjs";

/** Environment of children: nothing of the user's git, and no extra certificates, which cost 37 ms of every start. */
export const cleanEnv = Object.fromEntries(
  Object.entries({ ...process.env, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", LC_ALL: "C" }).filter(
    ([name]) => name !== "NODE_EXTRA_CA_CERTS" && (!name.startsWith("GIT_") || name.startsWith("GIT_CONFIG_")),
  ),
);

/** A fresh folder; ext4 makes files slowly where thousands were just removed. */
export const freshFolder = () => mkdtempSync(join(tmpdir(), "waybill-bench-"));

/** Runs git and answers its output. */
export function git(cwd, ...args) {
  const done = spawnSync("git", args, { cwd, env: cleanEnv, maxBuffer: 1 << 28 });
  if (done.status !== 0) throw new Error(`git ${args.join(" ")}: ${done.stderr}`);
  return done.stdout.toString("utf8").trim();
}

/** Scope of the repositories made here. */
export const scope = { tenant_id: "acme", repo_id: "repo_bench" };

/** Makes a bare repository whose waybill/state holds so many documents in one commit, packed. */
export async function stateRepository(count) {
  const path = join(freshFolder(), "repo.git");
  git("/", "init", "--bare", "-q", "-b", "waybill/state", path);
  await importFacts(path, [["state.json", stateJson(scope)], ...facts(scope, count)]);
  return path;
}

/** Puts documents on waybill/state as one commit, on what is there. */
export async function importFacts(path, documents, seq = 1) {
  const child = spawn("git", ["fast-import", "--quiet", "--done"], {
    cwd: path,
    env: cleanEnv,
    stdio: ["pipe", "ignore", 2],
  });
  const ended = once(child, "close");
  const message = `Bench\n\nWaybill-Seq: ${seq}\nWaybill-Operation: op_bench${seq}\n`;
  const from = seq === 1 ? "" : "from refs/heads/waybill/state^0\n";
  const head = `commit refs/heads/waybill/state\ncommitter Bench <bench@waybill.invalid> 1767225600 +0000\ndata ${message.length}\n${message}${from}`;
  const parts = [head];
  for (const [file, text] of documents) {
    parts.push(`M 100644 inline ${file}\ndata ${Buffer.byteLength(text)}\n${text}\n`);
    if (parts.length < 1000) continue;
    if (!child.stdin.write(parts.splice(0).join(""))) await once(child.stdin, "drain");
  }
  child.stdin.end(`${parts.join("")}\ndone\n`);
  const [status] = await ended;
  if (status !== 0) throw new Error(`git fast-import ended with ${status}`);
}
