import type { ChildProcessWithoutNullStreams } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { Lists } from "../../kernel/in-flight.ts";
import type { Oid } from "../../kernel/oid.ts";
import { objectsOnly } from "./objects-only.ts";
import { type Git, startGit } from "./git-process.ts";
import { MAX_HEAD, NEWLINE, ObjectHead } from "./object-head.ts";
import { type Algorithm, type ObjectKind, oidSizeBytes, storedId } from "./objects.ts";
import type { Stretch } from "./raw-objects.ts";

/** An object of a stream, whose content has its id. */
export interface StreamedObject {
  readonly oid: Oid;
  readonly kind: ObjectKind;
  /** Its content, a part of the piece of the stream that it came with. */
  readonly bytes: Uint8Array;
}

/** Objects that git prints without being asked for each. */
export interface ObjectStream {
  readonly contents: Readable;
  /** Ends it. */
  readonly end: () => void;
}

const PRINT = ["cat-file", "--batch", "--buffer"];
/**
 * Longest that git may hold at once. A document and what it differs from are far below; at what is larger it ends, so that no few
 * bytes of a pack become a gigabyte.
 */
const ALLOC_LIMIT = "64m";
/** Each by the path `-`, and shown as attributes of that path say; there are none. */
const GATHER = [...PRINT, "--textconv"];
const BY_PATH = " -\n";

/**
 * Prints the objects of a folder of them by id, in order, as their ids become known; it ends where they cannot be had. Git gathers what it
 * prints only where it may convert blobs for people (`textconv`): else it writes each by itself, in two writes, which costs as much as
 * to unpack it. What it gathers is at most a few KiB, so ids must come until as much has, or end. Without a git nothing comes.
 */
export async function streamOf(
  git: Git,
  objects: string,
  algorithm: Algorithm,
  lists: Lists<Oid>,
): Promise<ObjectStream> {
  const limited: Git = { ...git, env: { ...git.env, GIT_ALLOC_LIMIT: ALLOC_LIMIT } };
  const only = await objectsOnly(limited, objects, algorithm);
  const printer = quiet(startGit(only.git, only.gitDir, GATHER, "reader"));
  void feed(printer.stdin, lists);
  const end = () => {
    printer.kill("SIGKILL");
    only.drop();
  };
  return { contents: printer.stdout, end };
}

/** Whoever reads what comes finds out by asking again why no more ids came. */
async function feed(stdin: Writable, lists: Lists<Oid>): Promise<void> {
  try {
    for await (const oids of lists) if (oids.length > 0) stdin.write(`${oids.join(BY_PATH)}${BY_PATH}`, "latin1");
  } catch {
    // The last ones that are known still come.
  }
  stdin.end();
}

/** Prints the first parents that `git rev-list` names; it may name anything: grafts and caches of its own tell it what. */
export function firstParentsOf(git: Git, gitDir: string, { from, to }: Stretch): ObjectStream {
  const range = from === null ? [to] : [to, `^${from}`];
  const names = quiet(startGit(git, gitDir, ["rev-list", "--first-parent", ...range], "reader"));
  const printer = quiet(startGit(git, gitDir, PRINT, "reader"));
  names.stdin.end();
  names.stdout.pipe(printer.stdin);
  // A git that cannot be started names nothing.
  names.on("error", () => printer.stdin.end());
  const end = () => {
    for (const child of [names, printer]) child.kill("SIGKILL");
  };
  return { contents: printer.stdout, end };
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
  readonly #idLength: number;
  readonly #maxBytes: number;
  readonly #head = new ObjectHead();
  /** Pieces of an object that has not come whole, and how many bytes of it are still to come. */
  #pieces: Buffer[] = [];
  #need = 0;
  #hasEnded = false;

  constructor(algorithm: Algorithm, maxBytes: number) {
    this.#algorithm = algorithm;
    this.#idLength = 2 * oidSizeBytes(algorithm);
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
    const head = this.#head;
    for (let start = 0; ; ) {
      const idEnd = start + this.#idLength;
      if (!head.take(bytes, idEnd)) {
        this.#hasEnded = bytes.includes(NEWLINE, start) || bytes.length - start > MAX_HEAD;
        return bytes.subarray(start);
      }
      const next = head.end + head.sizeBytes;
      this.#need = next + 1 - bytes.length;
      this.#hasEnded = head.sizeBytes > this.#maxBytes;
      if (this.#hasEnded || this.#need > 0) return bytes.subarray(start);
      // With a zero in the place of the line end, kind, size and content are what git hashes.
      bytes[head.end - 1] = 0;
      const oid = storedId(this.#algorithm, bytes.subarray(idEnd + 1, next));
      this.#hasEnded = oid !== bytes.toString("latin1", start, idEnd);
      if (this.#hasEnded) return bytes.subarray(start);
      // What was told is a piece of its line, and would keep all of it for as long as somebody keeps the id.
      into.push({ oid, kind: head.kind, bytes: bytes.subarray(head.end, next) });
      start = next + 1;
    }
  }
}
