import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import { type Git, letGo, noGit, startGit } from "./git-process.ts";
import { MAX_HEAD, NEWLINE, ObjectHead } from "./object-head.ts";
import { type Algorithm, corrupt, foundCorrupt, missing, objectHeader, oidSizeBytes, storedId } from "./objects.ts";

/** A question for one or more objects. `accept` sees kind and size before a content is taken, and throws to refuse it. */
interface Request {
  readonly oids: readonly Oid[];
  readonly accept: (kind: string, sizeBytes: number) => void;
  readonly resolve: (contents: readonly Uint8Array[]) => void;
  readonly reject: (error: unknown) => void;
  /** What was answered, in order. */
  readonly contents: Uint8Array[];
}

/** What follows the id in the first line of an answer. */
const HEADER = /^ (?:missing|([a-z]+) ([0-9]{1,15}))$/;
/** Objects that git is asked for before it has answered: more wait, and then go out together. */
const UNDER_WAY = 512;

/**
 * A `git cat-file` that runs as long as the store. Answers come in the order of the questions, those of one turn together, and the
 * hash of each is compared with its id. A process that dies, or that is about to send what nobody wants, is replaced, and the
 * questions behind are asked again.
 */
export class CatFile {
  readonly #git: Git;
  readonly #gitDir: string;
  readonly #algorithm: Algorithm;
  readonly #idLength: number;
  readonly #head = new ObjectHead();
  /** Since Git 2.36 answers of one turn come in one write, which takes a third of the time; else each by itself. */
  #isBuffered = true;
  #child: ChildProcessWithoutNullStreams | null = null;
  /** Questions without a whole answer: those that were sent, how many they are, and the others. */
  #pending: Request[] = [];
  #sent = 0;
  /** Objects that were asked for and not answered. */
  #underWay = 0;
  #header = "";
  /** Header and content as git hashes them, where they come in several pieces. */
  #target: Buffer | null = null;
  #filled = 0;
  /** Where the content begins in it. */
  #content = 0;
  #isBehindContent = false;
  #stderr = "";
  #hasClosed = false;

  constructor(git: Git, gitDir: string, algorithm: Algorithm) {
    this.#git = git;
    this.#gitDir = gitDir;
    this.#algorithm = algorithm;
    this.#idLength = 2 * oidSizeBytes(algorithm);
  }

  /** Content of an object, which has its id. Throws `state.object.missing`, `state.object.corrupt`, or what `accept` throws. */
  async read(oid: Oid, accept: Request["accept"]): Promise<Uint8Array> {
    const [content] = await this.readAll([oid], accept);
    return Buffer.from(content ?? []);
  }

  /**
   * As {@link CatFile.read} of each, in order; it fails as the first that cannot be had does. Whoever keeps a content copies it: it is
   * a part of the piece that git sent it with.
   */
  readAll(oids: readonly Oid[], accept: Request["accept"]): Promise<readonly Uint8Array[]> {
    if (oids.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      this.#pending.push({ oids, accept, resolve, reject, contents: [] });
      if (this.#pending.length === this.#sent + 1) this.#sendSoon();
    });
  }

