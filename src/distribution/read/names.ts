import type { ErrorCode } from "../../kernel/error-catalogue.ts";
import { type Reason, reason, type Refused, refuse } from "../../kernel/errors.ts";
import { nearest } from "../../kernel/nearest.ts";
import { printable } from "../../kernel/text.ts";
import type { Database } from "../../ports/sql.ts";
import { ask } from "./record.ts";

/** Most names that a wrong one is compared with. */
const MAX_COMPARED = 2000;

/** Says that nothing has a name, with the nearest one that something has. */
export function unknownName(
  code: ErrorCode,
  message: string,
  typed: string,
  known: readonly string[],
  otherwise: string,
): Reason {
  const meant = nearest(typed, known);
  const hint = meant === undefined ? otherwise : `Did you mean ${printable(meant)}?`;
  return reason(code, message, { found: printable(typed) }, hint);
}

/** Holds a slug against the apps that there are; null stands for every app. */
export function checkApp(database: Database, slug: string | null): Refused | null {
  if (slug === null || ask(database, "SELECT slug FROM apps WHERE slug = ?", [slug]).rows.length > 0) return null;
  const known = ask(database, "SELECT slug FROM apps ORDER BY slug", [], MAX_COMPARED).rows;
  const message = `There is no app ${printable(slug)}`;
  const slugs = known.map((row) => row.text("slug"));
  return refuse(unknownName("app.not_found", message, slug, slugs, "dist app list"));
}

/** Holds a name against the channels that have a release, of one app or of any; null stands for every channel. */
export function checkChannel(database: Database, app: string | null, name: string | null): Refused | null {
  if (name === null) return null;
  const sql = "SELECT DISTINCT name FROM channels WHERE ?1 IS NULL OR app = ?1 ORDER BY name";
  const names = ask(database, sql, [app], MAX_COMPARED).rows.map((row) => row.text("name"));
  if (names.includes(name)) return null;
  const message = `No release${app === null ? "" : ` of ${app}`} is on a channel ${printable(name)}`;
  return refuse(unknownName("channel.not_found", message, name, names, "dist channel list"));
}
