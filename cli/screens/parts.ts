import type { ApprovedBy, AsOfTips, Grade } from "../../src/schema/types.gen.ts";
import { referenceOf } from "../../src/distribution/core/release-path.ts";
import { absoluteText, agoText, shortCommit, versionText, word } from "../output/cells.ts";
import type { Block, Cell, Tone } from "../screen.ts";

/** How words of releases, artifacts and tokens look; what is not here is plain. */
const TONES: Readonly<Record<string, Tone>> = {
  active: "ok",
  abandoned: "dim",
  draft: "wait",
  expired: "wait",
  failed: "refuse",
  invalid: "refuse",
  passed: "ok",
  pending: "wait",
  published: "ok",
  retired: "dim",
  revoked: "dim",
  skipped: "dim",
  warning: "wait",
  yanked: "refuse",
};

/** Makes a cell of a status. */
export function statusCell(status: string): Cell {
  return word(status, TONES[status]);
}

/** Makes a cell of a release: what people call it, and for pipes what commands take. */
export function releaseCell(app: string, release: { readonly version: string; readonly build: string | null }): Cell {
  return { show: versionText(release.version, release.build), raw: referenceOf(app, release) };
}

/** Makes a cell of several words. */
export function listCell(words: readonly string[]): Cell {
  return words.length === 0 ? word(null) : { show: words.join(", "), raw: words.join(",") };
}

/** Says what proves a decision and who vouches for it; null where nothing is asked, as on an `auto` channel. */
export function gradeText({ grade, self_approved: own, attestor }: Omit<Proven, "approved_by">): string | null {
  if (grade === null) return null;
  return [attestor === undefined ? grade : `${grade} by ${attestor}`, ...(own ? ["self-approved"] : [])].join(", ");
}

/** Says in a line what proves a decision and who approved it: `signed, approved by bob`. */
export function proofText(of: Proven): string | null {
  const grade = gradeText(of);
  if (grade === null || of.approved_by.length === 0) return grade;
  return `${grade}, approved by ${of.approved_by.map(({ person }) => person).join(", ")}`;
}

/** A decision's proof, as results hold it. */
interface Proven {
  readonly grade: Grade | null;
  readonly self_approved: boolean;
  readonly attestor?: string;
  readonly approved_by: readonly ApprovedBy[];
}

/** Who approved a decision, with which key or account: a line for each. */
export function approvalLines({ approved_by: approvals }: Pick<Proven, "approved_by">): readonly Block[] {
  return approvals.map(({ person, method, id }) => line("Approved", person, methodText(method, id)));
}

function methodText(method: ApprovedBy["method"], id: string): string {
  if (method === "signature") return `signed with ${id}`;
  return `${method === "review" ? "reviewed" : "merged the own request"} as account ${id}`;
}

/** Makes a cell of who approved: names for people, and for pipes with the key or account of each. */
export function approvedCell(approvals: readonly ApprovedBy[]): Cell {
  if (approvals.length === 0) return word(null);
  const raw = approvals.map(({ person, method, id }) => `${person}:${method}:${id}`).join(",");
  return { show: approvals.map(({ person }) => person).join(", "), raw };
}

/** Says which tips an answer is from, and how old they are where no checkpoint vouches for them. */
export function asOfText({ state, state_at, decisions, decisions_at, checkpoint }: AsOfTips, now: Date): string {
  if (checkpoint !== undefined && decisions !== null && Date.parse(checkpoint.expires) > now.getTime()) {
    const age = ageText(checkpoint.made_at, now);
    return `state ${shortCommit(state)}, decisions ${shortCommit(decisions)}; checkpoint ${age}, good until ${absoluteText(checkpoint.expires)}`;
  }
  const tip = (name: string, commit: string, at: string) => `${name} ${shortCommit(commit)} (${ageText(at, now)})`;
  const facts = tip("state", state, state_at);
  return decisions === null || decisions_at === null ? facts : `${facts}, ${tip("decisions", decisions, decisions_at)}`;
}

function ageText(at: string, now: Date): string {
  return agoText(Math.max(0, now.getTime() - Date.parse(at))).replace(/ ago$/, " old");
}

/** Says how to go on where a list was cut. */
export function furtherPage(cursor: string | null): readonly string[] {
  return cursor === null ? [] : [`the same with --after ${cursor}`];
}

/** A time for a record, `21 h ago (2026-11-18 14:02 UTC)`. */
export function recordTime(at: string, now: Date): string {
  const ms = now.getTime() - Date.parse(at);
  return ms < 0 ? absoluteText(at) : `${agoText(ms)} (${absoluteText(at)})`;
}

/** Makes a line of a screen. */
export function line(label: string, ...parts: readonly string[]): Block {
  return { kind: "line", label, parts };
}
