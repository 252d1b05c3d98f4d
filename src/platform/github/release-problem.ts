import { ToolError } from "../../kernel/errors.ts";
import type { ErrorCode } from "../../kernel/error-catalogue.ts";

/** What GitHub refuses a release or an asset with, by the texts that it says it with: it has no other codes for them. */
const TEXTS: readonly (readonly [text: RegExp, code: ErrorCode, message: string, hint: string])[] = [
  [
    /was used by an immutable release/i,
    "dist.release.tag_burned",
    "belonged to a release that cannot be changed and was deleted, so nobody can ever use it again",
    "Publish the next version",
  ],
  [
    /already_exists tag_name/i,
    "dist.release.tag_taken",
    "is the tag of another release",
    "Find out who made that release, then publish the next version",
  ],
  [
    /upload assets to an immutable release/i,
    "dist.release.already_published",
    "is published and cannot be changed",
    "Publish the next version",
  ],
  [
    /file_count limited/i,
    "dist.upload.unexpected_asset",
    "has more files than GitHub allows",
    "Look at the draft on GitHub, or give it up with dist release abandon",
  ],
  [
    /size must be less than/i,
    "file.too_large",
    "has a file that is too large for GitHub",
    "Split the file or make it smaller",
  ],
  [
    /target_commitish/i,
    "dist.release.tag_mismatch",
    "cannot be made at the commit that was built, which GitHub does not have",
    "Push the commit first",
  ],
];

/** Says a refusal of GitHub in our own codes where it is one that people can do something about; anything else stays as it is. */
export function releaseProblem(cause: unknown, tag: string): unknown {
  if (!(cause instanceof ToolError) || cause.data["status"] !== 422) return cause;
  const texts = textsOf(cause);
  for (const [text, code, message, hint] of TEXTS) {
    if (!texts.some((one) => text.test(one))) continue;
    return new ToolError(code, `${tag} ${message}`, { data: { tag, status: 422 }, hints: [hint], cause });
  }
  return cause;
}

/** Tells an asset that is refused because its name is taken. */
export function isNameTaken(cause: unknown): boolean {
  if (!(cause instanceof ToolError) || cause.data["status"] !== 422) return false;
  return textsOf(cause).some((text) => text.includes("already_exists"));
}

function textsOf({ data }: ToolError): readonly string[] {
  const { reasons, message } = data;
  const all: readonly unknown[] = Array.isArray(reasons) ? [...reasons.map(String), message] : [message];
  return all.filter((one) => typeof one === "string");
}
