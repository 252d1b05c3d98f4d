import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import { type Git, noGit, startGit } from "./git-process.ts";
import { type Algorithm, corrupt, missing, objectHeader, storedId } from "./objects.ts";

/** One question to git. `accept` sees kind and size before the content is taken, and throws to refuse it. */
interface Request {
  readonly oid: Oid;
  readonly accept: (kind: string, sizeBytes: number) => void;
  readonly resolve: (content: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/** What follows the id in the first line of an answer. */
const HEADER = /^(?:missing|([a-z]+) ([0-9]{1,15}))$/;
/** Questions that git is asked before it has answered: more wait, and then go out together. */
const UNDER_WAY = 48;
/** Longer than any line that git answers. */
const MAX_HEADER = 200;

/**
 * A `git cat-file` that runs as long as the store. Answers come in the order of the questions, those of one turn together, and the
 * hash of each is compared with its id. A process that dies, or that is about to send what nobody wants, is replaced, and the
 * questions behind are asked again.
 */
export class CatFile {
  readonly #git: Git;
  readonly #gitDir: string;
  readonly #algorithm: Algorithm;
  /** Since Git 2.36 answers of one turn come in one write, which takes a third of the time; else each by itself. */
  #isBuffered = true;
  #child: ChildProcessWithoutNullStreams | null = null;
  #pending: Request[] = [];
  #unsent: string[] = [];
  #header = "";
  /** Header and content as git hashes them. */
  #target: Buffer | null = null;
  #filled = 0;
  #content = 0;
  #isBehindContent = false;
  #stderr = "";
  #hasClosed = false;

  constructor(git: Git, gitDir: string, algorithm: Algorithm) {
    this.#git = git;
    this.#gitDir = gitDir;
    this.#algorithm = algorithm;
  }

  /** Content of an object, which has its id. Throws `state.object.missing`, `state.object.corrupt`, or what `accept` throws. */
  read(oid: Oid, accept: Request["accept"]): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ oid, accept, resolve, reject });
      this.#send(oid);
    });
  }

  /** As {@link CatFile.read} of each, in order, with one promise for all; it fails as the first that cannot be had does. */
  readAll(oids: readonly Oid[], accept: Request["accept"]): Promise<readonly Uint8Array[]> {
    if (oids.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      const contents: Uint8Array[] = [];
      for (const oid of oids) {
        // Answers come in the order of the questions.
        const take = (content: Uint8Array) => {
          if (contents.push(content) === oids.length) resolve(contents);
        };
        this.#pending.push({ oid, accept, resolve: take, reject });
        this.#send(oid);
      }
    });
  }

  /** Ends git. What was asked for and not answered is not asked again: whoever asked has gone. */
  async close(): Promise<void> {
    this.#hasClosed = true;
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.stdin.end();
    await ended;
  }

  #send(oid: Oid): void {
    this.#unsent.push(oid);
    if (this.#unsent.length === 1) this.#sendSoon();
  }

  /** Questions of one turn of the event loop go out together, and so do all that come up while git has enough to do. */
  #sendSoon(): void {
    if (this.#pending.length - this.#unsent.length < UNDER_WAY) setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (this.#unsent.length === 0 || this.#hasClosed) return;
    const ask = this.#isBuffered ? "contents " : "";
    const lines = this.#unsent.map((oid) => `${ask}${oid}\n`).join("");
    this.#unsent = [];
    this.#child ??= this.#start();
    this.#child.stdin.write(this.#isBuffered ? `${lines}flush\n` : lines, "latin1");
  }

  #start(): ChildProcessWithoutNullStreams {
    const mode = this.#isBuffered ? ["--batch-command", "--buffer"] : ["--batch"];
    const child = startGit(this.#git, this.#gitDir, ["cat-file", ...mode], "reader");
    this.#header = "";
    this.#target = null;
    this.#isBehindContent = false;
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
      if (this.#target !== null) at += this.#fill(this.#target, chunk, at);
      else {
        const end = chunk.indexOf(0x0a, at);
        this.#header += chunk.toString("latin1", at, end < 0 ? chunk.length : end);
        at = end < 0 ? chunk.length : end + 1;
        if (end >= 0 || this.#header.length > MAX_HEADER) this.#answer();
      }
      if (child !== this.#child) return;
    }
  }

  /** Copies content; what is whole is held against its id. The line end behind it is taken as an empty line. */
  #fill(target: Buffer, chunk: Buffer, at: number): number {
    const taken = chunk.copy(target, this.#filled, at);
    this.#filled += taken;
    if (this.#filled === target.length) this.#settle(target);
    return taken;
  }

  #settle(target: Buffer): void {
    this.#target = null;
    this.#isBehindContent = true;
    const request = this.#answered();
    if (request === undefined) return;
    if (storedId(this.#algorithm, target) === request.oid) request.resolve(target.subarray(this.#content));
    else request.reject(corrupt(`Object ${request.oid}`, "its content has another id"));
  }

  /** Takes the oldest question away; those that wait go out when the last of many leaves room for them. */
  #answered(): Request | undefined {
    const request = this.#pending.shift();
    if (this.#unsent.length > 0 && this.#pending.length - this.#unsent.length === UNDER_WAY - 1) this.#sendSoon();
    return request;
  }

  #answer(): void {
    const line = this.#header;
    this.#header = "";
    if (this.#isBehindContent && line === "") {
      this.#isBehindContent = false;
      return;
    }
    const [request] = this.#pending;
    const found =
      request && line.startsWith(`${request.oid} `) ? HEADER.exec(line.slice(request.oid.length + 1)) : null;
    if (request === undefined || found === null)
      return this.#replace(corrupt("An answer of git", "it is not the one to our question"));
    const [, kind, size] = found;
    if (kind === undefined || size === undefined) {
      this.#answered();
      return request.reject(missing(request.oid));
    }
    try {
      request.accept(kind, Number(size));
      const header = objectHeader(kind, Number(size));
      const target = Buffer.allocUnsafe(header.length + Number(size));
      target.set(header);
      this.#content = header.length;
      this.#filled = header.length;
      if (target.length === header.length) this.#settle(target);
      else this.#target = target;
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
    if (this.#isBuffered && /unknown option .batch-command/.test(this.#stderr)) this.#isBuffered = false;
    else {
      const request = this.#pending.shift();
      request?.reject(why(request.oid));
    }
    const sent = this.#pending.length - this.#unsent.length;
    for (const { oid } of this.#pending.slice(0, Math.max(0, sent)).toReversed()) this.#unsent.unshift(oid);
    if (this.#unsent.length > 0) this.#sendSoon();
  }

  #deathOf(oid: Oid): ToolError {
    const text = printable(this.#stderr.trim(), 500);
    if (/could not fetch|promisor/i.test(text)) return missing(oid);
    if (/corrupt|inflate|unpack|mismatch|bad |truncated|garbage|unable to stream/i.test(text))
      return corrupt(`Object ${oid}`, text);
    return new ToolError("file.unreadable", `git ended while it read the object ${oid}`, {
      data: { object: oid, output: text },
    });
  }
}