  /** Ends git. What was asked for and not answered is not asked again: whoever asked has gone. */
  close(): void {
    this.#hasClosed = true;
    if (this.#child !== null) letGo(this.#child);
    this.#child = null;
  }

  /** Questions of one turn of the event loop go out together, and so do all that come up while git has enough to do. */
  #sendSoon(): void {
    if (this.#underWay < UNDER_WAY) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const unsent = this.#pending.slice(this.#sent);
    if (unsent.length === 0 || this.#hasClosed) return;
    const asked = unsent.flatMap(({ oids, contents }) => oids.slice(contents.length));
    this.#sent = this.#pending.length;
    this.#underWay += asked.length;
    const ask = this.#isBuffered ? "contents " : "";
    const lines = asked.map((oid) => `${ask}${oid}\n`).join("");
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
      else if (this.#isBehindContent && chunk[at] === NEWLINE) {
        this.#isBehindContent = false;
        at += 1;
      } else if (this.#header === "" && this.#head.take(chunk, at + this.#idLength)) {
        at = this.#head.end;
        at += this.#begin(chunk, at, this.#head.kind, this.#head.sizeBytes);
      } else {
        const end = chunk.indexOf(NEWLINE, at);
        this.#header += chunk.toString("latin1", at, end < 0 ? chunk.length : end);
        at = end < 0 ? chunk.length : end + 1;
        if (end >= 0 || this.#header.length > MAX_HEAD) at += this.#answer(chunk, at);
      }
      if (child !== this.#child) return;
    }
  }

  #fill(target: Buffer, chunk: Buffer, at: number): number {
    const taken = chunk.copy(target, this.#filled, at);
    this.#filled += taken;
    if (this.#filled === target.length) this.#settle(target, this.#content);
    return taken;
  }

  /** Takes what is whole, header and content, if it has its id. */
  #settle(stored: Buffer, content: number): void {
    this.#target = null;
    this.#isBehindContent = true;
    const [request] = this.#pending;
    const oid = request?.oids[request.contents.length];
    if (storedId(this.#algorithm, stored) !== oid)
      return this.#refuse(corrupt(`Object ${oid}`, "its content has another id"));
    request?.contents.push(stored.subarray(content));
    this.#answered();
    if (request?.contents.length !== request?.oids.length) return;
    this.#pending.shift();
    this.#sent -= 1;
    request?.resolve(request.contents);
  }

  /** Questions that wait go out when the last of many leaves room for them. */
  #answered(): void {
    this.#underWay -= 1;
    if (this.#underWay === UNDER_WAY - 1 && this.#pending.length > this.#sent) this.#sendSoon();
  }

  /** Takes a first line that came in pieces or says that there is nothing; tells how much was taken of what follows it. */
  #answer(chunk: Buffer, at: number): number {
    const line = this.#header;
    this.#header = "";
    const [request] = this.#pending;
    const oid = request?.oids[request.contents.length] ?? "";
    const found = line.startsWith(oid) ? HEADER.exec(line.slice(oid.length)) : null;
    if (request === undefined || found === null)
      this.#replace(corrupt("An answer of git", "it is not the one to our question"));
    else if (found[1] === undefined) this.#refuse(missing(oid));
    else return this.#begin(chunk, at, found[1], Number(found[2]));
    return 0;
  }

  /** Begins to take a content; tells how much of it was taken where it lies. */
  #begin(chunk: Buffer, at: number, kind: string, sizeBytes: number): number {
    try {
      this.#pending[0]?.accept(kind, sizeBytes);
    } catch (error) {
      this.#replace(error);
      return 0;
    }
    const header = kind.length + String(sizeBytes).length + 2;
    if (at < header || at + sizeBytes > chunk.length) {
      const target = Buffer.allocUnsafe(header + sizeBytes);
      target.set(objectHeader(kind, sizeBytes));
      this.#content = header;
      this.#filled = header;
      if (sizeBytes === 0) this.#settle(target, header);
      else this.#target = target;
      return 0;
    }
    // With a zero in the place of the line end, kind, size and content are what git hashes.
    chunk[at - 1] = 0;
    this.#settle(chunk.subarray(at - header, at + sizeBytes), header);
    return sizeBytes;
  }

  /** Fails the oldest question; where more of its answer is to come, that is not waited for. */
  #refuse(error: unknown): void {
    const [request] = this.#pending;
    if (request === undefined || request.contents.length < request.oids.length - 1) return this.#replace(error);
    this.#answered();
    this.#pending.shift();
    this.#sent -= 1;
    request.reject(error);
  }

  /** Ends a process whose next bytes nobody wants, and asks the other questions again. */
  #replace(error: unknown): void {
    const child = this.#child;
    if (child === null) return;
    this.#fail(child, () => error);
    child.kill("SIGKILL");
  }

  #fail(child: ChildProcessWithoutNullStreams, why: (oid: string) => unknown): void {
    if (child !== this.#child) return;
    this.#child = null;
    if (this.#isBuffered && /unknown option .batch-command/.test(this.#stderr)) this.#isBuffered = false;
    else {
      const request = this.#pending.shift();
      request?.reject(why(request.oids[request.contents.length] ?? ""));
    }
    this.#sent = 0;
    this.#underWay = 0;
    if (this.#pending.length > 0) this.#sendSoon();
  }

  #deathOf(oid: string): ToolError {
    const text = printable(this.#stderr.trim(), 500);
    if (/could not fetch|promisor/i.test(text)) return missing(oid);
    if (/corrupt|inflate|unpack|mismatch|bad |truncated|garbage|unable to stream/i.test(text))
      return foundCorrupt(`Object ${oid}`, this.#stderr);
    return new ToolError("file.unreadable", `git ended while it read the object ${oid}`, {
      data: { object: oid, output: text },
    });
  }
}
