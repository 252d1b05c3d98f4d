import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import { type Git, noGit, startGit } from "./git-process.ts";
import { corrupt, missing } from "./objects.ts";

/** One question to git. `accept` sees kind and size before the content is taken, and throws to refuse it. */
interface Request {
  readonly oid: Oid;
  readonly accept: (kind: string, sizeBytes: number) => void;
  readonly resolve: (content: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

const HEADER = /^([0-9a-f]{40,64}) (?:missing|([a-z]+) ([0-9]{1,15}))$/;
/** Longer than any line that git answers. */
const MAX_HEADER = 200;

/**
 * A `git cat-file --batch` that runs as long as the store. Answers come in the order of the questions. A process that dies, or
 * that is about to send what nobody wants, is replaced, and the questions behind are asked again.
 */
export class CatFile {
  readonly #git: Git;
  readonly #gitDir: string;
  #child: ChildProcessWithoutNullStreams | null = null;
  #pending: Request[] = [];
  #unsent: string[] = [];
  #header = "";
  #target: Buffer | null = null;
  #filled = 0;
  #stderr = "";

  constructor(git: Git, gitDir: string) {
    this.#git = git;
    this.#gitDir = gitDir;
  }

  /** Content of an object as git holds it; its hash is not compared here. */
  read(oid: Oid, accept: Request["accept"]): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ oid, accept, resolve, reject });
      this.#send(oid);
    });
  }

  async close(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.stdin.end();
    await ended;
  }

  #send(oid: Oid): void {
    // Questions of one turn go out together: one system call, not one each.
    if (this.#unsent.length === 0) queueMicrotask(() => this.#flush());
    this.#unsent.push(oid);
  }

  #flush(): void {
    const lines = this.#unsent.map((oid) => `${oid}\n`).join("");
    this.#unsent = [];
    if (lines === "") return;
    this.#child ??= this.#start();
    this.#child.stdin.write(lines);
  }

  #start(): ChildProcessWithoutNullStreams {
    const child = startGit(this.#git, this.#gitDir, ["cat-file", "--batch"], "reader");
    this.#header = "";
    this.#target = null;
    this.#stderr = "";
    child.stdin.on("error", () => {});
    child.stdout.on("data", (chunk: Buffer) => {
      if (child === this.#child) this.#take(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (child === this.#child) this.#stderr = (this.#stderr + chunk.toString("utf8")).slice(-4096);
    });
    child.on("error", (cause) => this.#fail(child, () => noGit(this.#git, cause)));
    child.on("close", () => this.#fail(child, (oid) => this.#deathOf(oid)));
    return child;
  }

  #take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const child = this.#child;
      if (this.#target !== null) at += this.#fill(chunk.subarray(at));
      else {
        const end = chunk.indexOf(0x0a, at);
        this.#header += chunk.toString("latin1", at, end < 0 ? chunk.length : end);
        at = end < 0 ? chunk.length : end + 1;
        if (end >= 0 || this.#header.length > MAX_HEADER) this.#answer();
      }
      if (child !== this.#child) return;
    }
  }

  /** Copies content and, behind it, the line end that is not part of it. */
  #fill(chunk: Buffer): number {
    const target = this.#target;
    if (target === null) return 0;
    const taken = chunk.copy(target, this.#filled);
    this.#filled += taken;
    if (this.#filled === target.length) {
      this.#target = null;
      this.#pending.shift()?.resolve(target.subarray(0, target.length - 1));
    }
    return taken;
  }

  #answer(): void {
    const [, oid, kind, size] = HEADER.exec(this.#header) ?? [];
    this.#header = "";
    const [request] = this.#pending;
    if (request === undefined || oid !== request.oid)
      return this.#replace(corrupt("An answer of git", "it is not the one to our question"));
    if (kind === undefined || size === undefined) {
      this.#pending.shift();
      return request.reject(missing(request.oid));
    }
    try {
      request.accept(kind, Number(size));
      this.#target = Buffer.allocUnsafe(Number(size) + 1);
      this.#filled = 0;
    } catch (error) {
      this.#replace(error);
    }
  }

  /** Ends a process whose next bytes nobody wants, and asks the other questions again. */
  #replace(error: unknown): void {
    const child = this.#child;
    if (child === null) return;
    this.#fail(child, () => error);
    child.kill("SIGKILL");
  }

  #fail(child: ChildProcessWithoutNullStreams, why: (oid: Oid) => unknown): void {
    if (child !== this.#child) return;
    this.#child = null;
    const request = this.#pending.shift();
    request?.reject(why(request.oid));
    const sent = this.#pending.length - this.#unsent.length;
    for (const { oid } of this.#pending.slice(0, Math.max(0, sent)).toReversed()) this.#unsent.unshift(oid);
    if (this.#unsent.length > 0) queueMicrotask(() => this.#flush());
  }

  #deathOf(oid: Oid): ToolError {
    const text = printable(this.#stderr.trim(), 500);
    if (/could not fetch|promisor/i.test(text)) return missing(oid);
    if (/corrupt|inflate|unpack|mismatch|bad |truncated|garbage/i.test(text)) return corrupt(`Object ${oid}`, text);
    return new ToolError("file.unreadable", `git ended while it read the object ${oid}`, {
      data: { object: oid, output: text },
    });
  }
}
