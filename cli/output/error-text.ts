import type { Exit } from "../../src/kernel/error-catalogue.ts";
import type { Reason } from "../../src/kernel/errors.ts";
import { type Data, isData, type Json } from "../../src/kernel/json.ts";
import { printable } from "../../src/kernel/text.ts";
import type { Tone } from "../screen.ts";
import type { Style } from "./style.ts";
import { padTo, widthOf } from "./width.ts";

/** Members of `data` that stand as rows of their own, in this order; `<name>_at` is the place beside the value. */
const rowNames = ["at", "declared", "expected", "published", "found"];
const LABEL_COLUMNS = 9;
const TEXT_LIMIT = 2000;

interface Row {
  readonly label: string;
  readonly text: string;
}

/** The screen of an error: code and sentence, place and values, next steps, exit and what was written. */
export function errorText(
  reasons: readonly [Reason, ...Reason[]],
  exit: Exit,
  written: string,
  verbose: boolean,
  style: Style,
): string {
  const [first, ...more] = reasons;
  const [label, tone] = headOf(exit);
  const rows = [
    ...rowsOf(first.data),
    ...more.map(({ message, data }) => ({
      label: "and",
      text: isScalar(data["at"]) ? `${message}   ${String(data["at"])}` : message,
    })),
    ...(verbose ? [{ label: "data", text: JSON.stringify(first.data) }] : []),
    ...nextRows(first.hints),
  ];
  const width = Math.max(LABEL_COLUMNS, ...rows.map((row) => widthOf(row.label)));
  const lines = [
    `${style.paint(`${label}[${first.code}]`, tone)} ${sayable(first.message, style)}`,
    ...rows.map((row) => `  ${padTo(row.label, width)} ${sayable(row.text, style)}`),
    `  exit ${exit}, ${written}`,
  ];
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

/** A warning on one line, with its next step below it. */
export function warningText(warning: Reason, style: Style): string {
  const lines = [`${style.paint(`warning[${warning.code}]`, "wait")} ${sayable(warning.message, style)}`];
  for (const { label, text } of nextRows(warning.hints))
    lines.push(`  ${padTo(label, LABEL_COLUMNS)} ${sayable(text, style)}`);
  return lines.map((line) => `${line}\n`).join("");
}

function headOf(exit: Exit): readonly [string, Tone] {
  if (exit === 3) return ["waiting", "wait"];
  return exit === 70 ? ["bug", "refuse"] : ["error", "refuse"];
}

function sayable(text: string, style: Style): string {
  return style.plain(printable(text.replaceAll(/[\r\n\t]+/g, " "), TEXT_LIMIT));
}

function rowsOf(data: Data): readonly Row[] {
  const rows: Row[] = [];
  for (const name of rowNames) {
    const value = data[name];
    if (!isScalar(value)) continue;
    const place = data[`${name}_at`];
    rows.push({ label: name, text: isScalar(place) ? `${String(value)}   ${String(place)}` : String(value) });
  }
  const problems = data["problems"];
  // One problem stands in the message already.
  if (!Array.isArray(problems) || problems.length < 2) return rows;
  for (const [i, problem] of problems.entries()) {
    if (isData(problem)) rows.push({ label: i === 0 ? "problems" : "", text: problemText(problem) });
  }
  return rows;
}

function problemText({ pointer, message }: Data): string {
  return [pointer, message].filter((part) => typeof part === "string").join(" ");
}

function isScalar(value: Json | undefined): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function nextRows(hints: readonly string[]): readonly Row[] {
  return hints.map((text, i) => ({ label: i === 0 ? "next" : "", text }));
}
