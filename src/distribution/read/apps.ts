import { isRefused, type Refused } from "../../kernel/errors.ts";
import type { Database } from "../../ports/sql.ts";
import type { AppListRow, AppV1, DistAppListResultV1, Platform } from "../../schema/types.gen.ts";
import type { Snapshot } from "../../state/snapshot/open.ts";
import { isPlatform } from "../core/platform.ts";
import { versionText } from "../core/release-path.ts";
import { asOfTips } from "./as-of.ts";
import { afterKey, clauses, cursorOf, type PageAsked, readPage } from "./page.ts";
import { ask, type Row } from "./record.ts";
import { RELEASE_STATUS, RELEASES } from "./release-rows.ts";
import type { Told } from "./told.ts";

const VISIBILITIES: readonly AppV1["visibility"][] = ["public", "unlisted", "private"];
const order = [{ column: "p.slug" }];

/** The newest published version that is not yanked or retired. */
const NEWEST = `SELECT r.version_key FROM ${RELEASES} WHERE r.app = p.slug AND ${RELEASE_STATUS} = 'published'
  ORDER BY r.version_key DESC LIMIT 1`;

// One statement for all apps: each further one would cost more to prepare than to answer.
const APPS = `SELECT p.*, (SELECT count(*) FROM releases c WHERE c.app = p.slug) AS releases,
    n.version AS newest_version, n.build AS newest_build
  FROM apps p LEFT JOIN releases n ON n.app = p.slug AND n.version_key = (${NEWEST})`;

/** Lists apps by slug, each with its newest published version. */
export function listApps({ database, asOf }: Snapshot, asked: PageAsked): Told<DistAppListResultV1> | Refused {
  const page = readPage(asked, order);
  if (isRefused(page)) return page;
  const { sql, values } = clauses(afterKey(order, page.after), order);
  const found = ask(database, `${APPS} ${sql}`, values, page.limit);
  const last = found.rows.at(-1);
  return {
    result: {
      schema: "dist-app-list-result.v1",
      apps: found.rows.map(appRow),
      next_cursor: found.more && last ? cursorOf([last.text("slug")]) : null,
      as_of: asOfTips(asOf),
    },
    warnings: [],
  };
}

function appRow(row: Row): AppListRow {
  const version = row.textOrNull("newest_version");
  return {
    slug: row.text("slug"),
    display_name: row.text("display_name"),
    owner: row.text("owner"),
    visibility: row.oneOf("visibility", VISIBILITIES),
    platforms: platformsIn(row),
    releases: row.integer("releases"),
    newest: version === null ? null : versionText({ version, build: row.textOrNull("newest_build") }),
    updated_at: row.text("updated_at"),
  };
}

function platformsIn(row: Row): readonly Platform[] {
  return row.words("platforms").filter(isPlatform);
}

/** How many releases an app has, of any status. */
export function countReleases(database: Database, slug: string): number {
  const { rows } = ask(database, "SELECT count(*) AS n FROM releases WHERE app = ?", [slug]);
  return rows[0]?.integer("n") ?? 0;
}
