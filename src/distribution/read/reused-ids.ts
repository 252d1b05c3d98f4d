import { type Reason, reason } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { Database } from "../../ports/sql.ts";
import { referenceOf } from "../core/release-path.ts";
import { ask } from "./record.ts";

/** Releases that a warning names. */
const MAX_NAMED = 5;

/** Warns of each id, among those that are shown, that more than one release has: somebody wrote the others by hand. */
export function reusedWarnings(database: Database, ids: readonly string[]): readonly Reason[] {
  const shown = [...new Set(ids)];
  const places = shown.map(() => "?").join(", ");
  const several = `SELECT id FROM releases WHERE id IN (${places}) GROUP BY id HAVING count(*) > 1`;
  const reused = new Set(ask(database, several, shown).rows.map((row) => row.text("id")));
  return shown.filter((id) => reused.has(id)).map((id) => idReused(id, releasesOf(database, id)));
}

function releasesOf(database: Database, id: string): readonly string[] {
  const sql = "SELECT app, version, build FROM releases WHERE id = ? ORDER BY app, version_key";
  const { rows, more } = ask(database, sql, [id], MAX_NAMED);
  const named = rows.map((row) =>
    referenceOf(row.text("app"), { version: row.text("version"), build: row.textOrNull("build") }),
  );
  return more ? [...named, "others"] : named;
}

/** Says that several releases have one id, so that it names none of them. */
export function idReused(id: string, releases: readonly string[]): Reason {
  const message = `${releases.map((one) => printable(one)).join(" and ")} have the same id ${printable(id)}; all but the first that was written are made by hand`;
  return reason(
    "release.id_reused",
    message,
    { id: printable(id), releases },
    "Name the release by its version",
    "waybill state verify",
  );
}
