import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { GIT_ENV } from "./run-git.ts";

/** One object of a git repository. */
export interface GitObject {
  readonly oid: string;
  readonly type: string;
  readonly bytes: Buffer;
}

/** Reads objects of one repository through one `git cat-file --batch` process that lives as long as it is needed. */
export class ObjectReader {
  readonly #path: string;
  #waiting: { readonly expression: string; readonly resolve: (found: GitObject | null) => void }[] = [];
  #child: ChildProcessWithoutNullStreams | null = null;
  #chunks: Buffer[] = [];
  #sizeBytes = 0;
  #neededBytes = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Finds an object by id or by an expression such as `main:docs/a.json`; null where there is none. */
  read(expression: string): Promise<GitObject | null> {
    if (expression === "" || /[\n\0]/.test(expression)) return Promise.resolve(null);
    return new Promise((resolve) => this.#ask(expression, resolve));
  }

  #ask(expression: string, resolve: (found: GitObject | null) => void): void {
    const child = this.#process();
    this.#waiting.push({ expression, resolve });
    child.stdin.write(`${expression}\n`);
  }

  /** Ends the process. */
  close(): void {
    this.#child?.stdin.end();
    this.#child = null;
  }

  #process(): ChildProcessWithoutNullStreams {
    if (this.#child !== null) return this.#child;
    const child = spawn("git", ["cat-file", "--batch"], { cwd: this.#path, env: GIT_ENV });
    this.#child = child;
    child.stdin.on("error", () => {});
    child.stdout.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#sizeBytes += chunk.length;
      if (this.#sizeBytes >= this.#neededBytes) this.#take();
    });
    child.on("close", () => {
      if (this.#child === child) this.#child = null;
      const [first, ...others] = this.#waiting;
      this.#waiting = [];
      this.#chunks = [];
      this.#sizeBytes = 0;
      this.#neededBytes = 0;
      // Git ends at an expression that leads through a damaged tree; whoever asked after it asks again.
      first?.resolve(null);
      for (const { expression, resolve } of others) this.#ask(expression, resolve);
    });
    return child;
  }

  #take(): void {
    let rest = Buffer.concat(this.#chunks);
    this.#neededBytes = 0;
    for (;;) {
      const end = rest.indexOf(10);
      if (end < 0) break;
      const [oid = "", type = "", size = ""] = rest.toString("utf8", 0, end).split(" ");
      const isFound = /^(?:blob|tree|commit|tag)$/.test(type) && /^\d+$/.test(size);
      const sizeBytes = isFound ? Number(size) : -1;
      if (rest.length < end + 2 + sizeBytes) {
        this.#neededBytes = end + 2 + sizeBytes;
        break;
      }
      const bytes = isFound ? Buffer.from(rest.subarray(end + 1, end + 1 + sizeBytes)) : null;
      rest = rest.subarray(end + 2 + sizeBytes);
      this.#waiting.shift()?.resolve(bytes === null ? null : { oid, type, bytes });
    }
    this.#chunks = [rest];
    this.#sizeBytes = rest.length;
  }
}
