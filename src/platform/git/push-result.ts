import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import { diskErrorIn } from "./disk-errors.ts";
import type { GitResult } from "./git-process.ts";
import { remoteError } from "./remote-errors.ts";
import type { Swap } from "./store-parts.ts";

/** A line of `git push --porcelain`: flag, `from:to`, and a summary with a reason in brackets. */
const LINE = /^([ +\-*=!])\t[^\t]*:([^\t]*)\t(.*)$/;
/** Reasons by which a server says that the branch is elsewhere, or that another writer holds it. */
const MOVED = /failed to update ref|cannot lock ref|failed to lock|incorrect old value|already exists|fetch first/;

/**
 * Reads what a push of one ref came to. Throws `state.push.protected`, `state.push.unauthorised`, `state.repository.missing` and
 * the errors of a full or closed disk; a push without an answer may have landed.
 */
export function pushResult(result: GitResult, ref: string, url: string): Swap {
  const doing = `Pushing ${ref.replace(/^refs\/heads\//, "")}`;
  for (const line of result.stdout.toString("utf8").split("\n")) {
    const [, flag, to, summary] = LINE.exec(line) ?? [];
    if (flag === undefined || summary === undefined || to !== ref) continue;
    if (flag !== "!") return "swapped";
    // Git compared the lease, or the history, before it sent anything.
    if (summary.startsWith("[rejected]")) return "lost";
    if (summary.startsWith("[remote rejected]") && MOVED.test(summary)) return "lost";
    if (summary.startsWith("[remote failure]") || summary.includes("unpacker error"))
      return refusedByDisk(result, url, doing);
    throw protectedBranch(ref, summary, result.stderr);
  }
  const error = remoteError(url, result.stderr, doing);
  if (error.code !== "state.push.network") throw error;
  return { unanswered: error };
}

function refusedByDisk({ stderr }: GitResult, url: string, doing: string): Swap {
  const disk = diskErrorIn(stderr, doing);
  if (disk !== undefined) throw disk;
  return { unanswered: remoteError(url, stderr, doing) };
}

function protectedBranch(ref: string, summary: string, stderr: string): ToolError {
  const branch = ref.replace(/^refs\/heads\//, "");
  const said = stderr.split("\n").filter((line) => line.startsWith("remote: "));
  const why = printable(/\((.*)\)$/.exec(summary)?.[1] ?? summary);
  return new ToolError("state.push.protected", `The remote does not let this user move ${branch}: ${why}`, {
    data: { branch, reason: why, output: printable(said.map((line) => line.slice(8).trim()).join(" "), 1000) },
    hints: ["Ask who looks after the repository for the right to write this branch"],
  });
}
