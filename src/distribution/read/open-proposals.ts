import { type Reason, reason } from "../../kernel/errors.ts";
import { timestamp } from "../../kernel/time.ts";
import type { Verdict } from "../../gate/core/verdict.ts";
import type { GateGround } from "../../gate/ground.ts";
import type { NamedProposal } from "../../gate/review/judge-open.ts";
import type { GitStore } from "../../ports/git-store.ts";
import type { ChannelPointerV1, PolicyV1 } from "../../schema/types.gen.ts";
import { PROPOSALS } from "../../state/branches.ts";

/** Most proposals that one answer judges. */
const MAX_JUDGED = 100;

/** A pointer that waits for its merge, and what policy says of it. */
export interface OpenPointer {
  readonly id: string;
  /** Of its pull request; null where there is none. */
  readonly number: number | null;
  readonly url: string | null;
  readonly verdict: Verdict["colour"];
  readonly pointer: ChannelPointerV1;
}

/** Open proposals of channels; `policy` is null where there are none, and nothing was read for them. */
export interface OpenPointers {
  readonly policy: PolicyV1 | null;
  readonly pointers: readonly OpenPointer[];
  readonly warnings: readonly Reason[];
}

/** What open proposals are read with. `openGround` is asked only where there are some: it costs schemas and the fold. */
export interface ProposalsGround {
  readonly store: GitStore;
  readonly openGround: () => Promise<GateGround>;
}

/** Judges the open proposals of channels, by code point of id. Where no branch of a proposal is open, this reads branch names only. */
export async function openPointers({ store, openGround }: ProposalsGround): Promise<OpenPointers> {
  const heads = [...(await store.branches(PROPOSALS))];
  if (heads.length === 0) return { policy: null, pointers: [], warnings: [] };
  const [{ loadHistory }, { openState }, { openProposals }] = await Promise.all([
    import("../../gate/view/view.ts"),
    import("../../state/transact.ts"),
    import("../../gate/review/open-list.ts"),
  ]);
  const ground = await openGround();
  const history = await loadHistory(ground);
  const facts = await openState(ground);
  const pointers: OpenPointer[] = [];
  // A branch that a crash left behind after the merge is not open.
  const { named } = await openProposals(ground);
  const waiting = named.filter(({ id }) => !history.decisions.isUsed(id));
  for (const one of waiting.slice(0, MAX_JUDGED)) pointers.push(...(await pointerOf({ ground, history, facts }, one)));
  return { policy: history.decisions.policy.document, pointers, warnings: tooMany(waiting.length) };
}

/** What judging one proposal needs. */
interface Bench {
  readonly ground: GateGround;
  readonly history: Awaited<ReturnType<typeof import("../../gate/view/view.ts").loadHistory>>;
  readonly facts: Awaited<ReturnType<typeof import("../../state/transact.ts").openState>>;
}

async function pointerOf({ ground, history, facts }: Bench, named: NamedProposal): Promise<readonly OpenPointer[]> {
  const [{ judgeOpen }, { verdictOf }] = await Promise.all([
    import("../../gate/review/judge-open.ts"),
    import("../../gate/review/verdict.ts"),
  ]);
  const { id } = named;
  const open = await judgeOpen(ground, history, named, { at: timestamp(ground.clock.now()) });
  const document = open.judgement.subject?.document;
  if (document === undefined || !("schema" in document) || document.schema !== "channel-pointer.v1") return [];
  const verdict = await verdictOf({ ...ground, facts, decisions: history.decisions }, open);
  const { number, url } = open.proposal;
  return [{ id, number, url, verdict: verdict.colour, pointer: document }];
}

function tooMany(count: number): readonly Reason[] {
  if (count <= MAX_JUDGED) return [];
  const message = `${count} proposals are open; only the first ${MAX_JUDGED} were judged here`;
  return [reason("state.limit.exceeded", message, { count }, "waybill gate list")];
}
