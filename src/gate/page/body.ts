import { codeBlock, details, hidden, inline, type Span, table, withoutAddress } from "../../kernel/markdown.ts";
import { shortOid } from "../../kernel/oid.ts";
import { decodeUtf8, printable } from "../../kernel/text.ts";
import type { Forge, Proposal } from "../../ports/forge.ts";
import type { Judgement, Subject } from "../core/judge.ts";
import type { Verdict } from "../core/verdict.ts";
import type { Description, Line, Table } from "./description.ts";
import { needsLine } from "./needs.ts";

/** Longest body that we write; GitHub takes 65,536 characters. */
export const MAX_BODY = 60_000;
/** Longest reason that is shown. */
const MAX_REASON = 500;
/** Longest notes that are shown; all of them are one click away. */
const MAX_NOTES = 600;
/** How many files are tried in turn where the page is too long with all of them; those with a finding come first. */
const FEWER_FILES = [200, 100, 50, 20, 0] as const;

/** What every body is about. */
interface About {
  readonly proposal: Proposal;
  readonly judgement: Judgement;
  readonly verdict: Verdict;
  readonly forge: Pick<Forge, "name" | "url">;
}

/** What the body of a decision that can be read is about. */
export interface BodyOf extends About {
  readonly subject: Subject;
  readonly title: string;
  readonly description: Description | null;
  /** Why there is no description. */
  readonly problem: string | null;
}

/** Parts that a page that is too long goes without. */
interface Cut {
  readonly notes: boolean;
  readonly files: number;
  readonly document: boolean;
}

/** The body of a proposal of which no decision can be read: what stops it, and what to do. */
export function plainBody({ proposal, judgement, forge }: About): string {
  const why = refusalsOf(judgement.rules).map(({ rule, message }) => inline(`${rule}: ${message}`));
  return [
    marker(proposal),
    inline("Merging this would change nothing: it is no decision that Waybill can read. Nothing has changed yet."),
    "",
    ...why,
    "",
    inline(
      { code: `waybill gate show ${proposal.number ?? proposal.id} --server ${forge.name}` },
      " says the same from your machine.",
    ),
  ].join("\n");
}

/** The body of a proposal: true while it is open, shorter than {@link MAX_BODY}, and enough to decide in half a minute. */
export function bodyOf(on: BodyOf): string {
  let body = "";
  for (const cut of cutsOf(on)) {
    body = written(on, cut);
    if (body.length <= MAX_BODY) break;
  }
  return body;
}

/** What a page goes without in turn: notes, files that passed, the decision file, which is a click away, and other files last. */
function cutsOf({ description }: BodyOf): readonly Cut[] {
  const loud = (description?.files?.rows ?? []).filter(({ isQuiet }) => !isQuiet).length;
  const whole = { notes: true, files: Number.POSITIVE_INFINITY, document: true };
  return [
    whole,
    { ...whole, notes: false },
    ...FEWER_FILES.map((files) => ({ notes: false, files: Math.max(files, loud), document: true })),
    ...[loud, ...FEWER_FILES].map((files) => ({ notes: false, files, document: false })),
  ];
}

