import { codeBlock, details, inline, type Span, table } from "../../src/kernel/markdown.ts";
import type { Screen } from "../screen.ts";

/** Half of what GitHub takes: near its own limit it drops a summary without a word (actions/runner#4337). */
export const SUMMARY_BYTES = 512 * 1024;
const RESERVED_BYTES = 1024;

/** A row of a table: its cells, each a line of spans. */
export type Row = readonly (readonly Span[])[];

/** A table of a summary. */
interface TablePart {
  readonly kind: "table";
  readonly columns: readonly { readonly title: string; readonly align?: "right" }[];
  readonly rows: readonly Row[];
}

/** A part of a job summary, safe by its type: only spans, which the renderer escapes. Code with a title opens by a click. */
export type Part =
  | { readonly kind: "line"; readonly spans: readonly Span[] }
  /** What to do next; a summary says it once. */
  | { readonly kind: "next"; readonly spans: readonly Span[] }
  | TablePart
  | { readonly kind: "code"; readonly text: string; readonly title?: string };

/** A job summary: one title and what stands below it. */
export interface Summary {
  readonly title: string;
  readonly parts: readonly Part[];
}

/** Prints a summary, cut at whole rows and parts so that it is never dropped; what is left out is said. */
export function summaryText({ title, parts }: Summary, limit = SUMMARY_BYTES): string {
  const done = [`## ${inline(title)}`];
  let left = limit - RESERVED_BYTES - sizeOf(done[0] ?? "");
  let isCut = false;
  for (const part of parts) {
    const text = fitted(part, left);
    if (text === null) {
      isCut = true;
      continue;
    }
    done.push(text);
    left -= sizeOf(text) + 2;
  }
  if (isCut) done.push("More than fits here was left out; the log and the output `result` have all of it.");
  return `${done.join("\n\n")}\n`;
}

function fitted(part: Part, left: number): string | null {
  if (part.kind === "table") return fittedTable(part, left);
  const text = part.kind === "code" ? codeText(part.text, part.title) : inline(...spansOf(part));
  return sizeOf(text) > left ? null : text;
}

function spansOf({ kind, spans }: Extract<Part, { readonly spans: unknown }>): readonly Span[] {
  return kind === "next" ? [{ strong: "Next" }, " ", ...spans] : spans;
}

function codeText(text: string, title: string | undefined): string {
  return title === undefined ? codeBlock(text) : details(title, codeBlock(text));
}

/** A table with as many of its first rows as fit. Header and rule are its first two lines, each row is one more. */
function fittedTable({ columns, rows }: TablePart, left: number): string | null {
  const titled = columns.map(({ title, ...align }) => ({ title: [title], ...align }));
  const lines = table(titled, rows).split("\n");
  let size = 0;
  const fit = lines.findIndex((line) => (size += sizeOf(line) + 1) > left);
  if (fit < 0) return lines.join("\n");
  if (fit <= 2) return null;
  return `${lines.slice(0, fit).join("\n")}\n\n${lines.length - fit} more rows are in the log and in the output \`result\`.`;
}

function sizeOf(text: string): number {
  return Buffer.byteLength(text);
}

/** What a command shows on a terminal, as parts of a summary. */
export function screenParts({ blocks, empty, asOf, next = [] }: Screen, repositoryUrl: string | null): readonly Part[] {
  const parts = blocks.map((block): Part => {
    if (block.kind === "text") return { kind: "code", text: block.text };
    if (block.kind === "line") {
      const label: readonly Span[] = block.label.trim() === "" ? [] : [{ strong: block.label.trim() }, " "];
      const said = block.parts.map((part) => part.trim()).filter((part) => part !== "");
      return { kind: "line", spans: [...label, said.join(" · ")] };
    }
    return {
      kind: "table",
      columns: block.columns.map(({ title, align }) => ({ title, ...(align === "right" ? { align } : {}) })),
      rows: block.rows.map((row) => row.map(({ show }) => [show])),
    };
  });
  return [
    ...parts,
    ...(empty === undefined ? [] : [{ kind: "line", spans: [empty] } as const]),
    ...(asOf === undefined ? [] : [{ kind: "line", spans: [{ strong: "As of" }, ` ${asOf}`] } as const]),
    ...nextParts(next, repositoryUrl),
  ];
}

/** What to do next, each hint as {@link hintSpans} shows it. */
export function nextParts(next: readonly string[], repositoryUrl: string | null): readonly Part[] {
  if (next.length === 0) return [];
  const spans = next.flatMap((hint, i): readonly Span[] => [i === 0 ? "" : " · ", ...hintSpans(hint, repositoryUrl)]);
  return [{ kind: "next", spans }];
}

/** A hint in words: a command at its end as code, an address of the repository as a link; a text from outside may hold any other. */
export function hintSpans(hint: string, repositoryUrl: string | null): readonly Span[] {
  const [, before = "", command] = /^(.*?: )?((?:waybill|dist|git|[A-Z_]+=).+)$/s.exec(hint) ?? [];
  if (command !== undefined) return [before, { code: command }];
  const isOurs = (part: string) => repositoryUrl !== null && part.startsWith(`${repositoryUrl}/`);
  const parts = hint.split(/(https?:\/\/\S+)/);
  return parts.map((part) => (isOurs(part) ? { text: part, link: part, isCode: true } : part));
}
