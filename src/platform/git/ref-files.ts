import { closeSync, constants, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ToolError } from "../../kernel/errors.ts";
import { isOid, type Oid } from "../../kernel/oid.ts";
import { byCodePoint, printable } from "../../kernel/text.ts";
import { errnoOf, fileError } from "../file-errors.ts";
import { diskErrorIn } from "./disk-errors.ts";
import { type Git, runGit } from "./git-process.ts";
import { corrupt } from "./objects.ts";
import type { Repository } from "./repository.ts";

/**
 * Tip of a full ref name, from its own file or from `packed-refs`. Never asks git to resolve a name: git would go on to tags
 * and branches of the same name. Git packs a ref before it removes the file, so reading in this order misses nothing.
 */
export async function readRef({ commonDir }: Pick<Repository, "commonDir">, ref: string): Promise<Oid | null> {
  const loose = readText(join(commonDir, ref), ref);
  if (loose !== null) return looseTip(ref, loose);
  const packed = readText(join(commonDir, "packed-refs")) ?? "";
  const end = packed.indexOf(` ${ref}\n`);
  if (end < 0) return null;
  const tip = packed.slice(packed.lastIndexOf("\n", end) + 1, end);
  if (!isOid(tip)) throw corrupt(`The ref ${ref}`, "its packed line has no object id");
  return tip;
}

function looseTip(ref: string, content: string): Oid {
  const tip = content.trimEnd();
  if (isOid(tip)) return tip;
  if (!tip.startsWith("ref: ")) throw corrupt(`The ref ${ref}`, "its file has no object id");
  throw symbolic(ref);
}

function symbolic(ref: string): ToolError {
  return new ToolError("state.repository.unsupported", `The ref ${ref} is a symbolic one`, {
    data: { ref },
    hints: [`Remove it: git symbolic-ref --delete ${ref}`],
  });
}

/**
 * Such a file is read faster than a thread is asked to read it. Waits for no pipe. The file of a ref is no link: git takes the text of
 * one for the name of another ref.
 */
function readText(path: string, ref: string | null = null): string | null {
  try {
    const link = ref === null ? 0 : constants.O_NOFOLLOW;
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | link);
    try {
      return readFileSync(file, "latin1");
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EISDIR"].includes(errnoOf(error))) return null;
    throw ref !== null && errnoOf(error) === "ELOOP" ? symbolic(ref) : fileError(error, path);
  }
}

/** Refs below a prefix that ends with `/`, by what follows it, with their tips, by code point. */
export async function listRefs(git: Git, { gitDir }: Repository, prefix: string): Promise<ReadonlyMap<string, Oid>> {
  const { status, stdout, stderr } = await runGit(git, gitDir, [
    "for-each-ref",
    "--format=%(objectname) %(refname)",
    prefix,
  ]);
  if (status !== 0) throw unlisted(stderr);
  const found: [string, Oid][] = [];
  for (const line of stdout.toString("utf8").split("\n")) {
    const space = line.indexOf(" ");
    const [tip, ref] = [line.slice(0, space), line.slice(space + 1)];
    if (isOid(tip) && ref.startsWith(prefix)) found.push([ref.slice(prefix.length), tip]);
  }
  return new Map(found.toSorted(([a], [b]) => byCodePoint(a, b)));
}

function unlisted(stderr: string): ToolError {
  const output = printable(stderr.trim(), 1000);
  return (
    diskErrorIn(stderr, "Listing branches") ??
    new ToolError("file.unreadable", "Git cannot list branches", { data: { output } })
  );
}
