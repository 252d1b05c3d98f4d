import type { Act, Actor } from "../../kernel/act.ts";
import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import { msOf, timestamp } from "../../kernel/time.ts";
import type { Commit } from "../../ports/git-store.ts";
import { corrupt, oidOf } from "./objects.ts";

/** The last second of the year 9999. */
const MAX_SECONDS = 253_402_300_799;
/** Trailer that counts the commits of a branch. */
const SEQ = "Waybill-Seq";
/** Trailer by which a commit is found again. */
export const OPERATION = "Waybill-Operation";

const TRAILER = /^([A-Za-z0-9][A-Za-z0-9-]*): (.*)$/;
const SEQ_VALUE = /^[1-9][0-9]{0,14}$/;
const IDENTITY = /^(.*) (-?[0-9]{1,30}) [+-][0-9]{1,10}$/s;

/** What a commit of ours is made from. */
export interface CommitParts {
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  readonly first: Commit | null;
  readonly act: Act;
  readonly message: string;
}

/**
 * Prints a raw commit: the same change on the same parent gives the same bytes.
 * Dated at the act, but never before the first parent; the time zone is always +0000.
 */
export function encodeCommit(parts: CommitParts): Uint8Array {
  const seconds = Math.floor(Math.max(msOf(parts.act.at), parts.first === null ? 0 : msOf(parts.first.at)) / 1000);
  if (!Number.isSafeInteger(seconds)) throw new ToolError("internal.bug", "An act has no valid time");
  const who = `${identity(parts.act.actor)} ${seconds} +0000`;
  const lines = [
    `tree ${parts.tree}`,
    ...parts.parents.map((parent) => `parent ${parent}`),
    `author ${who}`,
    `committer ${who}`,
    "",
    commitMessage(parts),
  ];
  return Buffer.from(lines.join("\n"), "utf8");
}

/** The message of a commit of ours: what the change says, and the trailers by which it is counted and found again. */
export function commitMessage(parts: Pick<CommitParts, "first" | "act" | "message">): string {
  return `${[messageText(parts.message), "", ...trailers(parts)].join("\n")}\n`;
}

function trailers({ act, first }: Pick<CommitParts, "first" | "act">): readonly string[] {
  const seq = nextSeq(first);
  return [
    ...(seq === null ? [] : [`${SEQ}: ${seq}`]),
    `${OPERATION}: ${oneLine(act.operation)}`,
    `Waybill-Command: ${oneLine(act.command)}`,
    `Waybill-Actor: ${oneLine(`${act.actor.kind}:${act.actor.id}`)}`,
    `Waybill-Request: ${oneLine(act.requestId)}`,
  ];
}

/** The count after a parent: 1 at a root, none after a commit that has none. */
export function nextSeq(first: Commit | null): number | null {
  if (first === null) return 1;
  const text = first.trailers.get(SEQ) ?? "";
  return SEQ_VALUE.test(text) ? Number(text) + 1 : null;
}

function oneLine(text: string): string {
  return printable(text, 1000).trim() || "-";
}

/** Message lines without control characters or blanks at the end, so that no line of it can stand among the trailers. */
function messageText(message: string): string {
  const lines = message.split("\n").map((line) => printable(line.trimEnd(), 1000));
  return (
    lines
      .join("\n")
      .replaceAll(/\n{3,}/g, "\n\n")
      .trim() || "waybill"
  );
}

/** `Name <id@waybill.invalid>` with nothing in it that could end the line or the address early. */
function identity(actor: Actor): string {
  const name = printable(actor.name, 100)
    .replaceAll(/[<>]/g, "")
    .replaceAll(/^[\s.,:;"'\\]+|[\s.,:;"'\\]+$/g, "");
  const id = actor.id
    .replaceAll(/[^A-Za-z0-9._+-]+/g, "-")
    .slice(0, 100)
    .replaceAll(/^[.-]+|[.-]+$/g, "");
  return `${name || actor.kind} <${id || actor.kind}@waybill.invalid>`;
}

/** Reads a raw commit. Throws `state.object.corrupt`. */
export function decodeCommit(oid: Oid, content: Uint8Array): Commit {
  const what = `Commit ${oid}`;
  const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString("utf8");
  const end = text.indexOf("\n\n");
  const lines = (end < 0 ? text.replace(/\n$/, "") : text.slice(0, end)).split("\n");
  const message = end < 0 ? "" : text.slice(end + 2);
  const tree = value(lines.shift(), "tree", what);
  const parents: Oid[] = [];
  while (lines[0]?.startsWith("parent ") === true) parents.push(oidOf(value(lines.shift(), "parent", what), what));
  const author = value(lines.shift(), "author", what);
  const committer = value(lines.shift(), "committer", what);
  return {
    commit: oid,
    tree: oidOf(tree, what),
    parents,
    at: timeOf(committer, what),
    author: author.replace(IDENTITY, "$1"),
    committer: committer.replace(IDENTITY, "$1"),
    subject: message.slice(0, lineEnd(message)),
    trailers: trailersOf(message),
  };
}

function value(line: string | undefined, key: string, what: string): string {
  if (line === undefined || !line.startsWith(`${key} `)) throw corrupt(what, `its ${key} line is not where it belongs`);
  return line.slice(key.length + 1);
}

function lineEnd(text: string): number {
  const end = text.indexOf("\n");
  return end < 0 ? text.length : end;
}

/**
 * A time that RFC 3339 cannot write is as good as none, and counts as the earliest: git makes and sends such commits, and nobody is
 * to stop every reader by one.
 */
function timeOf(committer: string, what: string): string {
  const text = IDENTITY.exec(committer)?.[2];
  if (text === undefined) throw corrupt(what, "its committer line has no time");
  const seconds = Number(text);
  return timestamp(new Date(seconds >= 0 && seconds <= MAX_SECONDS ? seconds * 1000 : 0));
}

/** `Key: value` lines of the last paragraph, unless that is the subject; the first of two equal keys counts. */
function trailersOf(message: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const body = message.replace(/\n+$/, "");
  const start = body.lastIndexOf("\n\n");
  if (start < 0) return found;
  for (const line of body.slice(start + 2).split("\n")) {
    const [, key, text] = TRAILER.exec(line) ?? [];
    if (key !== undefined && text !== undefined && !found.has(key)) found.set(key, text);
  }
  return found;
}
