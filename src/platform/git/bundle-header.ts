import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { Algorithm } from "./objects.ts";

// gitformat-bundle(5): version 2 for SHA-1, version 3 with a capability for other hashes.
const SHA1 = "# v2 git bundle\n";
const SHA256 = "# v3 git bundle\n@object-format=sha256\n";
/** Longest header that is read; ours have a line for each branch. */
const MAX_BYTES = 65_536;

/** Head of a bundle with whole histories, in the order given. */
export function bundleHeader(algorithm: Algorithm, tips: ReadonlyMap<string, Oid>): Uint8Array {
  const refs = [...tips].map(([name, tip]) => `${tip} refs/heads/${name}\n`);
  return new TextEncoder().encode(`${algorithm === "sha1" ? SHA1 : SHA256}${refs.join("")}\n`);
}

/** The lines `<oid> <ref>` of a bundle, and its pack, still to be read. Throws `state.bundle.invalid`. */
export async function splitBundle(
  bundle: AsyncIterable<Uint8Array>,
  algorithm: Algorithm,
): Promise<{ readonly refs: readonly string[]; readonly pack: AsyncIterable<Uint8Array> }> {
  const chunks = bundle[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  let end = -1;
  while (end < 0) {
    const next = await chunks.next();
    if (next.done === true || head.length > MAX_BYTES) throw invalid();
    head = Buffer.concat([head, next.value]);
    end = head.indexOf("\n\n");
  }
  const text = head.subarray(0, end + 1).toString("latin1");
  const first = algorithm === "sha1" ? SHA1 : SHA256;
  if (!text.startsWith(first)) throw invalid();
  const rest = head.subarray(end + 2);
  async function* pack(): AsyncGenerator<Uint8Array> {
    yield rest;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  }
  return { refs: text.slice(first.length).split("\n").slice(0, -1), pack: pack() };
}

function invalid(): ToolError {
  return new ToolError(
    "state.bundle.invalid",
    "The history in the bundle is no git bundle of the form that is written here",
    {
      hints: ["Ask for the bundle again; nothing was imported"],
    },
  );
}
