import type { Act } from "../../kernel/act.ts";
import { sha256Hex } from "../../kernel/digest.ts";
import { type Refused, reason, refuse, ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { Keys, Signer } from "../../ports/signer.ts";
import type { PolicyV1 } from "../../schema/types.gen.ts";
import { PROPOSALS } from "../../state/branches.ts";
import { openState } from "../../state/transact.ts";
import { announceLater } from "../propose/announce.ts";
import { firstKey, keysOf } from "../propose/asking-key.ts";
import { peopleNamed, personOfKey } from "../core/approvals.ts";
import type { Decisions } from "../core/decisions.ts";
import type { Subject } from "../core/judge.ts";
import { parsePublicKey } from "../core/ssh/openssh-key.ts";
import { DECISION_NAMESPACE } from "../core/ssh/sshsig.ts";
import type { Verdict } from "../core/verdict.ts";
import type { GateGround } from "../ground.ts";
import { isAboutForm, type OpenProposal } from "./open-proposal.ts";
import { refuseForeignRepository } from "../own-repository.ts";
import { readOpen, whichProposal } from "./read-open.ts";
import { verdictOf } from "./verdict.ts";
import { loadHistory } from "../view/view.ts";

const DEADLINE_MS = 60_000;
/** Times that an approval is put on a proposal which others sign at the same moment. */
const MAX_TRIES = 10;

/** An approval, made now or found. */
export interface Approved {
  readonly open: OpenProposal;
  readonly decisions: Decisions;
  readonly person: string;
  readonly fingerprint: string;
  /** False where this person had signed before, and nothing was written. */
  readonly created: boolean;
  readonly verdict: Verdict;
}

/** With what somebody approves. */
export interface ApproveWith {
  readonly keys: Keys;
  readonly keyFile: string | null;
  /** SHA-256 of the decision that the approver has seen; without it the one that is there now is meant. */
  readonly decision?: string;
}

/**
 * Approves a proposal: appends the caller's signature over the exact bytes of the decision to its `.sig`, as one more commit of its
 * branch. Refuses with `gate.approve.refused` where the signature would not count. Signing twice writes once.
 */
export async function approveProposal(
  ground: GateGround,
  act: Act,
  which: string,
  from: ApproveWith,
): Promise<Approved | Refused> {
  const facts = await openState(ground);
  await refuseForeignRepository(ground, facts);
  const named = await whichProposal(ground, which);
  const { id } = named;
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const history = await loadHistory(ground);
    const { decisions } = history;
    const open = await readOpen(ground, history, named, act);
    const subject = open.judgement.subject;
    if (subject === null || formProblem(open) !== undefined)
      return refused(id, formProblem(open) ?? "it has no decision that could be approved");
    const swapped = swapProblem(subject, from.decision);
    if (swapped !== null) return refused(id, swapped);
    const signer = await signerFor(from, decisions, act, subject, open.proposal.url);
    const person = whoMay(decisions.policy.document, subject, signer);
    if (typeof person === "object") return refused(id, person.why);
    const { fingerprint } = parsePublicKey(signer.publicKey);
    const answer = async (of: OpenProposal, created: boolean) => {
      const verdict = await verdictOf({ ...ground, facts, decisions }, of);
      await announceLater({ ground, facts, decisions }, of, verdict);
      return { open: of, decisions, person, fingerprint, created, verdict };
    };
    const hasSigned = subject.approvals.counted.some((one) => one.person === person && one.method === "signature");
    if (hasSigned) return answer(open, false);
    if (await signOnto(ground, act, { open, subject, signer, person }))
      return answer(await readOpen(ground, history, { id, pull: null }, act), true);
  }
  throw new ToolError("state.push.conflict", `The proposal ${printable(id)} kept moving (${MAX_TRIES} tries)`, {
    data: { branch: PROPOSALS + printable(id), tries: MAX_TRIES },
    hints: ["Run the same command again"],
  });
}

