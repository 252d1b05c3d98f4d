import { describe, expect, it } from "vitest";
import { nextParts, type Row, screenParts, SUMMARY_BYTES, summaryText } from "../../../cli/action/summary.ts";

const table = (count: number) => ({
  kind: "table" as const,
  columns: [{ title: "File" }, { title: "Size", align: "right" as const }],
  rows: Array.from({ length: count }, (_, i): Row => [[{ code: `file-${i}` }], ["18 MB"]]),
});

describe("summaryText", () => {
  it("prints title, lines, tables and what opens by a click", () => {
    const parts = [
      { kind: "line" as const, spans: [{ code: "stable" }, " moved"] },
      table(1),
      { kind: "code" as const, title: "Full digests", text: "ab  file-0" },
    ];
    expect(summaryText({ title: "Published acme 1.4.0 (412)", parts })).toBe(
      [
        "## Published acme 1.4.0 (412)",
        "`stable` moved",
        "| File | Size |\n|---|--:|\n| `file-0` | 18 MB |",
        "<details><summary>Full digests</summary>\n\n```\nab  file-0\n```\n\n</details>\n",
      ].join("\n\n"),
    );
  });

  it("stays within half of what GitHub takes, cut at whole rows, and says so", () => {
    const text = summaryText({ title: "Many", parts: [table(60_000), { kind: "line", spans: ["after"] }] });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(SUMMARY_BYTES);
    const rows = text.split("\n").filter((line) => line.startsWith("| `file-"));
    expect(rows.every((row) => row.endsWith("| 18 MB |"))).toBe(true);
    expect(text).toContain(`${60_000 - rows.length} more rows are in the log and in the output \`result\`.`);
    expect(rows.length).toBeGreaterThan(10_000);
  });

  it("leaves out a part that does not fit, and says so", () => {
    const text = summaryText(
      {
        title: "Long",
        parts: [
          { kind: "code", text: "x".repeat(5000) },
          { kind: "line", spans: ["kept"] },
        ],
      },
      2000,
    );
    expect(text).toBe(
      "## Long\n\nkept\n\nMore than fits here was left out; the log and the output `result` have all of it.\n",
    );
  });

  it("lets no text from outside become markup, HTML or a mention", () => {
    const bad = "<img src=x> @alice #1 [a](https://b.example) |\n## no";
    const text = summaryText({
      title: bad,
      parts: [
        { kind: "line", spans: [bad] },
        { ...table(0), rows: [[[bad], [{ code: bad }]]] },
      ],
    });
    expect(text.split("\n").filter((line) => line.startsWith("## "))).toHaveLength(1);
    expect(text.replaceAll(/`[^`]*`/g, "")).not.toMatch(/<img|@alice|(?<!&)#1|\]\(https/);
  });
});

describe("nextParts", () => {
  it("shows commands as code and addresses as links", () => {
    const hints = [
      "waybill gate show 128",
      "The branch is pushed; open it: https://github.com/acme/notes/compare/a...b?expand=1",
    ];
    const address = "https://github.com/acme/notes/compare/a...b?expand=1";
    expect(summaryText({ title: "T", parts: nextParts(hints, "https://github.com/acme/notes") })).toBe(
      `## T\n\n**Next** \`waybill gate show 128\` · The branch is pushed; open it: [\`${address}\`](${address})\n`,
    );
  });
});

it("makes no link of an address elsewhere, which a text from outside may hold", () => {
  const parts = nextParts(
    ["Open https://github.com/acme/notesx/a or https://b.example/"],
    "https://github.com/acme/notes",
  );
  expect(summaryText({ title: "T", parts })).not.toContain("](");
});

describe("screenParts", () => {
  it("says what the terminal says", () => {
    const parts = screenParts(
      {
        blocks: [
          { kind: "line", label: "Verified", parts: ["5 commits", ""] },
          { kind: "table", columns: [{ title: "TABLE" }], rows: [[{ show: "apps", raw: "apps" }]] },
          { kind: "text", text: "raw" },
        ],
        empty: "Nothing yet",
        asOf: "state 4be1f07",
        next: ["waybill gate sync", "waybill gate list"],
      },
      null,
    );
    expect(summaryText({ title: "T", parts }).split("\n\n").slice(1)).toEqual([
      "**Verified** 5 commits",
      "| TABLE |\n|---|\n| apps |",
      "```\nraw\n```",
      "Nothing yet",
      "**As of** state 4be1f07",
      "**Next** `waybill gate sync` · `waybill gate list`\n",
    ]);
  });
});
