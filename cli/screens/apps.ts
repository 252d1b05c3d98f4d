import { countText } from "../../src/kernel/count.ts";
import type { AppV1, DistAppListResultV1, DistAppShowResultV1 } from "../../src/schema/types.gen.ts";
import { count, when, word } from "../output/cells.ts";
import type { Screen } from "../screen.ts";
import { channelTable } from "./channels.ts";
import { asOfText, furtherPage, line, listCell, recordTime } from "./parts.ts";

/** The screen of `dist app list`. */
export function appListScreen(result: DistAppListResultV1, now: Date): Screen {
  const asOf = asOfText(result.as_of, now);
  if (result.apps.length === 0) return { blocks: [], empty: "No apps yet", asOf, next: ["dist app create <slug>"] };
  return {
    blocks: [
      {
        kind: "table",
        columns: [
          { title: "APP" },
          { title: "NAME", free: true },
          { title: "VISIBILITY" },
          { title: "PLATFORMS", free: true },
          { title: "RELEASES", align: "right" },
          { title: "NEWEST" },
          { title: "UPDATED" },
        ],
        rows: result.apps.map((row) => [
          word(row.slug),
          word(row.display_name),
          word(row.visibility),
          row.platforms.length === 0 ? word("all") : listCell(row.platforms),
          count(row.releases),
          word(row.newest),
          when(row.updated_at, now),
        ]),
      },
    ],
    asOf,
    next: furtherPage(result.next_cursor),
  };
}

/** The screen of `dist app show`. */
export function appShowScreen(result: DistAppShowResultV1, now: Date): Screen {
  const { app, channels, releases } = result;
  const identities = Object.entries(app.bundle_ids).map(([platform, id]) => line("Identity", platform, id));
  return {
    blocks: [
      line("App", app.slug, app.display_name, app.visibility),
      line("Owner", app.owner),
      line("Platforms", app.platforms.length === 0 ? "all" : app.platforms.join(", ")),
      ...identities,
      line("iOS", app.ios_mode, app.testflight_url ?? ""),
      line("Created", recordTime(app.created_at, now)),
      line("Releases", countText(releases)),
      channelTable(channels, false, now),
    ],
    asOf: asOfText(result.as_of, now),
    next: [`dist release list --app ${app.slug}`],
  };
}

/** The screen of `dist app create` and `dist app set`. */
export function appDoneScreen(app: AppV1, done: string): Screen {
  const rules = Object.entries(app.bundle_ids).map(([platform, id]) => line("Identity", platform, id));
  const platforms = app.platforms.length === 0 ? "all platforms" : app.platforms.join(", ");
  return {
    blocks: [line(done, app.slug, app.display_name, app.visibility, platforms), ...rules],
    next: [`dist manifest init <file...> --app ${app.slug}`],
  };
}
