import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import { diskErrorIn } from "./disk-errors.ts";
import { type Git, noGit, startGit } from "./git-process.ts";
import type { Algorithm } from "./objects.ts";

/** Git does not sync refs by itself, and would look in a dozen places for a branch that is named as a commit is. */
const SETTINGS = ["-c", "core.fsync=all", "-c", "core.warnAmbiguousRefs=false"];
/** What git prints once a transaction is on the disk. */
const DONE = "commit: ok\n";

/**
 * A `git update-ref --stdin` that runs as long as the store and takes one transaction after the other. It ends when one loses
 * its compare-and-swap; the next transaction starts another.
 */
export class RefUpdater {
  readonly #git: Git;
  readonly #gitDir: string;
  readonly #zero: string;
  #child: ChildProcessWithoutNullStreams | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(git: Git, gitDir: string, algorithm: Algorithm) {
    this.#git = git;
    this.#gitDir = gitDir;
    this.#zero = "0".repeat(algorithm === "sha1" ? 40 : 64);
  }

  /** Starts git, so that it is there when a ref is to be moved. */
  begin(): void {
    this.#child ??= this.#start();
  }

  /** Moves a full ref; null stands for absent. Throws `file.no_space`, `file.read_only`, `file.not_permitted`. */
  swap(ref: string, from: Oid | null, to: Oid | null): Promise<"swapped" | "lost"> {
    const command = to === null ? `delete ${ref} ${from ?? this.#zero}` : `update ${ref} ${to} ${from ?? this.#zero}`;
    const answer = this.#last.then(() => this.#run(`start\noption no-deref\n${command}\ncommit\n`));
    this.#last = answer.catch(() => {});
    return answer;
  }

  async close(): Promise<void> {
    await this.#last;
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.stdin.end();
    await ended;
  }

  #start(): ChildProcessWithoutNullStreams {
    const child = startGit(this.#git, this.#gitDir, [...SETTINGS, "update-ref", "--stdin"], "reader");
    // A process that is gone says so by its end.
    child.stdin.on("error", () => {});
    child.on("error", () => {});
    child.once("close", () => {
      if (child === this.#child) this.#child = null;
    });
    return child;
  }

  #run(transaction: string): Promise<"swapped" | "lost"> {
    const child = (this.#child ??= this.#start());
    return new Promise((resolve, reject) => {
      let stdout = "";
      let stderr = "";
      const onOut = (chunk: Buffer): void => {
        stdout += chunk.toString("latin1");
        if (!stdout.endsWith(DONE)) return;
        child.off("close", onEnd).off("error", onError);
        child.stdout.off("data", onOut);
        child.stderr.off("data", onErr);
        resolve("swapped");
      };
      const onErr = (chunk: Buffer): void => {
        stderr += chunk.toString("utf8");
      };
      const onError = (cause: unknown): void => {
        this.#child = null;
        reject(noGit(this.#git, cause));
      };
      const onEnd = (): void => {
        this.#child = null;
        const failure = failureOf(stderr);
        if (failure === null) resolve("lost");
        else reject(failure);
      };
      child.stdout.on("data", onOut);
      child.stderr.on("data", onErr);
      child.on("close", onEnd);
      child.on("error", onError);
      child.stdin.write(transaction);
    });
  }
}

/** Null where another writer was quicker, or died in the middle: the caller looks at the branch and tries again. */
function failureOf(stderr: string): ToolError | null {
  const disk = diskErrorIn(stderr, "Moving a branch");
  if (disk !== undefined) return disk;
  if (stderr === "" || /cannot lock ref|reference already exists|unable to resolve reference|File exists/.test(stderr))
    return null;
  const output = printable(stderr.trim(), 1000);
  return new ToolError("file.unreadable", "Git could not move a branch", { data: { output } });
}