function written(on: BodyOf, cut: Cut): string {
  const { description } = on;
  const blocks = [
    [marker(on.proposal), firstLine(on), ...refusalLines(on)].join("\n"),
    description === null ? "" : comparedTable(description),
    [askedLine(on), needsLine(on)].join("\n"),
    description === null ? "" : filesBlock(description, cut),
    description === null ? "" : [...notesLines(description, cut), ...toldLines(description)].join("\n"),
    details("Check it yourself · full digests · the decision file", moreOf(on, cut)),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function marker({ id }: Proposal): string {
  return hidden(`waybill:proposal ${id}`);
}

/** What the mail about the pull request shows. A merge against a rule of the fold moves nothing, and the sentence says so. */
function firstLine({ judgement, description, title }: BodyOf): string {
  const nothing = `Nothing has ${description?.pending ?? "changed"} yet.`;
  const effect: Line = description?.effect ?? ["decides: ", { strong: title }];
  if (refusalsOf(judgement.rules).length === 0) return inline("Merging this ", ...effect, `. ${nothing}`);
  return inline("Merging this as it is would change nothing. What it asks: it ", ...effect, `. ${nothing}`);
}

function refusalLines({ verdict, problem }: BodyOf): readonly string[] {
  const unreadable: Line = ["What it names of facts cannot be read: ", problem ?? ""];
  return [
    ...refusalsOf(verdict.rules).map(({ rule, message }) => inline({ strong: `Refused, ${rule}` }, `: ${message}`)),
    ...(problem === null ? [] : [inline(...unreadable)]),
  ];
}

function refusalsOf(rules: Verdict["rules"]): Verdict["rules"] {
  return rules.filter(({ status }) => status === "refuse");
}

function comparedTable({ heads, compared }: Description): string {
  if (compared.length === 0) return "";
  const columns = [[], ...heads].map((title) => ({ title }));
  return table(
    columns,
    compared.map(({ name, now, after }) => [[name], now, after]),
  );
}

function askedLine({ subject, forge }: BodyOf): string {
  const { requested_by: by, reason, requested_run: run } = subject.header;
  const url = run === undefined ? "" : `${forge.url}/actions/runs/${run.run_id}/attempts/${run.attempt}`;
  const from: readonly Span[] = run === undefined ? [] : [" from ", { link: url, text: `run ${run.run_id}` }];
  const who = withoutAddress(printable(by.name, 100));
  return inline({ strong: "Asked by" }, " ", { code: who }, ...from, `: ${printable(reason, MAX_REASON)}`);
}

function filesBlock({ files }: Description, cut: Cut): string {
  if (files === null) return "";
  const shown = files.rows.slice(0, cut.files);
  const left = files.rows.length - shown.length + files.others;
  const rest: Line = [
    `${left} more ${left === 1 ? "file is" : "files are"} left out here`,
    ...(files.url === null ? [] : [": ", { link: files.url, text: "all of them" }]),
  ];
  return [
    ...(shown.length === 0
      ? []
      : [
          table(
            files.columns,
            shown.map(({ cells }) => cells),
          ),
        ]),
    ...(left === 0 ? [] : [inline(...rest)]),
  ].join("\n\n");
}

function notesLines({ notes }: Description, cut: Cut): readonly string[] {
  if (notes === null) return [];
  const all: readonly Span[] = notes.url === null ? [] : [" (", { link: notes.url, text: "all notes" }, ")"];
  const text = cut.notes ? printable(points(notes.text), MAX_NOTES) : "left out here, as this page is long";
  return [inline({ strong: "What changed" }, ` ${text}`, ...all)];
}

/** Makes one line of notes: their lines without the marks of lists and headings. */
function points(notes: string): string {
  const lines = notes.split("\n").map((line) => line.replace(/^\s*(?:[-*+•]|#+|\d+[.)])\s+/, "").trim());
  return lines.filter((line) => line !== "").join(" · ");
}

function toldLines({ told }: Description): readonly string[] {
  return told.map(({ title, text }) => inline({ strong: title }, ` ${text}`));
}

function moreOf({ proposal, subject, description, forge }: BodyOf, cut: Cut): string {
  const show = `waybill gate show ${proposal.id} --server ${forge.name}`;
  const commands = [{ command: show, does: "the same verdict from your machine" }, ...(description?.commands ?? [])];
  const widest = Math.max(...commands.map(({ command }) => command.length));
  const tables = [...(description?.more ?? []), ...digestTables(description, cut)];
  const link = `${forge.url}/blob/${proposal.head}/${subject.path}`;
  return [
    codeBlock(commands.map(({ command, does }) => `${command.padEnd(widest)}   # ${does}`).join("\n")),
    ...tables.map(({ title, columns, rows }) => `${inline({ strong: title })}\n\n${table(columns, rows)}`),
    inline("The decision file ", { link, text: subject.path, isCode: true }, ` at ${shortOid(proposal.head)}:`),
    cut.document ? codeBlock(decodeUtf8(subject.bytes, subject.path)) : inline("left out here, as this page is long."),
  ].join("\n\n");
}

function digestTables(description: Description | null, cut: Cut): readonly Table[] {
  const files = description?.files ?? null;
  if (files === null) return [];
  const rows = files.rows.slice(0, cut.files);
  return [
    {
      title: "Full digests",
      columns: [{ title: ["Platform"] }, { title: ["File"] }, { title: ["SHA-256"] }],
      rows: [
        [["-"], [files.release.name], [{ code: files.release.sha256 }]],
        ...rows.map(({ platform, filename, sha256 }) => [[platform], [{ code: filename }], [{ code: sha256 }]]),
      ],
    },
  ];
}
