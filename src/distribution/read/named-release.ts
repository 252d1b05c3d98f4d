import { type Refused, reason, refuse } from "../../kernel/errors.ts";
import { nearest } from "../../kernel/nearest.ts";
import { printable } from "../../kernel/text.ts";
import type { Database, SqlValue } from "../../ports/sql.ts";
import { referenceOf } from "../core/release-path.ts";
import { checkApp } from "./names.ts";
import { ask } from "./record.ts";
import { idReused } from "./reused-ids.ts";

/** A release of the snapshot. */
export interface NamedRelease {
  readonly app: string;
  readonly id: string;
  readonly version: string;
  readonly build: string | null;
}

/** Versions that a wrong one is compared with, newest first. */
const MAX_COMPARED = 2000;
/** Builds that a hint lists. */
const MAX_LISTED = 5;

/**
 * Finds the release that people named, `[<app>@]<version>[+<build>]` or its id, as `findRelease` does, but in the snapshot: by id at
 * once. A version without build names its only build.
 */
export function releaseNamed(database: Database, text: string, app: string | null): NamedRelease | Refused {
  const at = text.indexOf("@");
  if (at < 0 && text.startsWith("rel_")) return byId(database, text, app);
  const slug = at < 0 ? app : text.slice(0, at);
  if (at >= 0 && app !== null && slug !== app)
    return invalid(`${printable(text)} is not a release of ${printable(app)}`, "Leave --app out");
  const rest = at < 0 ? text : text.slice(at + 1);
  if (slug === null) return invalid(`${printable(text)} does not say of which app`, `Write <app>@${printable(rest)}`);
  return checkApp(database, slug) ?? byVersion(database, slug, rest);
}

function byId(database: Database, id: string, app: string | null): NamedRelease | Refused {
  const all = releases(database, "id = ?1 AND (?2 IS NULL OR app = ?2)", [id, app]);
  const [found, another] = all;
  if (another !== undefined)
    return refuse(
      idReused(
        id,
        all.slice(0, MAX_LISTED).map((release) => referenceOf(release.app, release)),
      ),
    );
  if (found !== undefined) return found;
  return refuse(
    reason("release.not_found", `There is no release ${printable(id)}`, { found: printable(id) }, "dist release list"),
  );
}

function byVersion(database: Database, app: string, text: string): NamedRelease | Refused {
  const plus = text.lastIndexOf("+");
  const [exact] = releases(database, "app = ? AND version = ? AND build IS NULL", [app, text]);
  if (exact !== undefined) return exact;
  const parts = plus > 0 ? [text.slice(0, plus), text.slice(plus + 1)] : null;
  const [split] = parts === null ? [] : releases(database, "app = ? AND version = ? AND build = ?", [app, ...parts]);
  if (split !== undefined) return split;
  const builds = releases(database, "app = ? AND version = ?", [app, text]);
  const [only, another] = builds;
  if (only === undefined) return notFound(database, app, text);
  if (another === undefined) return only;
  const listed = builds.slice(0, MAX_LISTED).map((build) => referenceOf(app, build));
  return invalid(`${app} ${printable(text)} has ${builds.length} builds`, `Say which: ${listed.join(" ")}`);
}

function notFound(database: Database, app: string, text: string): Refused {
  const { rows } = ask(
    database,
    "SELECT version, build FROM releases WHERE app = ? ORDER BY version_key DESC",
    [app],
    MAX_COMPARED,
  );
  const known = rows.map((row) => ({ version: row.text("version"), build: row.textOrNull("build") }));
  const [newest] = known;
  const meant = nearest(text, [...known.map(({ version }) => version), ...known.map(withBuild)]);
  const hint =
    meant !== undefined
      ? `Did you mean ${app}@${meant}?`
      : newest === undefined
        ? "dist ci publish"
        : `The newest is ${referenceOf(app, newest)}`;
  const data = { found: printable(text) };
  return refuse(reason("release.not_found", `${app} has no release ${printable(text)}`, data, hint));
}

function withBuild(release: { readonly version: string; readonly build: string | null }): string {
  return release.build === null ? release.version : `${release.version}+${release.build}`;
}

function releases(database: Database, where: string, values: readonly SqlValue[]): readonly NamedRelease[] {
  const sql = `SELECT app, id, version, build FROM releases WHERE ${where} ORDER BY app, version_key DESC`;
  return ask(database, sql, values).rows.map((row) => ({
    app: row.text("app"),
    id: row.text("id"),
    version: row.text("version"),
    build: row.textOrNull("build"),
  }));
}

function invalid(message: string, hint: string): Refused {
  return refuse(reason("usage.invalid_argument", message, {}, hint));
}
