import { printable } from "./text.ts";

/**
 * A piece of a line: plain text, code, bold text, or a link. Renderers here escape it, callers never do, so text from outside cannot
 * become markup, a mention, a reference to an issue, or an address that is linked.
 */
export type Span =
  | string
  | { readonly code: string }
  | { readonly strong: string }
  | { readonly link: string; readonly text: string; readonly isCode?: boolean };

/** A column of a table. */
export interface Column {
  readonly title: readonly Span[];
  readonly align?: "right";
}

/** Longest text of one span, in code points. */
const MAX_TEXT = 4000;
/** Longest line of a block of code. */
const MAX_LINE = 20_000;
const MAX_ADDRESS = 2000;

/** Prints spans as one line of Markdown, wherever it stands. */
export function inline(...spans: readonly Span[]): string {
  return leading(within(spans));
}

/** Prints spans that other text stands before. */
function within(spans: readonly Span[]): string {
  return spans.map(printed).join("");
}

/** Prints a table; a cell is a line of spans. */
export function table(columns: readonly Column[], rows: readonly (readonly (readonly Span[])[])[]): string {
  const line = (cells: readonly string[]) => `|${cells.map((cell) => (cell === "" ? " " : ` ${cell} `)).join("|")}|`;
  return [
    line(columns.map(({ title }) => within(title))),
    `|${columns.map(({ align }) => (align === "right" ? "--:" : "---")).join("|")}|`,
    ...rows.map((cells) => line(cells.map(within))),
  ].join("\n");
}

/** Prints lines as a block of code, whatever backticks they hold. */
export function codeBlock(text: string): string {
  const lines = text.replace(/\n$/, "").split("\n");
  const safe = lines.map((line) => printable(line.replaceAll("\t", "  "), MAX_LINE));
  const fence = "`".repeat(Math.max(3, longestRun(safe.join("\n")) + 1));
  return [fence, ...safe, fence].join("\n");
}

/** Prints Markdown that opens by a click on its summary. */
export function details(summary: string, body: string): string {
  return `<details><summary>${entities(oneLine(summary))}</summary>\n\n${body}\n\n</details>`;
}

/** Prints a marker that people do not see; different markers never look alike. */
export function hidden(marker: string): string {
  const safe = marker.replaceAll(/[^A-Za-z0-9_:./ -]|-(?=-)|-$/gu, (c) => `%${(c.codePointAt(0) ?? 0).toString(16)};`);
  return `<!-- ${safe} -->`;
}

function printed(span: Span): string {
  if (typeof span === "string") return escaped(span);
  if ("code" in span) return code(span.code);
  if ("strong" in span) return span.strong === "" ? "" : `**${escaped(span.strong).trim()}**`;
  const address = linkable(span.link);
  const odd = address === null ? ODD : ODD_IN_LABEL;
  const label = span.isCode === true ? code(span.text, odd) : escaped(span.text, odd);
  return address === null ? label : `[${label}](${address})`;
}

/**
 * Escapes text. What GitHub would turn into a mention, a reference or a link is printed as code, because its filters work on the
 * finished page, where no entity and no backslash is left; in code they do nothing. Source: MentionFilter of html-pipeline.
 */
function escaped(text: string, odd = ODD): string {
  return (
    oneLine(text)
      .split(/( +)/)
      .map((word) => (LINKED.test(word) ? unlinked(withoutAddress(word), odd) : plain(word)))
      .join("")
      // A link that follows would be an image.
      .replace(/!$/, "\\!")
  );
}

/** Prints a word as code, and the punctuation around it as text. */
function unlinked(word: string, odd: RegExp): string {
  const [, before = "", core = word, after = ""] = /^([("']*)(.*?)([.,;:!?)"']*)$/s.exec(word) ?? [];
  return plain(before) + code(core, odd) + plain(after);
}

/** Words with `@name`, `#1`, `GH-1`, an address or mathematics. */
const LINKED = /[@#$]|:\/\/|www\.|\bgh-\d/i;
const ADDRESS = /[^\s@<>()[\]"',;:]+@(?!\d+\.\d)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}/g;

/** Leaves out e-mail addresses: they are personal data, and what we write on a forge may be public. */
export function withoutAddress(text: string): string {
  return text.replaceAll(ADDRESS, "(address left out)");
}

function plain(word: string): string {
  return word
    .replaceAll(/[\\`*[\]~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("|", "&#124;");
}

/** Keeps the beginning of a line from becoming a list, a heading or a rule. */
function leading(line: string): string {
  return line.replace(/^( *)([-+=])(?=[-+= ]|$)/, "$1\\$2").replace(/^( *\d+)([.)])(?= |$)/, "$1\\$2");
}

/** What cannot stand in a code span: a backtick ends it, a bar ends the cell. */
const ODD = /([`|]+)/;
/** A bracket in a code span still ends the label that it stands in, where that is taken for the definition of a link. */
const ODD_IN_LABEL = /([`|[\]]+)/;

/** Prints code. Odd characters are written as entities in an element of HTML; nothing else is, because addresses are linked there. */
function code(text: string, odd = ODD): string {
  const parts = oneLine(text).split(odd);
  return parts.map((part, i) => (i % 2 === 0 ? codeSpan(part) : `<code>${entities(part)}</code>`)).join("");
}

/** Markdown takes one space off both ends where there is one at each. */
function codeSpan(text: string): string {
  if (text === "") return "";
  return /^ .*[^ ].* $/.test(text) ? `\` ${text} \`` : `\`${text}\``;
}

/** Writes everything but letters, digits and a few marks as entities, so that nothing is left to be parsed. */
function entities(text: string): string {
  return text.replaceAll(/[^\p{L}\p{M}\p{N}\p{So} ·,-]/gu, (character) => `&#${character.codePointAt(0) ?? 32};`);
}

function oneLine(text: string): string {
  return printable(text.replaceAll(/\s+/g, " "), MAX_TEXT);
}

/** An address of the web that may stand in a link; null for any other. */
function linkable(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const { protocol, username, password, href } = new URL(address);
  if ((protocol !== "https:" && protocol !== "http:") || username !== "" || password !== "") return null;
  if (href.length > MAX_ADDRESS) return null;
  return href.replaceAll(/[^A-Za-z0-9\-._~:/?#@!$&+,;=%]/g, encodedByte);
}

function encodedByte(character: string): string {
  return `%${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, "0")}`;
}

function longestRun(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return longest;
}
