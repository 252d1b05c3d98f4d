import type { ChildProcessWithoutNullStreams } from "node:child_process";
import type { Readable } from "node:stream";
import type { Oid } from "../../kernel/oid.ts";
import { type Git, letGo, startGit } from "./git-process.ts";
import { type Algorithm, storedId } from "./objects.ts";
import type { Stretch } from "./raw-objects.ts";

const NEWLINE = 0x0a;
const LINE = /^([0-9a-f]{40}|[0-9a-f]{64}) (commit|tree|blob) ([0-9]{1,15})$/;
/** Longer than any such line. */
const MAX_LINE = 200;

/** An object of a stream, whose content has its id. */
export interface StreamedObject {
  readonly oid: Oid;
  readonly kind: string;
  /** A part of the piece of the stream that it came with. */
  readonly content: Uint8Array;
}

/** Objects that git prints without being asked for each. */
export interface ObjectStream {
  readonly contents: Readable;
  /** Ends it; whoever took all that was asked for says so. */
  readonly end: (isWhole?: boolean) => void;
}

/** Prints objects by id, in order. */
export function streamOf(git: Git, gitDir: string, oids: readonly Oid[]): ObjectStream {
  const printer = startPrinter(git, gitDir, "--batch");
  printer.stdin.end(oids.map((oid) => `${oid}\n`).join(""));
  return { contents: printer.stdout, end: () => void printer.kill("SIGKILL") };
}

/** What git ends with where it does not know an option. */
const USAGE = 129;

/**
 * Prints one list of objects after another by one git, which still has at hand what those of the next list differ from: half the
 * time of one that unpacks it again.
 */
export class Printer {
  readonly #git: Git;
  readonly #gitDir: string;
  /** Since Git 2.36 it can be told that a list is over. */
  #keeps = true;
  #idle: ChildProcessWithoutNullStreams | null = null;
  #hasClosed = false;

  constructor(git: Git, gitDir: string) {
    this.#git = git;
    this.#gitDir = gitDir;
  }

  /** Prints objects by id, in order. */
  streamOf(oids: readonly Oid[]): ObjectStream {
    if (!this.#keeps) return streamOf(this.#git, this.#gitDir, oids);
    const printer = this.#idle ?? this.#start();
    this.#idle = null;
    printer.stdin.write(`${oids.map((oid) => `contents ${oid}\n`).join("")}flush\n`);
    const end = (isWhole = false) => {
      if (isWhole && this.#idle === null && !this.#hasClosed) this.#idle = printer;
      else printer.kill("SIGKILL");
    };
    return { contents: printer.stdout, end };
  }

  close(): void {
    this.#hasClosed = true;
    if (this.#idle !== null) letGo(this.#idle);
  }

  #start(): ChildProcessWithoutNullStreams {
    const printer = startPrinter(this.#git, this.#gitDir, "--batch-command");
    printer.on("close", (status) => {
      this.#keeps &&= status !== USAGE;
      if (this.#idle === printer) this.#idle = null;
    });
    return printer;
  }
}

/** Prints the first parents that `git rev-list` names; it may name anything: grafts and caches of its own tell it what. */
export function firstParentsOf(git: Git, gitDir: string, { from, to }: Stretch): ObjectStream {
  const range = from === null ? [to] : [to, `^${from}`];
  const names = quiet(startGit(git, gitDir, ["rev-list", "--first-parent", ...range], "reader"));
  const printer = startPrinter(git, gitDir, "--batch");
  names.stdin.end();
  names.stdout.pipe(printer.stdin);
  // A git that cannot be started names nothing.
  names.on("error", () => printer.stdin.end());
  const end = () => {
    for (const child of [names, printer]) child.kill("SIGKILL");
  };
  return { contents: printer.stdout, end };
}

function startPrinter(git: Git, gitDir: string, mode: "--batch" | "--batch-command"): ChildProcessWithoutNullStreams {
  return quiet(startGit(git, gitDir, ["cat-file", mode, "--buffer"], "reader"));
}

/** What a process could not do shows in what does not come. */
function quiet(child: ChildProcessWithoutNullStreams): ChildProcessWithoutNullStreams {
  child.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  child.stderr.resume();
  return child;
}

/** Cuts objects off a stream. It ends at what is larger than `maxBytes`, damaged, or none. */
export class ObjectCutter {
  readonly #algorithm: Algorithm;
  readonly #maxBytes: number;
  /** Pieces of an object that has not come whole, and how many bytes of it are still to come. */
  #pieces: Buffer[] = [];
  #need = 0;
  #hasEnded = false;

  constructor(algorithm: Algorithm, maxBytes: number) {
    this.#algorithm = algorithm;
    this.#maxBytes = maxBytes;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Objects that are whole with this piece, in order. Only one that is not whole, and one piece, are in memory. */
  take(piece: Buffer): readonly StreamedObject[] {
    if (this.#hasEnded) return [];
    this.#pieces.push(piece);
    this.#need -= piece.length;
    if (this.#need > 0) return [];
    const bytes = this.#pieces.length === 1 ? piece : Buffer.concat(this.#pieces);
    const objects: StreamedObject[] = [];
    const rest = this.#cut(bytes, objects);
    this.#pieces = rest.length === 0 ? [] : [rest];
    return objects;
  }

  #cut(bytes: Buffer, into: StreamedObject[]): Buffer {
    this.#need = 0;
    for (let start = 0; ; ) {
      const end = bytes.indexOf(NEWLINE, start);
      if (end < 0) {
        this.#hasEnded = bytes.length - start > MAX_LINE;
        return bytes.subarray(start);
      }
      const [, told, kind = "", size = ""] = LINE.exec(bytes.toString("latin1", start, end)) ?? [];
      if (told === undefined || Number(size) > this.#maxBytes) {
        this.#hasEnded = true;
        return bytes.subarray(start);
      }
      const next = end + 1 + Number(size);
      this.#need = next + 1 - bytes.length;
      if (this.#need > 0) return bytes.subarray(start);
      // With a zero in the place of the line end, kind, size and content are what git hashes.
      bytes[end] = 0;
      const oid = storedId(this.#algorithm, bytes.subarray(start + told.length + 1, next));
      this.#hasEnded = oid !== told;
      if (this.#hasEnded) return bytes.subarray(start);
      // What was told is a piece of its line, and would keep all of it for as long as somebody keeps the id.
      into.push({ oid, kind, content: bytes.subarray(end + 1, next) });
      start = next + 1;
    }
  }
}
