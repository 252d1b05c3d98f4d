import type { ErrorCode } from "../../kernel/error-catalogue.ts";
import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";

const KINDS: readonly {
  readonly text: RegExp;
  readonly code: ErrorCode;
  readonly why: string;
  readonly hint: string;
}[] = [
  {
    text: /No space left on device|Disk quota exceeded/,
    code: "file.no_space",
    why: "the disk is full",
    hint: "Free some space and run the command again",
  },
  {
    text: /Read-only file system/,
    code: "file.read_only",
    why: "the file system is read-only",
    hint: "Use a copy of the repository on a disk that can be written",
  },
  {
    text: /Permission denied|insufficient permission|Operation not permitted/,
    code: "file.not_permitted",
    why: "this user may not",
    hint: "Check who owns the repository and its objects folder",
  },
];

/** Finds in what git printed that a disk was the reason; undefined where it was not. */
export function diskErrorIn(stderr: string, doing: string): ToolError | undefined {
  const kind = KINDS.find(({ text }) => text.test(stderr));
  if (kind === undefined) return undefined;
  const output = printable(stderr.trim(), 1000);
  return new ToolError(kind.code, `${doing} failed: ${kind.why}`, { data: { output }, hints: [kind.hint] });
}
