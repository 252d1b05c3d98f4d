import { printable } from "../../kernel/text.ts";
import type { DocumentActor, PolicyV1 } from "../../schema/types.gen.ts";
import type { CountedApproval } from "./decisions.ts";
import { printPublicKey } from "./ssh/openssh-key.ts";
import type { Requirement } from "./requirement.ts";
import {
  DECISION_NAMESPACE,
  isSignatureOf,
  parseSignatures,
  REQUEST_NAMESPACE,
  type SshSignature,
} from "./ssh/sshsig.ts";
import type { RuleResult } from "./verdict.ts";

/** What approvals are counted from: the decision's bytes, its signatures, and people as they were before it. */
export interface ApprovalCase {
  readonly bytes: Uint8Array;
  /** Content of `<path>.sig`; null where there is none. */
  readonly sig: Uint8Array | null;
  readonly policy: PolicyV1;
  readonly requirement: Requirement;
  readonly requestedBy: DocumentActor;
}

/** An approval that did not count, and why. */
export interface UncountedApproval {
  readonly who: string;
  readonly why: string;
}

/** The answer to: is this decision approved? */
export interface Approvals {
  readonly counted: readonly CountedApproval[];
  readonly notCounted: readonly UncountedApproval[];
  /** People who asked: whose key signed the request, whom `requested_by` names, and whom the forge knows. */
  readonly requesters: readonly string[];
  readonly requesterVerified: boolean;
  /** Why nobody vouches for who asked, which costs one approval more; null where somebody does. */
  readonly requesterProblem: string | null;
  /** Requesters who approved where the rule does not let them. */
  readonly own: readonly string[];
  /** Requesters whose own merge would be their approval, because a forge lets nobody review the own pull request. */
  readonly byMerge: readonly string[];
  /** What could not be found out and might have counted, one sentence each. */
  readonly unknown: readonly string[];
  readonly needed: number;
  readonly reached: boolean;
  /** True where the number was reached only with a requester's own approval. */
  readonly selfApproved: boolean;
  /** True where a requester's own approval, which the rule does not count, would have reached the number. */
  readonly selfOnly: boolean;
}

interface Judged {
  readonly counted: CountedApproval[];
  readonly notCounted: UncountedApproval[];
  readonly own: Set<string>;
}

/** Counts the signatures beside a decision: each person once, only over these bytes, only by keys of the view before it. */
export function countApprovals(on: ApprovalCase): Approvals {
  const { signatures, unreadable } = readSignatures(on.sig);
  const personOf = (one: SshSignature) => personOfKey(on.policy, printPublicKey(one.key));
  const asked = signatures.filter((one) => isSignatureOf(one, REQUEST_NAMESPACE, on.bytes));
  const signers = asked.map((one) => personOf(one)).filter((person) => person !== undefined);
  const requesters = [...new Set([...signers, ...peopleNamed(on.policy, on.requestedBy)])].toSorted();
  const judged: Judged = { counted: [], notCounted: unreadable === null ? [] : [unreadable], own: new Set() };
  for (const one of signatures) if (!asked.includes(one)) judge(on, one, personOf(one), requesters, judged);
  const { counted, notCounted } = judged;
  const requesterProblem = signers.length > 0 ? null : "the request is signed by nobody in policy.json";
  const own = [...judged.own];
  return totalsOf({ counted, notCounted, own, requesters, requesterProblem, byMerge: [], unknown: [] }, on.requirement);
}

/** Holds approvals against the number that a rule asks for. */
export function totalsOf(
  on: Omit<Approvals, "requesterVerified" | "needed" | "reached" | "selfApproved" | "selfOnly">,
  { minApprovals }: Requirement,
): Approvals {
  const needed = minApprovals + (on.requesterProblem === null ? 0 : 1);
  const reached = on.counted.length >= needed;
  const others = on.counted.filter(({ person }) => !on.requesters.includes(person));
  return {
    ...on,
    requesterVerified: on.requesterProblem === null,
    needed,
    reached,
    selfApproved: reached && others.length < needed,
    selfOnly: !reached && on.counted.length + on.own.length >= needed,
  };
}

function readSignatures(sig: Uint8Array | null): {
  readonly signatures: readonly SshSignature[];
  readonly unreadable: UncountedApproval | null;
} {
  if (sig === null) return { signatures: [], unreadable: null };
  try {
    return { signatures: parseSignatures(sig), unreadable: null };
  } catch (cause) {
    const why = cause instanceof Error ? printable(cause.message) : "it cannot be read";
    return { signatures: [], unreadable: { who: "the .sig file", why } };
  }
}

