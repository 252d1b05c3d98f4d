// A git fast-import that answers the id of each commit as it makes it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { cleanEnv } from "./repository.mjs";

/** Starts an import into a repository; `commit` puts one on a branch, `end` moves the branches. */
export async function startImport(path) {
  const child = spawn("git", ["fast-import", "--quiet", "--force", "--done", "--cat-blob-fd=3"], {
    cwd: path,
    env: cleanEnv,
    stdio: ["pipe", "ignore", 2, "pipe"],
  });
  const ended = once(child, "close");
  const answers = createInterface({ input: child.stdio[3] })[Symbol.asyncIterator]();
  // What is still in its pack is known to it by mark only.
  const marks = new Map();
  return {
    async commit(branch, { at, who, message }, { from, merge, files }) {
      const mark = marks.size + 1;
      const head = [`commit refs/heads/${branch}`, `mark :${mark}`, `committer ${who} ${Date.parse(at) / 1000} +0000`];
      const parents = [...(from ? [`from :${marks.get(from)}`] : []), ...(merge ? [`merge :${marks.get(merge)}`] : [])];
      const data = (text) => `data ${Buffer.byteLength(text)}\n${text}\n`;
      const changes = files.map(([file, text]) =>
        text === null ? `D ${file}\n` : `M 100644 inline ${file}\n${data(text)}`,
      );
      const parts = [`${head.join("\n")}\n${data(message)}`, ...parents.map((line) => `${line}\n`), ...changes];
      child.stdin.write(`${parts.join("")}\nget-mark :${mark}\n`);
      const { value } = await answers.next();
      marks.set(value, mark);
      return value;
    },
    async end() {
      child.stdin.end("reset refs/heads/proposal\n\ndone\n");
      const [status] = await ended;
      if (status !== 0) throw new Error(`git fast-import ended with ${status}`);
    },
  };
}
