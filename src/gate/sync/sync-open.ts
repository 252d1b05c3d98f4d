import type { Act } from "../../kernel/act.ts";
import { type Reason, reason, type ToolError } from "../../kernel/errors.ts";
import { derivedEventId } from "../../kernel/ids.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { Proposal } from "../../ports/forge.ts";
import { PROPOSALS } from "../../state/branches.ts";
import { openState } from "../../state/transact.ts";
import type { View } from "../../state/view.ts";
import { announce, announceLater } from "../propose/announce.ts";
import type { Decision } from "../core/decisions.ts";
import type { Subject } from "../core/judge.ts";
import type { Verdict } from "../core/verdict.ts";
import { type AnyDecisionKind, decisionKindAt } from "../decision-kind.ts";
import type { GateGround } from "../ground.ts";
import { isForgeError } from "../forge-error.ts";
import { judgeOpen } from "../review/judge-open.ts";
import { openProposals } from "../review/open-list.ts";
import { foreignProposal, type OpenProposal } from "../review/open-proposal.ts";
import { openPull } from "../propose/open-pull.ts";
import { supersededComment, supersededStatus } from "../page/comments.ts";
import type { Prover } from "./prover.ts";
import { recordEvent } from "../propose/record-event.ts";
import { verdictOf } from "../review/verdict.ts";
import type { LoadedDecisions } from "../view/view.ts";

/** A proposal that can never be merged because another decision of its path came first. */
export interface Superseded {
  readonly id: string;
  readonly path: string;
  /** Proposal that won; null where what stands on the tip cannot be read. */
  readonly winner: string | null;
  /** When the winner was merged; null where there is none. */
  readonly at: string | null;
  /** Command that proposes the same again; null where its kind has none. */
  readonly command: string | null;
}

/** What became of open proposals in one run. */
export interface SyncedOpen {
  readonly superseded: readonly Superseded[];
  readonly open: readonly (OpenProposal & { readonly verdict: Verdict })[];
  /** Proposals that are merged or closed and whose branch was removed now. */
  readonly finished: readonly string[];
  readonly unknown: readonly Reason[];
}

/** What looking after open proposals needs. */
export interface SyncOn {
  readonly ground: GateGround;
  readonly act: Act;
  readonly history: LoadedDecisions;
  readonly prover: Prover | null;
}

/** Removes branches that are done, closes what lost, and shows the verdict of everything else. */
export async function syncOpen(on: SyncOn): Promise<SyncedOpen> {
  const { ground } = on;
  const facts = await openState(ground);
  const came: Came[] = [];
  const listed = await openProposals(ground);
  for (const named of listed.named) came.push(await guarded(() => syncOne(on, facts, named)));
  const ours = new Set(listed.named.map(({ head }) => head));
  for (const pull of listed.foreign) came.push(await guarded(() => judgedForeign(on, facts, pull, ours)));
  return {
    superseded: came.flatMap((one) => ("lost" in one ? [one.lost] : [])),
    open: came.flatMap((one) => ("open" in one ? [one.open] : [])),
    finished: came.flatMap((one) => ("finished" in one ? [one.finished] : [])),
    unknown: [...listed.problems.map(unread), ...came.flatMap((one) => problemOf(one) ?? [])],
  };
}

type Came =
  | { readonly finished: string }
  | { readonly lost: Superseded }
  | { readonly open: OpenProposal & { readonly verdict: Verdict } }
  | { readonly problem: ToolError };

function problemOf(one: Came): Reason | undefined {
  if ("problem" in one) return unread(one.problem);
  if (!("open" in one)) return undefined;
  const { proposal, verdict, unread: cause } = one.open;
  const row = verdict.rules.find(({ status }) => status === "unknown");
  if (cause !== undefined) return unread(cause);
  if (verdict.colour !== "unknown" || row === undefined) return undefined;
  const message = `The verdict of ${proposal.id} is unknown: ${row.message}`;
  return reason("gate.verdict.unknown", message, { proposal_id: proposal.id }, "waybill gate sync");
}

/** One pull request that cannot be read or written does not keep the others from being looked after. */
async function guarded(sync: () => Promise<Came>): Promise<Came> {
  try {
    return await sync();
  } catch (cause) {
    if (isForgeError(cause)) return { problem: cause };
    throw cause;
  }
}

function unread({ message, data }: ToolError): Reason {
  return reason("gate.verdict.unknown", message, data, "waybill gate sync");
}

async function syncOne(on: SyncOn, facts: View, named: Parameters<typeof judgeOpen>[2]): Promise<Came> {
  const { ground, act, history } = on;
  const { id, head } = named;
  if (history.decisions.isUsed(id)) return finish(ground, id, head);
  const open = await judgeOpen(ground, history, named, act);
  if (open.unread !== undefined) {
    const { decisions } = history;
    const verdict = await verdictOf({ ...ground, facts, decisions }, open);
    await announceLater({ ground, facts, decisions }, open, verdict);
    return { open: { ...open, verdict } };
  }
  const lost = lostTo(ground, history, open);
  if (lost !== null) {
    await supersede(on, { lost, head, open });
    return { lost };
  }
  if (open.pull?.state === "closed") {
    await recordClosed(on, open);
    return finish(ground, id, head);
  }
  return judged(on, facts, open);
}

