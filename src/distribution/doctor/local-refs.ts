import { ToolError } from "../../kernel/errors.ts";
import type { Files } from "../../ports/files.ts";

/** Where the refs of a repository on this disk lie. */
export interface RefsAt {
  readonly files: Files;
  readonly gitDir: string;
}

const MAX_PACKED_BYTES = 64 << 20;
const MAX_LOOSE_BYTES = 1024;

/**
 * Reads one ref by its full name, from its own file or from `packed-refs`, as git keeps them unless it was told to use a
 * `reftable`; null where there is none. Git packs a ref before it removes the file, so this order misses nothing.
 */
export async function findLocalRef({ files, gitDir }: RefsAt, ref: string): Promise<string | null> {
  const loose = await textAt(files, `${gitDir}/${ref}`, MAX_LOOSE_BYTES);
  if (loose !== null) return loose.trimEnd();
  const packed = (await textAt(files, `${gitDir}/packed-refs`, MAX_PACKED_BYTES)) ?? "";
  const line = packed.split("\n").find((one) => one.endsWith(` ${ref}`));
  return line === undefined ? null : line.slice(0, line.indexOf(" "));
}

async function textAt(files: Files, path: string, maxBytes: number): Promise<string | null> {
  try {
    if ((await files.stat(path))?.kind !== "file") return null;
    return Buffer.from(await files.read(path, maxBytes)).toString("latin1");
  } catch (cause) {
    if (cause instanceof ToolError && cause.code === "file.not_found") return null;
    throw cause;
  }
}
