import { createInterface } from "node:readline";
import { isOid, type Oid } from "../../kernel/oid.ts";
import { type Git, startGit } from "./git-process.ts";

/** Asks git for the ids of a first-parent history, newest first. It may say anything: grafts and caches of its own tell it what to say. */
export async function* guessFirstParents(git: Git, gitDir: string, from: Oid | null, to: Oid): AsyncGenerator<Oid> {
  const range = from === null ? [to] : [to, `^${from}`];
  const child = startGit(git, gitDir, ["rev-list", "--first-parent", ...range], "reader");
  child.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  child.stderr.resume();
  child.stdin.end();
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (!isOid(line)) return;
      yield line;
    }
  } finally {
    child.kill("SIGKILL");
  }
}