function judge(
  { bytes, requirement }: ApprovalCase,
  one: SshSignature,
  person: string | undefined,
  requesters: readonly string[],
  into: Judged,
): void {
  const who = person ?? one.key.fingerprint;
  const why = whyNot(one, bytes, person, requirement.approvers);
  if (why !== null) into.notCounted.push({ who, why });
  else if (person !== undefined && requesters.includes(person) && !requirement.requesterMayApprove) {
    into.own.add(person);
    into.notCounted.push({ who, why: OWN });
  } else if (person !== undefined && !into.counted.some((other) => other.person === person))
    into.counted.push({ person, id: one.key.fingerprint, method: "signature" });
  else into.notCounted.push({ who, why: "signed twice, a person counts once" });
}

const OWN = "requested it";

function whyNot(
  one: SshSignature,
  bytes: Uint8Array,
  person: string | undefined,
  approvers: readonly string[],
): string | null {
  if (one.namespace !== DECISION_NAMESPACE && one.namespace !== REQUEST_NAMESPACE)
    return `signed for another purpose (${printable(one.namespace, 60)})`;
  if (!isSignatureOf(one, one.namespace, bytes)) return "signed other bytes than these";
  if (one.namespace === REQUEST_NAMESPACE || person === undefined) return "is the key of nobody in policy.json";
  return approvers.includes(person) ? null : "is not among the approvers";
}

/** People whom an actor's name or id means: the person's name as {@link personNameOf} writes it, or the forge's numeric id. */
export function peopleNamed(policy: PolicyV1, actor: DocumentActor): readonly string[] {
  return Object.entries(policy.people)
    .filter(([name, { github }]) => {
      const id = github === undefined ? undefined : String(github.id);
      return name === personNameOf(actor.name) || name === actor.id || id === actor.id;
    })
    .map(([name]) => name);
}

/** Makes a name of policy.json from what people call themselves: `Alice Example` is `alice-example`. */
export function personNameOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replaceAll(/^[^a-z0-9]+|-+$/g, "")
    .slice(0, 63);
}

/** Finds the person of a key; undefined where it is nobody's. */
export function personOfKey(policy: PolicyV1, publicKey: string): string | undefined {
  const [type = "", base64 = ""] = publicKey.split(" ");
  const wanted = `${type} ${base64}`.replaceAll("=", "");
  return Object.entries(policy.people).find(([, { keys }]) =>
    keys.some((key) => key.replaceAll("=", "") === wanted),
  )?.[0];
}

/** The row `approvals` of a verdict. */
export function approvalsRow(approvals: Approvals, requirement: Requirement): RuleResult {
  const { counted, needed, requesters, reached, unknown } = approvals;
  const free = requirement.approvers.filter((name) => requirement.requesterMayApprove || !requesters.includes(name));
  const isUnknown = !reached && unknown.length > 0;
  const message = [
    `${counted.length} of ${needed}${counted.length > 0 ? `: ${names(counted.map(({ person }) => person))}` : ""}`,
    ...(isUnknown ? [`Not known: ${unknown.join("; ")}`] : []),
    ...(reached ? [] : [missingPeople(approvals, requirement, free)]),
    ...(approvals.selfApproved ? ["self-approved"] : []),
    ...uncountedText(approvals),
  ].join(". ");
  const open = isUnknown ? "unknown" : free.length < needed ? "refuse" : "wait";
  return { rule: "approvals", status: reached ? "ok" : open, message };
}

function missingPeople(
  { counted, needed, requesterProblem, byMerge }: Approvals,
  { approvers }: Requirement,
  free: readonly string[],
): string {
  const extra = requesterProblem === null ? "" : `; ${requesterProblem}, which costs one approval more`;
  if (approvers.length === 0) return "Policy names nobody who may approve this";
  if (free.length < needed) return `Only ${free.length === 0 ? "the requester" : names(free)} may approve${extra}`;
  const left = free
    .filter((name) => !counted.some(({ person }) => person === name))
    .map((name) => (byMerge.includes(name) ? `${name} (by merging it)` : name));
  return `May approve: ${names(left)}${extra}`;
}

function uncountedText({ notCounted }: Approvals): readonly string[] {
  if (notCounted.length === 0) return [];
  const shown = notCounted.slice(0, 5).map(({ who, why }) => `${who} ${why}`);
  const rest = notCounted.length > 5 ? ` and ${notCounted.length - 5} more` : "";
  return [`Not counted: ${shown.join("; ")}${rest}`];
}

function names(people: readonly string[]): string {
  return people.join(", ");
}
