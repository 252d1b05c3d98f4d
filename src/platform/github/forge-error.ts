import type { ErrorCode } from "../../kernel/error-catalogue.ts";
import { ToolError } from "../../kernel/errors.ts";

/** Codes of what a forge said, or did not say. */
export type ForgeCode = Extract<ErrorCode, `forge.${string}`>;

const AGAIN = "Run the same command again";
const DOCTOR = "waybill doctor names what is missing";

/** What to do next, where nobody knows better; there is no code without. */
const NEXT: Readonly<Record<ForgeCode, string>> = {
  "forge.admin.missing": "Ask an administrator of the repository",
  "forge.conflict": AGAIN,
  "forge.forbidden": DOCTOR,
  "forge.foreign_host": "Check the address of the API",
  "forge.insecure": "Use an https address",
  "forge.not_found": "Check the name, and that the token may read the repository",
  "forge.plan.missing": "Keep the branches in a public repository, or one of a paid plan",
  "forge.pull_request.not_permitted": "Open the pull request by hand",
  "forge.rate_limited": "Wait a few minutes, then run the same command",
  "forge.refused": "GitHub's words say why; waybill doctor looks for the setting behind it",
  "forge.unanswered": AGAIN,
  "forge.unauthorised": "Set GITHUB_TOKEN to a token that is valid",
  "forge.unavailable": AGAIN,
};

/** Makes an error of a forge, which always says what to do next. */
export function forgeError(
  code: ForgeCode,
  message: string,
  more: Partial<Pick<ToolError, "data" | "hints" | "cause">> = {},
): ToolError {
  return new ToolError(code, message, { hints: [NEXT[code]], ...more });
}
