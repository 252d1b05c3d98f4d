import type { Oid } from "../../kernel/oid.ts";
import { type Git, startGit } from "./git-process.ts";
import { type Algorithm, objectId, type ObjectKind } from "./objects.ts";

/** An object whose content has its id. */
export interface Content {
  readonly oid: Oid;
  readonly content: Uint8Array;
}

/** What a stream of objects is asked for. */
export interface Wanted {
  readonly oids: readonly Oid[];
  readonly kind: ObjectKind;
  readonly maxBytes: number;
}

const NEWLINE = 0x0a;

/**
 * Reads many objects in order through one git that buffers what it says, which takes half the time of asking it for each. Only
 * one object and one chunk are in memory. It ends early at an object that is absent, larger, of another kind or damaged:
 * whoever asks for that one by itself gets the reason.
 */
export async function* readMany(
  git: Git,
  gitDir: string,
  algorithm: Algorithm,
  wanted: Wanted,
): AsyncGenerator<Content> {
  const child = startGit(git, gitDir, ["cat-file", "--batch", "--buffer"], "reader");
  child.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  child.stderr.resume();
  child.stdin.end(wanted.oids.map((oid) => `${oid}\n`).join(""));
  try {
    let held: Buffer[] = [];
    let need = 0;
    let at = 0;
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      held.push(chunk);
      if (held.reduce((sum, { length }) => sum + length, 0) < need) continue;
      const taken = take(held.length === 1 ? chunk : Buffer.concat(held), wanted, at, algorithm);
      yield* taken.objects;
      if (taken.ended) return;
      at += taken.objects.length;
      held = taken.rest.length === 0 ? [] : [taken.rest];
      need = taken.need;
    }
  } finally {
    child.kill("SIGKILL");
  }
}

/** Cuts whole objects off what git said so far. `need` is how many bytes the next one takes. */
function take(
  bytes: Buffer,
  { oids, kind, maxBytes }: Wanted,
  from: number,
  algorithm: Algorithm,
): { readonly objects: readonly Content[]; readonly rest: Buffer; readonly need: number; readonly ended: boolean } {
  const objects: Content[] = [];
  for (let start = 0; ; ) {
    const oid = oids[from + objects.length];
    if (oid === undefined) return { objects, rest: bytes.subarray(start), need: 0, ended: true };
    const line = bytes.indexOf(NEWLINE, start);
    const head = `${oid} ${kind} `;
    if (line < 0) return { objects, rest: bytes.subarray(start), need: 0, ended: bytes.length - start > 200 };
    const header = bytes.toString("latin1", start, line);
    const size = Number(header.slice(head.length));
    if (!header.startsWith(head) || !(size <= maxBytes)) return { objects, rest: bytes, need: 0, ended: true };
    const end = line + 1 + size;
    if (end >= bytes.length) return { objects, rest: bytes.subarray(start), need: end + 1 - start, ended: false };
    const content = bytes.subarray(line + 1, end);
    if (objectId(algorithm, kind, content) !== oid) return { objects, rest: bytes, need: 0, ended: true };
    objects.push({ oid, content });
    start = end + 1;
  }
}
