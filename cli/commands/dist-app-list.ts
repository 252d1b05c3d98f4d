import { defineCommand } from "../command.ts";

/** `dist app list`. */
export const distAppList = defineCommand({
  path: "dist app list",
  group: "Look and prove",
  summary: "List apps with their newest published version",
  examples: ["dist app list", "dist app list --json"],
  options: {
    limit: { type: "number", placeholder: "n", describe: "At most so many rows (default 100)" },
    after: { type: "string", placeholder: "cursor", describe: "Go on after the page that ended with this" },
  },
  needs: ["openSnapshot"],
  result: "dist-app-list-result.v1",
  async run({ openSnapshot }, args) {
    const { answerFrom, pageOf } = await import("../reading.ts");
    const { listApps } = await import("../../src/distribution/read/apps.ts");
    return answerFrom(openSnapshot, (snapshot) => listApps(snapshot, pageOf(args)));
  },
  screen: async (result, now) => (await import("../screens/apps.ts")).appListScreen(result, now),
});
