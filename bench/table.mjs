// Prints rows of figures for people.

/** What a row comes to: within its target or over it; stated where it has none. */
export function verdictOf({ value, target, atLeast, skipped, failed }) {
  if (failed !== undefined) return "failed";
  if (skipped !== undefined) return "skipped";
  if (target === null) return "stated";
  return (atLeast ? value >= target : value <= target) ? "ok" : "over";
}

/** The rows under each other: figure, target, value, verdict, and how the value came about. */
export function table(rows) {
  const cells = [["FIGURE", "TARGET", "VALUE", "VERDICT", ""], ...rows.map(cellsOf)];
  const widths = [0, 1, 2, 3].map((i) => Math.max(...cells.map((cell) => cell[i].length)));
  const line = (cell) => [...cell.slice(0, 4).map((part, i) => part.padEnd(widths[i])), cell[4]].join("  ").trimEnd();
  return `${cells.map(line).join("\n")}\n`;
}

function cellsOf({ name, value, unit, target, atLeast, verdict, note = "", skipped, failed }) {
  const why = skipped ?? failed;
  if (why !== undefined) return [name, "-", "-", verdict, why];
  const wanted = target === null ? "-" : `${atLeast ? ">=" : "<="} ${text(target, unit)}`;
  return [name, wanted, text(value, unit), verdict, note];
}

function text(value, unit) {
  if (unit === "x") return `${value.toFixed(2)} x`;
  return `${Number.isInteger(value) || value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`;
}
