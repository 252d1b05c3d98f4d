import type { ErrorCode } from "../kernel/error-catalogue.ts";
import { ToolError } from "../kernel/errors.ts";
import { printable } from "../kernel/text.ts";

const LOOK = "Check the path; one without / at its begin starts in the current folder";

/** Codes for what a disk answers; anything else is `file.unreadable`. */
const CODES: Readonly<Record<string, { readonly code: ErrorCode; readonly text: string; readonly hint?: string }>> = {
  ENOENT: { code: "file.not_found", text: "does not exist", hint: LOOK },
  ENOTDIR: { code: "file.not_found", text: "does not exist: a part of its path is no folder", hint: LOOK },
  ENAMETOOLONG: { code: "file.not_found", text: "has a longer name than files have here", hint: LOOK },
  EEXIST: { code: "file.exists", text: "exists already" },
  EACCES: {
    code: "file.not_permitted",
    text: "is not open to this user",
    hint: "Check owner and mode of the file and its folders",
  },
  EPERM: {
    code: "file.not_permitted",
    text: "is not open to this user",
    hint: "Check owner and mode of the file and its folders",
  },
  EROFS: { code: "file.read_only", text: "lies on a read-only file system" },
  ENOSPC: {
    code: "file.no_space",
    text: "does not fit: the disk is full",
    hint: "Free some space and run the command again",
  },
  EDQUOT: {
    code: "file.no_space",
    text: "does not fit: the quota is used up",
    hint: "Free some space and run the command again",
  },
  EFBIG: { code: "file.too_large", text: "is larger than the file system allows" },
  ELOOP: { code: "file.not_regular", text: "is a symbolic link", hint: "Name the file itself" },
  EISDIR: { code: "file.not_regular", text: "is a folder", hint: "Name a file" },
  ENXIO: { code: "file.not_regular", text: "is no regular file" },
};

/** Makes the typed error for what Node said about a path; a `ToolError` stays what it is. */
export function fileError(cause: unknown, path: string): ToolError {
  if (cause instanceof ToolError) return cause;
  const errno = errnoOf(cause);
  const known = CODES[errno];
  const text = known?.text ?? "could not be read or written";
  return new ToolError(known?.code ?? "file.unreadable", `${printable(path)} ${text}`, {
    data: { path: printable(path), errno },
    hints: known?.hint === undefined ? [] : [known.hint],
    cause,
  });
}

/** Runs work on a path; what the disk refuses leaves as a typed error. */
export async function onPath<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw fileError(cause, path);
  }
}

/** Finds Node's error name (`ENOENT`), or the empty text. */
export function errnoOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
}
