import type { Act } from "../../kernel/act.ts";
import type { Reason } from "../../kernel/errors.ts";
import { openState, tipOf } from "../../state/transact.ts";
import type { Decision } from "../core/decisions.ts";
import type { GateGround } from "../ground.ts";
import { refuseForeignRepository } from "../own-repository.ts";
import { proverOn } from "./prover.ts";
import { recordDecisions } from "./record.ts";
import { rewriteDue } from "../kinds/rewrite-due.ts";
import { tellDishonoured } from "./sync-comments.ts";
import { syncOpen, type SyncedOpen } from "./sync-open.ts";
import { loadHistory, warningsOf } from "../view/view.ts";
import type { Vouch } from "./vouch.ts";

/** What a sync did and saw. */
export interface Synced extends SyncedOpen {
  /** Decisions whose evidence or events were written now, oldest first. */
  readonly recorded: readonly Decision[];
  /** Evidence that says something else than the history or the forge. */
  readonly alarms: readonly Reason[];
  readonly warnings: readonly Reason[];
}

/** Facts that are about to be replaced are not written to. */
const NOTHING_DONE = { recorded: [], alarms: [], superseded: [], open: [], finished: [], unknown: [] } as const;

/**
 * Derives what follows from merged decisions: evidence and each kind's consequences in one commit per decision, oldest first; then
 * what pull requests of merges in vain must say, proposals that lost, verdicts of those that are open, and branches that are done. Where
 * there is a forge, evidence is derived from its answers. Each step finds what an earlier run did, so a crash anywhere leaves work for
 * the next run and never does anything twice. Attestors vouch by the key of this run, or as `vouch` says.
 */
export async function syncGate(ground: GateGround, act: Act, vouch?: Vouch): Promise<Synced> {
  const { forge } = ground;
  await refuseForeignRepository(ground, await openState(ground));
  const prover = forge === undefined ? null : await proverOn(ground, forge, vouch);
  const proven = await loadHistory(ground, prover === null ? {} : { evidence: prover.source });
  const due = rewriteDue(proven.decisions, await tipOf(ground.store));
  if (due !== null) return { ...NOTHING_DONE, warnings: [due, ...warningsOf(proven.decisions)] };
  const recorded = await recordDecisions(ground, act, proven.decisions, prover);
  const told = prover === null ? [] : await tellDishonoured(ground, act, proven.decisions, prover);
  const opened = await syncOpen({ ground, act, history: proven, prover });
  return {
    ...opened,
    recorded: recorded.decisions,
    alarms: [...(prover?.alarms ?? []), ...recorded.alarms],
    unknown: [...(prover?.unknown ?? []), ...recorded.unknown, ...told, ...opened.unknown],
    warnings: warningsOf(proven.decisions),
  };
}
