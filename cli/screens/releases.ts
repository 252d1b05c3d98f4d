import { countsText } from "../../src/distribution/core/validation.ts";
import type { DistReleaseListResultV1, ReleaseListRow } from "../../src/schema/types.gen.ts";
import { count, when, word } from "../output/cells.ts";
import type { Cell, Screen } from "../screen.ts";
import { asOfText, furtherPage, listCell, releaseCell, statusCell } from "./parts.ts";

/** The screen of `dist release list`; the app is a column where there may be several. */
export function releaseListScreen(result: DistReleaseListResultV1, now: Date): Screen {
  const { app, releases, next_cursor: cursor } = result;
  const asOf = asOfText(result.as_of, now);
  if (releases.length === 0) {
    const empty = app === null ? "No releases yet" : `No releases of ${app} yet`;
    return { blocks: [], empty, asOf, next: ["dist manifest init <file...>"] };
  }
  const titles = ["RELEASE", "STATUS", "ON", "ARTIFACTS", "VALIDATION", "PUBLISHED"].map((title) => ({ title }));
  return {
    blocks: [
      {
        kind: "table",
        columns: app === null ? [{ title: "APP" }, ...titles] : titles,
        rows: releases.map((row) => (app === null ? [word(row.app), ...cellsOf(row, now)] : cellsOf(row, now))),
      },
    ],
    asOf,
    next: furtherPage(cursor),
  };
}

function cellsOf(row: ReleaseListRow, now: Date): readonly Cell[] {
  return [
    releaseCell(row.app, row),
    statusCell(row.status),
    listCell(row.on),
    count(row.artifacts),
    word(countsText(row.validation)),
    when(row.published_at, now),
  ];
}