/** Holds the decision against the one that the approver has seen: its branch may have been swapped meanwhile. */
function swapProblem({ bytes }: Subject, seen: string | undefined): string | null {
  const found = sha256Hex(bytes);
  if (seen === undefined || seen === found) return null;
  return `its decision has the digest ${found}, not the one given; read it again before you approve it`;
}

function formProblem({ judgement }: OpenProposal): string | undefined {
  return judgement.rules.find(({ rule, status }) => status === "refuse" && isAboutForm(rule))?.message;
}

/** The caller's key; among several one that may approve this, the caller's own first. Throws `gate.approve.no_key`; `page` is where no key is needed. */
async function signerFor(
  { keys, keyFile }: Pick<ApproveWith, "keys" | "keyFile">,
  { policy: { document } }: Decisions,
  { actor }: Act,
  { approvals, requirement: { approvers, requesterMayApprove } }: Subject,
  page: string | null,
): Promise<Signer> {
  const may = approvers.filter((person) => requesterMayApprove || !approvals.requesters.includes(person));
  const own = peopleNamed(document, actor).filter((person) => may.includes(person));
  const lists = [own, may, approvers].map((people) => keysOf(document, people));
  const signer = await firstKey((preferred) => keys.signer(keyFile, preferred), lists);
  if (signer !== null) return signer;
  throw new ToolError("gate.approve.no_key", "There is no SSH key here to approve with", {
    data: { approvers },
    hints: [
      ...(page === null ? [] : [`Approve it without a key, by a review of its head: ${page}`]),
      "waybill keys new <person> makes one; policy.json must name it",
      "Name a key file: --key ~/.ssh/id_ed25519",
    ],
  });
}

function whoMay(policy: PolicyV1, subject: Subject, signer: Signer): string | { readonly why: string } {
  const person = personOfKey(policy, signer.publicKey);
  const { approvers, requesterMayApprove } = subject.requirement;
  if (person === undefined)
    return {
      why: `the key ${parsePublicKey(signer.publicKey).fingerprint} (${signer.source}) is of nobody in policy.json`,
    };
  if (!approvers.includes(person)) return { why: `${person} is not among the approvers (${approvers.join(", ")})` };
  if (subject.approvals.requesters.includes(person) && !requesterMayApprove)
    return { why: `${person} requested it, and policy does not let the requester approve` };
  return person;
}

/** Appends a signature; false where the proposal moved meanwhile, or went: whoever looks for it again hears what became of it. */
async function signOnto(
  ground: GateGround,
  act: Act,
  on: { readonly open: OpenProposal; readonly subject: Subject; readonly signer: Signer; readonly person: string },
): Promise<boolean> {
  const { path, bytes, sig } = on.subject;
  const sigPath = `${path}.sig`;
  const signature = await on.signer.sign(DECISION_NAMESPACE, bytes);
  const [decision, before] = await ground.store.read(on.open.proposal.head, [path, sigPath]);
  const change = {
    act,
    reads: new Map([
      [path, decision?.oid ?? null],
      [sigPath, before?.oid ?? null],
    ]),
    writes: new Map([[sigPath, Buffer.concat([sig ?? new Uint8Array(), Buffer.from(signature)])]]),
    message: `Approve ${on.open.proposal.id} as ${on.person}`,
  };
  const deadline = new Date(ground.clock.now().getTime() + DEADLINE_MS);
  try {
    return "commit" in (await ground.store.apply(PROPOSALS + on.open.proposal.id, change, deadline));
  } catch (cause) {
    if (cause instanceof ToolError && cause.code === "state.branch.missing") return false;
    throw cause;
  }
}

function refused(id: string, why: string): Refused {
  const message = `${printable(id)} cannot be approved: ${why}`;
  return refuse(
    reason("gate.approve.refused", message, { proposal_id: printable(id), why }, `waybill gate show ${printable(id)}`),
  );
}
