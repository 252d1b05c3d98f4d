import { printable } from "../kernel/text.ts";
import type {
  GateApprovalsSoFar,
  GateDecision,
  GateOpenProposal,
  GateProposal,
  GateVerdict,
  NotOpened as ResultNotOpened,
} from "../schema/types.gen.ts";
import type { Approvals } from "./core/approvals.ts";
import type { Decision, Decisions } from "./core/decisions.ts";
import { type DecisionHeader, headerOf } from "./core/header.ts";
import type { Verdict } from "./core/verdict.ts";
import { type AnyDecisionKind, decisionKindAt } from "./decision-kind.ts";
import type { NotOpened } from "./propose/open-pull.ts";
import type { OpenProposal } from "./review/open-proposal.ts";
import type { Synced } from "./sync/sync.ts";
import { shownProof } from "../state/proof-columns.ts";

/** Longest title of a proposal in a result. */
const TITLE_LENGTH = 300;

/** What of a verdict stands in results. */
export function verdictPart({ colour, head, policyCommit, rules }: Verdict): GateVerdict {
  return { colour, head, policy: policyCommit, rules: rules.map(rulePart) };
}

function rulePart({ rule, status, message }: Verdict["rules"][number]): GateVerdict["rules"][number] {
  return { rule, status, message: printable(message, 2000) };
}

function requestPart(
  header: DecisionHeader | undefined,
): Pick<GateProposal, "requested_by" | "requested_at" | "reason"> {
  return {
    requested_by: header?.requested_by ?? null,
    requested_at: header?.requested_at ?? null,
    reason: header?.reason ?? null,
  };
}

/** What stands in results of a pull request that a person must open. */
export function notOpenedPart(notOpened: NotOpened | null): ResultNotOpened | null {
  if (notOpened === null) return null;
  const { compareUrl, why } = notOpened;
  return { compare_url: compareUrl, message: why.message, hints: why.hints };
}

function unopenedPart(opensAt: string): ResultNotOpened {
  const message = "Its pull request is not open yet";
  return { compare_url: opensAt, message, hints: [`The branch is pushed; open it: ${opensAt}`] };
}

/** What of an open proposal stands in results; what cannot be read is null. */
export function openPart(
  kinds: readonly AnyDecisionKind[],
  decisions: Decisions,
  { proposal, judgement, opensAt }: OpenProposal,
): GateProposal {
  const { subject } = judgement;
  const kind = subject && decisionKindAt(kinds, subject.path);
  const title = subject && kind?.title(subject.document, decisions.find(subject.path));
  return {
    id: proposal.id,
    number: proposal.number,
    url: proposal.url,
    not_opened: opensAt === undefined ? null : unopenedPart(opensAt),
    state: "open",
    kind: kind?.kind ?? null,
    title: title ? printable(title, TITLE_LENGTH) : null,
    path: subject?.path ?? null,
    ...requestPart(subject?.header),
    base: proposal.base,
    head: proposal.head,
  };
}

/** An open proposal with its verdict, as a row of a result. */
export function openRow(
  kinds: readonly AnyDecisionKind[],
  decisions: Decisions,
  open: OpenProposal & { readonly verdict: Verdict },
): GateOpenProposal {
  const { subject } = open.judgement;
  return {
    proposal: openPart(kinds, decisions, open),
    verdict: verdictPart(open.verdict),
    ...(subject && { approvals: soFar(subject.approvals) }),
  };
}

function soFar({ counted, needed }: Approvals): GateApprovalsSoFar {
  return { counted: counted.map(({ person }) => person), needed };
}

/** What of a merged decision stands in results. */
export function mergedPart(kinds: readonly AnyDecisionKind[], decisions: Decisions, decision: Decision): GateProposal {
  const kind = decisionKindAt(kinds, decision.path);
  const history = decisions.history(decision.path);
  const title = kind?.title(decision.document, history[history.indexOf(decision) + 1]);
  return {
    id: decision.proposalId,
    number: null,
    url: null,
    state: decisions.find(decision.path)?.proposalId === decision.proposalId ? "in_force" : "earlier",
    kind: kind?.kind ?? null,
    title: title === undefined ? null : printable(title, TITLE_LENGTH),
    path: decision.path,
    ...requestPart(headerOf(decision.document)),
    base: decision.proof?.base ?? null,
    head: decision.proof?.head ?? null,
  };
}

/** The merge of a decision, as results show it. */
export function decisionPart(decision: Decision): GateDecision {
  return {
    commit: decision.commit,
    merged_at: decision.mergedAt,
    sha256: decision.sha256,
    ...shownProof(decision),
    approvers: decision.approvers,
  };
}

/** Proposals that lost, as results show them. */
export function supersededPart({ superseded }: Synced) {
  return superseded.map(({ id, path, winner, command }) => ({ proposal_id: id, path, winner, command }));
}
