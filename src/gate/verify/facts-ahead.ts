import type { Oid } from "../../kernel/oid.ts";
import { type History, historyOf } from "../../state/verify/history.ts";
import { type Helper, type PartsAhead, partsAhead } from "../../state/verify/parts-ahead.ts";
import type { Prefix } from "../../state/verify/prefix.ts";
import { rulesById, type VerifyRule } from "../../state/verify/rule.ts";
import type { Span } from "../../state/verify/walk.ts";
import type { GateGround } from "../ground.ts";

/** Starts a helper for a long history; absent where there is no other thread. */
export interface Helpers {
  start(): Helper;
  /** Commits of a part, where another number than usual is meant. */
  readonly size?: number;
}

/** Facts that were followed, with what a helper walks of them. */
export interface FactsAhead {
  readonly history: History;
  readonly ahead: PartsAhead | null;
}

/** Follows facts and sets the helper to work on them, so that it walks while decisions are folded. */
export async function factsAhead(
  ground: Pick<GateGround, "store" | "clock">,
  how: { readonly helpers?: Helpers | null; readonly rules: readonly VerifyRule[] },
  prefix: Prefix | null,
  tip: Oid | null,
): Promise<FactsAhead | null> {
  if (tip === null) return null;
  const history = await historyOf(ground, { after: prefix === null ? null : prefix.state, tip });
  const { helpers = null } = how;
  if (helpers === null) return { history, ahead: null };
  const rules = rulesById(how.rules);
  const on = {
    history,
    nowMs: ground.clock.now().getTime(),
    isWarning: (rule: string) => rules.get(rule)?.level === "warning",
    ...(helpers.size === undefined ? {} : { size: helpers.size }),
  };
  return { history, ahead: partsAhead(() => helpers.start(), on) };
}

/** From where to where facts are walked, with what is known of them. */
export function spanOf(tip: Oid, prefix: Prefix | null, facts: FactsAhead | null): Span {
  const from = prefix === null ? { after: null } : { after: prefix.state, counts: prefix.counts };
  return { ...from, tip, ...facts };
}

/** Ends the helper; what it has not walked is nobody's any more. */
export async function closeAhead(facts: FactsAhead | null): Promise<void> {
  await facts?.ahead?.close();
}
