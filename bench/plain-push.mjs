// One commit more pushed by git alone: what of a push is git's own. Its receiver looks up every folder of the commit before in its packs.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { cleanEnv, freshFolder, git, importFacts } from "./repository.mjs";

const STATE = "refs/heads/waybill/state";

/** A side of a comparison: a clone that holds the tip of facts, and in each round the milliseconds of a push of one event on it. */
export async function plainPush(address) {
  const folder = freshFolder();
  git(folder, "init", "--bare", "-q", ".");
  await gitAside(folder, "fetch", "-q", "--depth=1", address, `${STATE}:${STATE}`);
  return async (round) => {
    await importFacts(folder, [[`audit/2030/01/01/00/00/aud_plain${round}.json`, "{}\n"]], round + 3);
    const began = performance.now();
    await gitAside(folder, "push", "-q", address, `${STATE}:refs/heads/plain`);
    return performance.now() - began;
  };
}

/** The server is in this process, so that nothing may wait for git here. */
async function gitAside(cwd, ...args) {
  const child = spawn("git", args, { cwd, env: cleanEnv, stdio: ["ignore", "ignore", "inherit"] });
  const [status] = await once(child, "close");
  if (status !== 0) throw new Error(`git ${args.join(" ")} ended with ${status}`);
}
