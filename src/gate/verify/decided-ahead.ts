import { CLOCK_LEEWAY_MS, msOf } from "../../kernel/time.ts";
import { DECISIONS } from "../../state/branches.ts";
import type { Report } from "../../state/verify/check.ts";
import type { Decisions } from "../core/decisions.ts";

/** `decision.ahead`, a warning: what was pushed to decisions is not dated after now, because later merges are judged no earlier. */
export function warnAhead({ at, tip }: Pick<Decisions, "at" | "tip">, now: Date, report: Report): void {
  if (msOf(at) <= now.getTime() + CLOCK_LEEWAY_MS) return;
  const message = `it is dated ${at}, which has not come yet, and every later merge is judged as of then`;
  const next = "find the commit that brought the date, and who pushed it";
  report({ rule: "decision.ahead", branch: DECISIONS, commit: tip, path: null, message, data: { at }, next });
}
