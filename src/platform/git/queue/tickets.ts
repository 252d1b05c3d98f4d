import { randomBytes } from "node:crypto";
import type { ProcessId } from "./processes.ts";

/** What a file of the queue is: a request, its answer, the lead in somebody's hands, or something that is being written. */
export type EntryKind = "request" | "answer" | "lead" | "draft";

/** One file of the queue, by its name. Names sort in the order of arrival. */
export interface Entry {
  readonly kind: EntryKind;
  readonly ticket: string;
  readonly owner: ProcessId;
}

const LETTERS = { request: "r", answer: "a", lead: "l", draft: "d" } as const satisfies Record<EntryKind, string>;
const KINDS: ReadonlyMap<string, EntryKind> = new Map([
  ["r", "request"],
  ["a", "answer"],
  ["l", "lead"],
  ["d", "draft"],
]);
const NAME = /^([rald])-([0-9]{16}-([0-9]{1,10})-([0-9]{1,15})-[A-Za-z0-9_]{12})$/;

/** Name of the lead while nobody has it. */
export const FREE = "free";

/** Draws a ticket: when its owner came, who that is, and what tells it from others. */
export function newTicket(arrivedMs: number, { pid, born }: ProcessId): string {
  const nonce = randomBytes(9).toString("base64url").replaceAll("-", "_");
  return `${arrivalOf(arrivedMs)}-${pid}-${Math.max(0, born)}-${nonce}`;
}

/** The part of a ticket that says when its owner came. */
export function arrivalOf(arrivedMs: number): string {
  return `${Math.floor(arrivedMs * 1000)}`.padStart(16, "0");
}

/** File name of one side of a ticket. */
export function nameOf(kind: EntryKind, ticket: string): string {
  return `${LETTERS[kind]}-${ticket}`;
}

/** Reads a file name; null for one that no writer of ours gives. */
export function entryOf(name: string): Entry | null {
  const [, letter = "", ticket, pid, born] = NAME.exec(name) ?? [];
  const kind = KINDS.get(letter);
  if (kind === undefined || ticket === undefined) return null;
  return { kind, ticket, owner: { pid: Number(pid), born: Number(born) } };
}
