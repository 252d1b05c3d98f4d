import { canonical } from "./canonical.ts";
import { draft, misprinted, pathOfWhat, timeOf } from "./draft.ts";
import { evidenceBytes } from "./evidence-of.ts";
import { naiveView, nextView } from "./fold.ts";
import { type Head, type Made, performed } from "./forms.ts";
import { standingAt } from "./header.ts";
import { commitOf, firstParents, type NaiveFile, type NaiveView } from "./history.ts";
import { PEOPLE, policyBody } from "./policy-plan.ts";
import type { NaiveRule } from "./policy.ts";
import { policyOf, ruleOf } from "./rules.ts";
import { documentOf } from "./canonical.ts";
import { approvalsOf, requestOf } from "./signatures-of.ts";
import { makeStage, type Stage } from "./stage.ts";
import type { Clock, Play, Step } from "./steps.ts";

const START = Date.parse("2026-01-05T11:30:00Z") / 1000;

/** A plain file. */
export function plain(text: string | Buffer): NaiveFile {
  return { mode: "100644", bytes: Buffer.from(text) };
}

/** A history as it was played: where it ends, and what the tests print. */
export interface Played {
  readonly stage: Stage;
  readonly tip: string;
  readonly ids: readonly string[];
}

/** Plays a history from its root. */
export function played({ root, steps }: Play): Played {
  const stage = makeStage();
  const ids = ["prop_root00000000"];
  let seconds = START;
  const late = new Map<string, Buffer>();
  let tip: string = rootOf(stage, root);
  let view = naiveView(stage, tip);
  for (const [index, step] of steps.entries()) {
    seconds = movedClock(seconds, step.clock);
    const id = `prop_${String(index).padStart(12, "0")}`;
    const before = tip;
    tip = taken(stage, view, tip, step, { id, seconds, usedId: ids[index % ids.length] ?? id });
    const evidence = stage.evidence.get(id);
    if (step.late && evidence !== undefined) late.set(id, evidence);
    if (step.late) stage.evidence.delete(id);
    view = commitOf(stage, tip).parents[0] === before ? nextView(stage, view, tip) : naiveView(stage, tip);
    ids.push(id);
  }
  for (const [id, evidence] of late) stage.evidence.set(id, evidence);
  return { stage, tip, ids };
}

function rootOf(stage: Stage, plan: Play["root"]): string {
  const policy = {
    schema: "policy.v1",
    repo_id: "repo",
    proposal_id: "prop_root00000000",
    from: null,
    state_seen: { commit: "a".repeat(40), seq: 1 },
    seen: {},
    requested_by: { kind: "human", name: "alice", id: "git:alice", verified: false },
    requested_at: timeOf(START),
    reason: "init",
    ...policyBody(plan),
  } as const;
  const bytes = Buffer.from(canonical(policy));
  const tree = new Map([
    ["policy.json", plain(bytes)],
    ["CODEOWNERS", plain(ownersOf(stage, bytes))],
    ["README.md", plain("Decisions.\n")],
  ]);
  return stage.commit([], tree, START);
}

/** CODEOWNERS of the bytes of a policy; nothing where they are none. */
function ownersOf(stage: Stage, bytes: Buffer): string {
  const policy = documentOf("policy.json", plain(bytes));
  return policy?.schema === "policy.v1" ? stage.codeOwners(policy) : "";
}

function movedClock(seconds: number, clock: Clock): number {
  if ("pass" in clock) return seconds + clock.pass;
  const today = seconds - (seconds % 86_400) + clock.hour * 3600 + clock.shift;
  return today > seconds ? today : today + 86_400;
}

interface Turn {
  readonly id: string;
  readonly usedId: string;
  readonly seconds: number;
}

function taken(stage: Stage, view: NaiveView, tip: string, asked: Step, turn: Turn): string {
  const [first = asked.requester] = PEOPLE.filter((name) => name in policyOf(view).document.people);
  const isKnown = asked.requester in policyOf(view).document.people;
  const step = isKnown ? asked : { ...asked, requester: first };
  const head = headOf(stage, view, tip, step, turn);
  const made = performed(stage, tip, head, step.form, turn.seconds);
  evidenceOf(stage, view, step, turn, head, made);
  return made.tip;
}

function headOf(stage: Stage, view: NaiveView, tip: string, step: Step, turn: Turn): Head {
  const path = pathOfWhat(step.what);
  const standing = (of: string) => standingAt(stage, tip, of, view.inForce.get(of));
  const text = canonical(draft({ ...turn, view, standing }, step));
  const bytes = step.bytes === null ? Buffer.from(text) : misprinted(text, step.bytes);
  const document = documentOf(path, plain(bytes));
  const rule = document === undefined ? null : ruleOf(view, document);
  const signers = chosen(step, rule, step.signers);
  const line = firstParents(stage, tip);
  const asker = step.lie === "stranger_asks" ? "outsider" : step.requester;
  return {
    path,
    bytes,
    owners: path === "policy.json" ? ownersOf(stage, bytes) : null,
    request: step.signsRequest ? requestOf(asker, bytes) : null,
    approvals: approvalsOf(signers, bytes, step.signatures),
    base: line[Math.min(step.behind, line.length - 1)] ?? tip,
  };
}

/** People who approve: as many as the rule asks for, or whom the step names. */
function chosen(step: Step, rule: NaiveRule | null, wish: Step["signers"]): readonly string[] {
  if (typeof wish !== "string") return wish;
  if (rule === null) return ["alice", "bob"];
  const isFirst = (name: string) => name === step.requester && wish === "with_requester";
  const able = rule.approvers.filter((name) => rule.requesterMayApprove || name !== step.requester || isFirst(name));
  const needed = rule.min + (step.signsRequest ? 0 : 1) - (wish === "too_few" ? 1 : 0);
  return able.toSorted((a, b) => Number(isFirst(b)) - Number(isFirst(a))).slice(0, Math.max(0, needed));
}

function evidenceOf(stage: Stage, view: NaiveView, step: Step, turn: Turn, head: Head, made: Made): void {
  if (step.reviewers === null || made.head === null) return;
  const document = documentOf(head.path, plain(head.bytes));
  const rule = document === undefined ? null : ruleOf(view, document);
  const reviewers = chosen(step, rule, step.reviewers).filter((name) => PEOPLE.some((person) => person === name));
  const bytes = evidenceBytes(
    {
      id: turn.id,
      path: head.path,
      bytes: head.bytes,
      base: head.base,
      head: made.head,
      merge: made.tip,
      seconds: turn.seconds,
      policyDigest: policyOf(view).digest,
      reviewers,
      other: firstParents(stage, made.tip).at(-1) ?? made.tip,
    },
    step,
  );
  stage.evidence.set(turn.id, bytes);
}
