import type { Act } from "../../kernel/act.ts";
import { printCanonical } from "../../kernel/canonical-json.ts";
import { sha256Hex } from "../../kernel/digest.ts";
import { isRefused, type Refused, ToolError } from "../../kernel/errors.ts";
import { derivedEventId } from "../../kernel/ids.ts";
import { isOid, type Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { Proposal } from "../../ports/forge.ts";
import type { Signer } from "../../ports/signer.ts";
import type { DocumentName, Documents, PolicyV1 } from "../../schema/types.gen.ts";
import { PROPOSALS } from "../../state/branches.ts";
import { pathOf } from "../../state/document-kind.ts";
import { openState } from "../../state/transact.ts";
import type { View } from "../../state/view.ts";
import { refuseSecret } from "../../state/writer.ts";
import { announce } from "./announce.ts";
import { personOfKey } from "../core/approvals.ts";
import { type DecisionHeader, headerOf } from "../core/header.ts";
import { judge, type Subject } from "../core/judge.ts";
import type { FileChange, HeadData } from "../core/merge-data.ts";
import { REQUEST_NAMESPACE } from "../core/ssh/sshsig.ts";
import type { DecisionKind } from "../decision-kind.ts";
import type { GateGround } from "../ground.ts";
import { judgeOpen } from "../review/judge-open.ts";
import { imaginedMerge, isAboutForm, judgeProposal, type OpenProposal, openHeads } from "../review/open-proposal.ts";
import { openPull } from "./open-pull.ts";
import { refuseForeignRepository } from "../own-repository.ts";
import type { ProposalRequest, Proposed } from "./proposal.ts";
import { recordEvent } from "./record-event.ts";
import { refuseLostFacts } from "../kinds/rewrite-due.ts";
import { verdictOf } from "../review/verdict.ts";
import { type LoadedDecisions, loadHistory } from "../view/view.ts";

/** Longest that writing the branch of a proposal may take. */
const DEADLINE_MS = 60_000;

/**
 * Opens a proposal: a branch from the tip of decisions with one decision commit, signed as a request where the caller has a key, and
 * its event among facts. The same request again finds the open proposal and writes nothing new. With `dryRun` nothing is written.
 * A crash leaves no proposal, or one whose event the next run records.
 */
export async function propose<N extends DocumentName>(
  ground: GateGround,
  act: Act,
  request: ProposalRequest<N>,
  options: { readonly dryRun?: boolean } = {},
): Promise<Proposed<N> | Refused> {
  const history = await loadHistory(ground);
  const facts = await openState(ground);
  await refuseForeignRepository(ground, facts);
  // Only another rewrite of the same facts writes nothing among them.
  if (request.kind.schema !== "rewrite.v1") refuseLostFacts(history.decisions, facts.at);
  const path = pathOf(request.kind, request.key);
  const header = await headerFor(ground, history, facts, act, { ...request, path });
  const drafted = await request.draft(header, facts, history.decisions);
  if (isRefused(drafted)) return drafted;
  const bytes = ground.schemas.print<DocumentName>(request.kind.schema, drafted);
  refuseSecret(path, bytes, ground.secrets);
  const { decisions } = history;
  const signer = ofPerson(decisions.policy.document, request.signer);
  const wanted: Wanted<N> = { ...request, signer, path, document: drafted, bytes };
  const same = await findSame(ground, history, act, wanted);
  const pushed = same ?? (await openNew(ground, history, act, wanted, options.dryRun === true));
  const { document } = pushed;
  if (options.dryRun !== true) await recordProposed(ground, act, request.kind, pushed);
  const on = { ground, facts, decisions };
  const opened = options.dryRun === true ? pushed : await openPull(on, history, act, pushed);
  const verdict = await verdictOf({ ...ground, facts, decisions }, opened);
  if (options.dryRun !== true) await announce(on, opened, verdict);
  const title = request.kind.title(document, decisions.find(path));
  const notOpened = "notOpened" in opened && opened.notOpened !== undefined ? opened.notOpened : null;
  return { proposal: opened.proposal, document, path, title, verdict, notOpened, created: same === undefined };
}

/** A key of nobody in policy vouches for nobody: its owner is not even asked for a passphrase or a touch. */
function ofPerson(policy: PolicyV1, signer: Signer | null): Signer | null {
  return signer !== null && personOfKey(policy, signer.publicKey) !== undefined ? signer : null;
}

interface Wanted<N extends DocumentName> {
  readonly kind: DecisionKind<N>;
  readonly path: string;
  readonly document: Documents[N];
  readonly bytes: Uint8Array;
  /** Key of a person of policy. */
  readonly signer: Signer | null;
}

type Opened<N extends DocumentName> = OpenProposal & { readonly document: Documents[N] };

async function headerFor(
  ground: GateGround,
  { decisions }: LoadedDecisions,
  facts: View,
  act: Act,
  asked: Pick<ProposalRequest<DocumentName>, "reason" | "requestedRun"> & { readonly path: string },
): Promise<DecisionHeader> {
  const inForce = decisions.find(asked.path);
  const replaces = decisions.standing(asked.path)?.proposalId ?? undefined;
  const seq = Number((await ground.store.commit(facts.at)).trailers.get("Waybill-Seq") ?? 1);
  return {
    repo_id: decisions.policy.document.repo_id,
    proposal_id: act.again().id("prop"),
    from: inForce === undefined ? null : { proposal_id: inForce.proposalId },
    state_seen: { commit: facts.at, seq },
    requested_by: { ...act.actor },
    requested_at: act.at,
    reason: asked.reason,
    ...(asked.requestedRun === undefined ? {} : { requested_run: asked.requestedRun }),
    ...(replaces === undefined ? {} : { replaces }),
  };
}

/** An open proposal of the same path that asks for the same: all but who, when and why is equal, and it can still be merged. */
async function findSame<N extends DocumentName>(
  ground: GateGround,
  history: LoadedDecisions,
  act: Act,
  wanted: Wanted<N>,
): Promise<Opened<N> | undefined> {
  for (const [id, head] of await openHeads(ground.store)) {
    const [found] = await ground.store.read(head, [wanted.path]);
    if (!found || !("bytes" in found)) continue;
    const document = parsed(ground, wanted, found.bytes);
    if (document === undefined || essence(document) !== essence(wanted.document)) continue;
    const open = await judgeOpen(ground, history, { id, head }, act);
    const { subject, rules } = open.judgement;
    const refusals = rules.filter(({ status }) => status === "refuse");
    const isBroken = refusals.some(({ rule }) => isAboutForm(rule));
    if (subject?.path !== wanted.path || isBroken) continue;
    // What is refused because automation asked may be asked for anew by a person.
    if (refusals.length === 0 || isByPerson(subject) || !asksInPerson(wanted)) return { ...open, document };
  }
  return undefined;
}

function isByPerson({ header, approvals }: Subject): boolean {
  return header.requested_by.kind === "human" && approvals.requesterVerified;
}

function asksInPerson<N extends DocumentName>({ signer, document }: Wanted<N>): boolean {
  return signer !== null && headerOf(document)?.requested_by.kind === "human";
}

function parsed<N extends DocumentName>(
  { schemas }: GateGround,
  { kind, path }: Wanted<N>,
  bytes: Uint8Array,
): Documents[N] | undefined {
  try {
    return schemas.parse(kind.schema, bytes, path);
  } catch {
    // Another's branch may hold anything; what cannot be read is not the same request.
    return undefined;
  }
}

/** What a decision asks for, without who asked, when, why and what was seen meanwhile. */
function essence(document: Documents[DocumentName]): string {
  const about = ["proposal_id", "state_seen", "seen", "requested_by", "requested_at", "requested_run", "reason"];
  const rest = Object.entries(document).filter(([name]) => !about.includes(name));
  return printCanonical(Object.fromEntries(rest));
}

async function openNew<N extends DocumentName>(
  ground: GateGround,
  history: LoadedDecisions,
  act: Act,
  wanted: Wanted<N>,
  dryRun: boolean,
): Promise<Opened<N>> {
  const id = idOf(wanted.document);
  const sig = `${wanted.path}.sig`;
  const { tip } = history.decisions;
  const [decision, oldSig] = await ground.store.read(tip, [wanted.path, sig]);
  const signature = (await wanted.signer?.sign(REQUEST_NAMESPACE, wanted.bytes)) ?? null;
  const writes = new Map<string, Uint8Array | null>([
    [wanted.path, wanted.bytes],
    ...(wanted.kind.beside?.(wanted.document) ?? new Map<string, Uint8Array>()),
  ]);
  if (signature !== null || oldSig) writes.set(sig, signature === null ? null : Buffer.from(signature));
  if (dryRun) return { ...imagined(history, act, id, writes), document: wanted.document };
  const reads = new Map<string, Oid | null>([
    [wanted.path, decision?.oid ?? null],
    [sig, oldSig?.oid ?? null],
  ]);
  const message = printable(wanted.kind.title(wanted.document, history.decisions.find(wanted.path)));
  const deadline = new Date(ground.clock.now().getTime() + DEADLINE_MS);
  const applied = await ground.store.apply(PROPOSALS + id, { act, onto: tip, reads, writes, message }, deadline);
  if (!("commit" in applied)) throw new ToolError("internal.bug", `The new branch of ${id} moved`);
  const open = await judgeProposal(ground.store, history, { id, head: applied.commit }, act.at);
  return { ...open, document: wanted.document };
}

function idOf(document: Documents[DocumentName]): string {
  const header = headerOf(document);
  if (header === undefined) throw new ToolError("internal.bug", "A proposal without a decision header");
  return header.proposal_id;
}

/** A proposal that a dry run did not make, judged all the same. */
function imagined(
  { decisions, on }: LoadedDecisions,
  act: Act,
  id: string,
  writes: ReadonlyMap<string, Uint8Array | null>,
): OpenProposal {
  const changes: readonly FileChange[] = [...writes].map(([path, bytes]) => ({
    path,
    before: null,
    after: bytes === null ? null : contentId(bytes),
    mode: "100644",
  }));
  const files = new Map([...writes].flatMap(([path, bytes]) => (bytes === null ? [] : [[path, bytes] as const])));
  const commits = [{ commit: decisions.tip, parents: 1, paths: [...writes.keys()] }];
  const head: HeadData = { head: decisions.tip, base: decisions.tip, commits, changes };
  const proposal: Proposal = {
    id,
    number: null,
    base: head.base,
    head: head.head,
    state: "open",
    merge: null,
    url: null,
    foreign: false,
  };
  const merge = imaginedMerge(decisions.tip, head.head, { head, changes, files, at: act.at });
  return { proposal, judgement: judge(on, decisions, merge), pull: null };
}

function contentId(bytes: Uint8Array): Oid | null {
  const digest = sha256Hex(bytes);
  return isOid(digest) ? digest : null;
}

async function recordProposed<N extends DocumentName>(
  ground: GateGround,
  act: Act,
  kind: DecisionKind<N>,
  { document, proposal }: Opened<N>,
): Promise<void> {
  const event = kind.proposed(document);
  if (event === null) return;
  const at = headerOf(document)?.requested_at ?? act.at;
  const derived = { id: derivedEventId(at, proposal.id, event.action), at };
  await recordEvent(ground, act.step("event"), { ...event, derived });
}
