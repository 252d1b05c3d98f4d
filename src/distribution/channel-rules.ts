import { freezeRow } from "../gate/core/freeze.ts";
import type { ChannelSettings } from "../gate/core/requirement.ts";
import { soakRow } from "../gate/core/soak.ts";
import type { RuleResult } from "../gate/core/verdict.ts";
import type { ChannelPointerV1, PointerSource, ValidationCounts } from "../schema/types.gen.ts";
import { judgeValidation } from "./core/validation.ts";

/** A move of a channel as its rules see it. */
export interface Move {
  readonly kind: "promotion" | "rollback";
  readonly validation: ValidationCounts;
  readonly source: PointerSource | null;
  /** Who asks, as far as it is known: holds bind automation only. */
  readonly byPerson: boolean;
}

/**
 * The rules of a channel besides people: validation, soak, freeze and the hold of a rollback. A rollback is bound by none of them: it
 * goes to what the channel had before, and it is for the night on which everything else stands still.
 */
export function channelRows(
  settings: ChannelSettings,
  now: ChannelPointerV1 | null,
  move: Move,
  at: string,
): readonly RuleResult[] {
  if (move.kind === "rollback") return [];
  const validation = judgeValidation(settings.policy, move.validation);
  return [
    { rule: "validation", status: validation.takes ? "ok" : "refuse", message: validation.message },
    soakRow(settings.soak, move.source, at),
    freezeRow(settings.freeze, at),
    holdRow(now, move.byPerson),
  ];
}

function holdRow(now: ChannelPointerV1 | null, byPerson: boolean): RuleResult {
  if (now?.kind !== "rollback") return { rule: "hold", status: "ok", message: "none" };
  if (byPerson) return { rule: "hold", status: "ok", message: "a person asks, which ends the hold of the rollback" };
  const message = `automation may not move ${now.channel} since the rollback of ${now.requested_at.slice(0, 10)}; a person may, with a key that policy names or an account of the forge`;
  return { rule: "hold", status: "refuse", message };
}
