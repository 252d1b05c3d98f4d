import type { Reason } from "../../kernel/errors.ts";
import { assetName, clashesOf } from "../core/asset-name.ts";
import type { TakenRow } from "./take-files.ts";

/** One file of the store: rows with equal bytes share it. */
export interface Wanted {
  readonly name: string;
  readonly row: TakenRow;
}

/** Says which names of the store would clash, before anything is written. */
export function nameClashes(rows: readonly TakenRow[]): readonly Reason[] {
  const named = rows.map(({ row, taken }) => ({
    name: assetName(row.filename, taken.sha256),
    filename: row.filename,
    sha256: taken.sha256,
  }));
  return clashesOf(named);
}

/** The files that a release needs stored, each digest once. */
export function wantedFiles(rows: readonly TakenRow[]): readonly Wanted[] {
  const first = new Map<string, Wanted>();
  for (const row of rows) {
    const { sha256 } = row.taken;
    if (!first.has(sha256)) first.set(sha256, { name: assetName(row.row.filename, sha256), row });
  }
  return [...first.values()];
}
