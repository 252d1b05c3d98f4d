import type { ErrorCode } from "../../kernel/error-catalogue.ts";
import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";

const KINDS: readonly {
  readonly codes: readonly string[];
  readonly text: RegExp;
  readonly code: ErrorCode;
  readonly why: string;
  readonly hint: string;
}[] = [
  {
    codes: ["ENOSPC", "EDQUOT"],
    text: /No space left on device|Disk quota exceeded/,
    code: "file.no_space",
    why: "the disk is full",
    hint: "Free some space and run the command again",
  },
  {
    codes: ["EROFS"],
    text: /Read-only file system/,
    code: "file.read_only",
    why: "the file system is read-only",
    hint: "Use a copy of the repository on a disk that can be written",
  },
  {
    codes: ["EACCES", "EPERM"],
    text: /Permission denied|insufficient permission|Operation not permitted/,
    code: "file.not_permitted",
    why: "this user may not",
    hint: "Check who owns the repository and its objects folder",
  },
];

/** Says what a failed call of the file system means. */
export function fileError(cause: unknown, what: string): ToolError {
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
  const kind = KINDS.find(({ codes }) => codes.includes(code));
  if (kind !== undefined) return errorOf(kind, what, cause);
  return new ToolError("file.unreadable", `${what} failed${code === "" ? "" : ` (${code})`}`, {
    data: { what, cause: code },
    cause,
  });
}

/** Finds in what git printed that the local file system was the reason; undefined where it was not. */
export function fileErrorIn(stderr: string, what: string): ToolError | undefined {
  const kind = KINDS.find(({ text }) => text.test(stderr));
  return kind === undefined ? undefined : errorOf(kind, what, new Error(printable(stderr.trim(), 1000)));
}

function errorOf({ code, why, hint }: (typeof KINDS)[number], what: string, cause: unknown): ToolError {
  return new ToolError(code, `${what} failed: ${why}`, { data: { what }, hints: [hint], cause });
}
