import { printable } from "../../src/kernel/text.ts";
import type { Block, Cell, Column } from "../screen.ts";
import type { Style } from "./style.ts";
import { cutTo, padTo, widthOf } from "./width.ts";

type Table = Extract<Block, { readonly kind: "table" }>;

const GAP = "  ";
/** Below this a row becomes lines of label and value. */
const NARROW_COLUMNS = 60;
/** A free column is never cut to less than this. */
const LEAST_FREE = 8;
const CELL_LIMIT = 400;

/** Lays out a table: aligned with a header on a terminal, tab-separated raw cells without one in a pipe. */
export function tableLines(table: Table, style: Style): readonly string[] {
  if (!style.forPeople) return table.rows.map((row) => row.map((cell) => oneLine(cell.raw)).join("\t"));
  if (table.rows.length === 0) return [];
  const lines = style.columns < NARROW_COLUMNS ? null : aligned(table, style);
  return lines ?? stacked(table, style);
}

/** Puts a text from outside on one line: line breaks and tabs become spaces, what is unsafe is escaped. */
function oneLine(text: string, limit = Number.POSITIVE_INFINITY): string {
  return printable(text.replaceAll(/[\r\n\t]+/g, " "), limit);
}

function shown(cell: Cell | undefined, style: Style): string {
  return style.plain(oneLine(cell?.show ?? "", CELL_LIMIT));
}

/** Lays out columns; null where even cut columns are wider than the terminal. */
function aligned({ columns, rows }: Table, style: Style): readonly string[] | null {
  const texts = rows.map((row) => columns.map((_, c) => shown(row[c], style)));
  const natural = columns.map((column, c) =>
    Math.max(widthOf(column.title), ...texts.map((row) => widthOf(row[c] ?? ""))),
  );
  const widths = fitted(columns, natural, style.columns);
  if (widths === null) return null;
  const line = (cells: readonly string[], tone: (c: number) => Cell["tone"]) =>
    cells
      .map((text, c) => {
        const width = widths[c] ?? 0;
        const cut = columns[c]?.free ? style.plain(cutTo(text, width)) : text;
        const isLast = c === columns.length - 1 && columns[c]?.align !== "right";
        const space = isLast ? "" : " ".repeat(Math.max(0, width - widthOf(cut)));
        const painted = style.paint(cut, tone(c));
        return columns[c]?.align === "right" ? space + painted : painted + space;
      })
      .join(GAP)
      .trimEnd();
  return [
    line(
      columns.map(({ title }) => title),
      () => "dim",
    ),
    ...texts.map((row, r) => line(row, (c) => rows[r]?.[c]?.tone)),
  ];
}

/** Takes what is too much from the free columns, always from the widest; null where that is not enough. */
function fitted(columns: readonly Column[], natural: readonly number[], budget: number): readonly number[] | null {
  const widths = [...natural];
  let over = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - budget;
  while (over > 0) {
    let widest = -1;
    for (const [c, column] of columns.entries()) {
      const width = widths[c] ?? 0;
      if (column.free && width > LEAST_FREE && width > (widths[widest] ?? 0)) widest = c;
    }
    if (widest < 0) return null;
    widths[widest] = (widths[widest] ?? 0) - 1;
    over -= 1;
  }
  return widths;
}

function stacked({ columns, rows }: Table, style: Style): readonly string[] {
  const label = Math.max(...columns.map(({ title }) => widthOf(title)));
  return rows.flatMap((row, r) => [
    ...(r === 0 ? [] : [""]),
    ...columns.map(({ title }, c) => {
      const text = style.paint(shown(row[c], style), row[c]?.tone);
      return `${style.paint(padTo(title, label), "dim")}${GAP}${text}`;
    }),
  ]);
}
