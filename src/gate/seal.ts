import type { Act } from "../kernel/act.ts";
import { type Reason, type Refused, refuse, ToolError } from "../kernel/errors.ts";
import { timestamp } from "../kernel/time.ts";
import { isOid } from "../kernel/oid.ts";
import type { StateSealResultV1 } from "../schema/types.gen.ts";
import { type SealAnchor, type Sealed, sealState } from "../state/seal/seal.ts";
import type { Decision, Decisions } from "./core/decisions.ts";
import { headerOf } from "./core/header.ts";
import type { GateGround } from "./ground.ts";
import { syncGate } from "./sync.ts";
import { loadDecisions } from "./view.ts";

/** What sealing came to. */
export interface SealedFacts {
  readonly result: StateSealResultV1;
  readonly warnings: readonly Reason[];
}

/**
 * Seals facts of days before the newest that a decision in force has seen. What follows from merged decisions is recorded first, so
 * that nothing is due any more that would be dated on a sealed day; days from the oldest pending merge on stay as they are. Refuses
 * while the forge does not say what was merged.
 */
export async function sealFacts(
  ground: GateGround,
  act: Act,
  asked: { readonly before: string | null; readonly dryRun: boolean },
): Promise<SealedFacts | Refused> {
  const { unknown, alarms, warnings } = await syncGate(ground, act.step("sync"));
  const [first, ...more] = unknown;
  if (first !== undefined) return refuse(first, ...more);
  const decisions = await loadDecisions(ground);
  const anchor = newestAnchor(decisions);
  const anchorAt = (await ground.store.commit(anchor.commit)).at;
  const today = timestamp(ground.clock.now()).slice(0, 10);
  const days = [anchorAt.slice(0, 10), today, ...decisions.pending.map(({ at }) => at.slice(0, 10))];
  const before = [...days, ...(asked.before === null ? [] : [asked.before])].reduce((a, b) => (b < a ? b : a));
  const sealed = await sealState(ground, act, { anchor, before });
  const result = resultOf(sealed, { anchor: { ...anchor, at: anchorAt }, before, planned: asked.dryRun });
  return { result, warnings: [...alarms, ...warnings] };
}

/** The newest commit of facts that a decision in force has seen. */
export function newestAnchor({ merged, policy }: Pick<Decisions, "merged" | "policy">): SealAnchor {
  return merged.reduce((newest, decision) => {
    const anchor = anchorOf(decision);
    return anchor !== null && anchor.seq > newest.seq ? anchor : newest;
  }, anchorOf(policy) ?? noAnchor());
}

/** What a decision has seen; null for what has no header. */
export function anchorOf({ document, proposalId }: Decision): SealAnchor | null {
  const seen = headerOf(document)?.state_seen;
  return seen !== undefined && isOid(seen.commit)
    ? { proposal_id: proposalId, commit: seen.commit, seq: seen.seq }
    : null;
}

function noAnchor(): never {
  throw new ToolError("internal.bug", "The policy in force names no commit of facts");
}

function resultOf(
  { commits, folders, waiting }: Sealed,
  { planned, ...about }: Pick<StateSealResultV1, "anchor" | "before" | "planned">,
): StateSealResultV1 {
  return {
    schema: "state-seal-result.v1",
    planned,
    ...about,
    commits: planned ? [] : commits,
    sealed: folders.map(({ folder, kind, day, documents, segments, sizeBytesBefore, sizeBytesAfter, left }) => ({
      folder,
      kind,
      day,
      documents,
      segments: segments.map(({ path }) => path),
      size_bytes_before: sizeBytesBefore,
      size_bytes_after: sizeBytesAfter,
      left,
    })),
    waiting,
  };
}
