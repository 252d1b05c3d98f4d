import { ToolError } from "../../../kernel/errors.ts";
import type { Said, Unsaid } from "../../../ports/forge-settings.ts";
import { statusOf } from "../client.ts";

/** How GitHub words that a plan does not have something. Source: facts of rulesets and protection on free private repositories. */
const PLAN = /upgrade to github|make this repository public/i;

/**
 * Asks GitHub for something that it may not say to this token. `missing` is what 404 means: null where it means no permission, as
 * GitHub hides what a token may not see. What could not be asked is thrown, `forge.*`.
 */
export async function said<T>(
  what: string,
  ask: () => Promise<T>,
  missing: (() => Promise<Said<T>> | Said<T>) | null = null,
): Promise<Said<T>> {
  try {
    return { said: await ask() };
  } catch (cause) {
    const status = statusOf(cause);
    if (isLimit(cause) || (status !== 403 && status !== 404)) throw cause;
    if (isPlan(cause)) return { unsaid: "plan", why: `GitHub has ${what} on another plan, or in a public repository` };
    return status === 404 && missing !== null ? missing() : hidden(what);
  }
}

/** Says that this token may not know something. */
export function hidden(what: string): Unsaid {
  return { unsaid: "permission", why: `GitHub does not tell this token ${what}` };
}

/** Tells that the plan of a repository is why GitHub refuses. */
export function isPlan(cause: unknown): boolean {
  return PLAN.test(messageOf(cause));
}

/** GitHub's own words of a refusal; empty where it said none. */
export function messageOf(cause: unknown): string {
  const message = cause instanceof ToolError ? cause.data["message"] : undefined;
  return typeof message === "string" ? message : "";
}

function isLimit(cause: unknown): boolean {
  return cause instanceof ToolError && cause.code === "forge.rate_limited";
}
