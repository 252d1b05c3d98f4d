import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sizeText, whenText, durationText, digest } from "../../cli/output/cells.ts";
import { styleOf } from "../../cli/output/style.ts";
import { tableLines } from "../../cli/output/table.ts";
import { cutTo, padTo, widthOf } from "../../cli/output/width.ts";
import type { Cell } from "../../cli/screen.ts";

const terminal = (columns: number) =>
  styleOf({ isTerminal: true, columns, write: () => undefined }, new Map([["NO_COLOR", "1"]]), false);
const pipe = styleOf({ isTerminal: false, columns: null, write: () => undefined }, new Map(), false);
const cell = (show: string, raw = show): Cell => ({ show, raw });
const anyText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("日本語の名前", "👩‍👩‍👧‍👦 family", "e\u0301tude", "a\tb\nc", "\u001b[31mred\u202e", ""),
);

describe("table layout", () => {
  it("cuts only free columns, the widest first, and keeps digests whole", () => {
    const table = {
      kind: "table",
      columns: [{ title: "FILE", free: true }, { title: "SHA-256" }, { title: "SIZE", align: "right" }],
      rows: [
        [
          cell("a-very-long-file-name-that-does-not-fit-into-the-line-at-all-because-it-goes-on.apk"),
          cell("f1d07263dd4c…"),
          cell("18.0 MB"),
        ],
      ],
    } as const;
    expect(tableLines(table, terminal(60)).join("\n")).toMatchInlineSnapshot(`
      "FILE                                  SHA-256           SIZE
      a-very-long-file-name-that-does-not…  f1d07263dd4c…  18.0 MB"
    `);
  });

  it("turns rows into lines of label and value on a narrow terminal", () => {
    const table = {
      kind: "table",
      columns: [{ title: "APP" }, { title: "ON" }],
      rows: [
        [cell("a"), cell("b")],
        [cell("c"), cell("d")],
      ],
    } as const;
    expect(tableLines(table, terminal(40))).toEqual(["APP  a", "ON   b", "", "APP  c", "ON   d"]);
  });

  it("turns rows into lines where even cut columns would be wider than the terminal", () => {
    const table = {
      kind: "table",
      columns: [{ title: "FILE", free: true }, { title: "SIGNATURE" }, { title: "GRADE" }],
      rows: [[cell("a-long-file-name.apk"), cell("s".repeat(40)), cell("signed, self-approved")]],
    } as const;
    expect(tableLines(table, terminal(72))).toEqual([
      "FILE       a-long-file-name.apk",
      `SIGNATURE  ${"s".repeat(40)}`,
      "GRADE      signed, self-approved",
    ]);
    expect(tableLines(table, terminal(74))).toHaveLength(2);
  });

  it("lines up every column whatever the text, within the width where free columns allow it", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, anyText, fc.nat()), { minLength: 1, maxLength: 6 }), (given) => {
        const rows = given.map(([a, b, n]) => [cell(a), cell(b), cell(String(n))]);
        const columns = [
          { title: "FIRST", free: true },
          { title: "SECOND", free: true },
          { title: "N", align: "right" },
        ] as const;
        const lines = tableLines({ kind: "table", columns, rows }, terminal(60));
        // The last column is aligned right, so every line ends in the same column.
        expect(new Set(lines.map(widthOf)).size).toBe(1);
        expect(widthOf(lines[0] ?? "")).toBeLessThanOrEqual(60);
        expect(lines.join("")).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
      }),
    );
  });

  it("gives a pipe exactly one line a row and one field a column", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, anyText), { maxLength: 5 }), (given) => {
        const rows = given.map(([a, b]) => [cell(a), cell(b)]);
        const lines = tableLines({ kind: "table", columns: [{ title: "A" }, { title: "B" }], rows }, pipe);
        expect(lines).toHaveLength(rows.length);
        for (const line of lines) expect(line.split("\t")).toHaveLength(2);
      }),
    );
  });
});

describe("display width", () => {
  it.each([
    ["abc", 3],
    ["日本", 4],
    ["e\u0301", 1],
    ["👩‍👩‍👧‍👦", 2],
    ["한글", 4],
    ["…", 1],
    ["", 0],
  ])("of %s is %i", (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  it("is never more than asked for after a cut, and exact after padding", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 30 }), (text, columns) => {
        const cut = cutTo(text, columns);
        expect(widthOf(cut)).toBeLessThanOrEqual(columns);
        expect(widthOf(padTo(cut, columns))).toBe(columns);
      }),
    );
  });
});

describe("values for people", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [18_000_000, "18.0 MB"],
    [999_999, "1.0 MB"],
    [1_500_000_000, "1.5 GB"],
  ])("prints %i bytes as %s", (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });

  it.each([
    ["2026-11-19T11:39:30Z", "just now"],
    ["2026-11-19T11:22:00Z", "18 min ago"],
    ["2026-11-18T14:02:00Z", "21 h ago"],
    ["2026-11-13T11:40:00Z", "6 days ago"],
    ["2026-11-12T11:40:00Z", "2026-11-12"],
    ["2026-11-21T00:00:00Z", "2026-11-21"],
  ])("prints %s as %s in a list", (at, text) => {
    expect(whenText(at, new Date("2026-11-19T11:40:00Z"))).toBe(text);
  });

  it.each([
    [1900, "1.9 s"],
    [61_000, "1 min 1 s"],
    [72_600_000, "20 h 10 min"],
    [86_400_000, "1 day"],
  ])("prints %i ms as %s", (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  it("shortens a digest for people only", () => {
    expect(digest("f1d07263dd4c940d")).toEqual({ show: "f1d07263dd4c…", raw: "f1d07263dd4c940d" });
  });
});