async function finish({ store }: GateGround, id: string, head: Oid): Promise<Came> {
  await store.drop(PROPOSALS + id, head);
  return { finished: id };
}

async function judged({ ground, act, history }: SyncOn, facts: View, open: OpenProposal): Promise<Came> {
  const { decisions } = history;
  const isLeft = ground.forge !== undefined && open.pull === null;
  const found = isLeft ? await openPull({ ground, facts, decisions }, history, act, open) : open;
  const verdict = await verdictOf({ ...ground, facts, decisions }, found);
  await announce({ ground, facts, decisions }, found, verdict);
  return { open: { ...found, verdict } };
}

/**
 * A pull request that is no proposal gets its status too, unless its commit is a proposal's: a status belongs to the commit, and whoever
 * opens a pull request of the same commits from a fork must not take the verdict of the proposal away.
 */
async function judgedForeign(on: SyncOn, facts: View, pull: Proposal, ours: ReadonlySet<Oid>): Promise<Came> {
  const open = foreignProposal(pull);
  if (!ours.has(pull.head)) return judged(on, facts, open);
  const { ground, history } = on;
  return { open: { ...open, verdict: await verdictOf({ ...ground, facts, decisions: history.decisions }, open) } };
}

/** A person closed the pull request: that is a rejection, without a reason that we know. */
async function recordClosed({ ground, act }: SyncOn, { proposal, judgement }: OpenProposal): Promise<void> {
  const { id, head, number } = proposal;
  const { at } = await ground.store.commit(head);
  const metadata = { path: judgement.subject?.path ?? null, head, reason: `#${number ?? 0} was closed` };
  await recordEvent(ground, act.step(`closed-${id}`), {
    action: "proposal.rejected",
    target: ["proposal", id],
    metadata,
    derived: { id: derivedEventId(at, id, "proposal.rejected"), at },
  });
}

/** Says what a proposal lost to; null where it can still be merged. */
function lostTo(
  ground: GateGround,
  { decisions }: LoadedDecisions,
  { proposal, judgement }: OpenProposal,
): Superseded | null {
  const { subject } = judgement;
  const isOutdated = judgement.rules.some(({ rule, status }) => rule === "base" && status === "refuse");
  if (subject === null || !isOutdated) return null;
  const winner = winnerOf(decisions, subject);
  const kind = decisionKindAt(ground.decisionKinds, subject.path);
  return {
    id: proposal.id,
    path: subject.path,
    winner: winner?.proposalId ?? decisions.standing(subject.path)?.proposalId ?? null,
    at: winner?.mergedAt ?? null,
    command: kind?.command?.(subject.document) ?? null,
  };
}

/** The first decision of a path after the one that a proposal was made from, so that later ones do not change the answer. */
function winnerOf(decisions: LoadedDecisions["decisions"], { path, header }: Subject): Decision | undefined {
  const history = decisions.history(path);
  const from = history.findIndex(({ proposalId }) => proposalId === header.from?.proposal_id);
  return header.from === null ? history.at(-1) : history[from - 1];
}

/** Records that a proposal lost, once, says so on its pull request and closes that, and only then removes its branch. */
async function supersede(
  on: SyncOn,
  { lost, head, open }: { readonly lost: Superseded; readonly head: Oid; readonly open: OpenProposal },
): Promise<void> {
  const { ground, act } = on;
  const { id, path, winner, command } = lost;
  const { subject } = open.judgement;
  const action = subject === null ? "proposal.superseded" : supersededAction(ground.decisionKinds, subject);
  const at = lost.at ?? (await ground.store.commit(head)).at;
  await recordEvent(ground, act.step(`supersede-${id}`), {
    action,
    target: ["proposal", id],
    metadata: { path, winner, command, ...appOf(subject) },
    derived: { id: derivedEventId(at, id, action), at },
  });
  if (subject !== null) await closePull(on, open, subject, lost);
  await ground.store.drop(PROPOSALS + id, head);
}

async function closePull(
  { ground, history, prover }: SyncOn,
  { proposal }: OpenProposal,
  subject: Subject,
  { winner }: Superseded,
): Promise<void> {
  const { forge, decisionKinds } = ground;
  if (forge === undefined || proposal.number === null) return;
  const { decisions } = history;
  const won =
    decisions.merged.find(({ proposalId }) => proposalId === winner)?.commit ??
    decisions.standing(subject.path)?.commit;
  const number = won === undefined ? null : ((await prover?.byMerge(won))?.number ?? null);
  const { event, text } = supersededComment({ decisionKinds, decisions }, subject, { id: winner, number });
  await forge.comment(proposal, event, text);
  await forge.post(proposal, supersededStatus({ number }));
  await forge.close(proposal);
}

/** `promotion.proposed` ends as `promotion.superseded`. */
function supersededAction(kinds: readonly AnyDecisionKind[], subject: Subject): string {
  const action = decisionKindAt(kinds, subject.path)?.proposed(subject.document)?.action;
  return action?.endsWith(".proposed") === true ? action.replace(/proposed$/, "superseded") : "proposal.superseded";
}

function appOf(subject: Subject | null): { readonly app?: string } {
  return subject !== null && "app" in subject.document && typeof subject.document.app === "string"
    ? { app: subject.document.app }
    : {};
}
