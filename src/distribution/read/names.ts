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
