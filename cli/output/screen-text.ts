import { printable } from "../../src/kernel/text.ts";
import type { Block, Screen } from "../screen.ts";
import type { Style } from "./style.ts";
import { tableLines } from "./table.ts";
import { padTo, widthOf } from "./width.ts";

/** Least width of the label column, so that screens of one run line up. */
const LABEL_COLUMNS = 9;
const PART_LIMIT = 2000;
/** A line that wraps keeps this much beside its label, however narrow the terminal is. */
const LEAST_ROOM = 20;

function labelColumns(blocks: readonly Block[]): number {
  return Math.max(LABEL_COLUMNS, ...blocks.map((block) => (block.kind === "line" ? widthOf(block.label) : 0)));
}

function blockLines(block: Block, style: Style, label: number): readonly string[] {
  if (block.kind === "table") return tableLines(block, style);
  if (block.kind === "text") return block.text.split("\n").map((line) => (style.forPeople ? escaped(line) : line));
  const parts = block.parts.filter((part) => part !== "").map((part) => style.plain(printable(part, PART_LIMIT)));
  const head = style.paint(block.label, block.tone ?? "strong") + padTo("", label - widthOf(block.label));
  const room =
    block.wraps && style.forPeople ? Math.max(LEAST_ROOM, style.columns - label - 2) : Number.POSITIVE_INFINITY;
  const lines = wrapped(parts.join("   "), room);
  return lines.map((line, i) => `${i === 0 ? head : padTo("", label)} ${line}`.trimEnd());
}

/** Breaks a text at spaces into lines of at most so many columns; what has no space stays whole. */
function wrapped(text: string, room: number): readonly string[] {
  if (widthOf(text) <= room) return [text];
  const lines: string[] = [];
  let line = "";
  for (const piece of text.split(/(?<= )(?=[^ ])/)) {
    if (line !== "" && widthOf((line + piece).trimEnd()) > room) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += piece;
  }
  return [...lines, line];
}

/** Keeps tabs of raw text; everything else that could steer a terminal is escaped. */
function escaped(line: string): string {
  return line
    .split("\t")
    .map((part) => printable(part, Number.POSITIVE_INFINITY))
    .join("\t");
}

/** The text of a screen for stdout. */
export function answerText(screen: Screen, style: Style): string {
  const label = labelColumns(screen.blocks);
  const lines = screen.blocks.flatMap((block) => blockLines(block, style, label));
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

/** What stands below a screen on stderr: that there is nothing, and what to type next. */
export function nextText(screen: Screen, style: Style): string {
  const label = labelColumns(screen.blocks);
  const lines = screen.empty === undefined ? [] : [style.plain(printable(screen.empty, PART_LIMIT))];
  if (screen.asOf !== undefined)
    lines.push(`${padTo("As of", label)} ${style.plain(printable(screen.asOf, PART_LIMIT))}`);
  for (const [i, command] of (screen.next ?? []).entries()) {
    lines.push(`${padTo(i === 0 ? "Next" : "", label)} ${style.plain(printable(command, PART_LIMIT))}`);
  }
  return lines.map((line) => `${line}\n`).join("");
}
