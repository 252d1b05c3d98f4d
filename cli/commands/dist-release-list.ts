import { defineCommand } from "../command.ts";

/** `dist release list`. */
export const distReleaseList = defineCommand({
  path: "dist release list",
  group: "Look and prove",
  summary: "List releases, newest version first, and the channels that they are on",
  examples: ["dist release list --app acme-notes", "dist release list --status yanked --json"],
  options: {
    app: { type: "string", placeholder: "slug", describe: "Only this app" },
    status: { type: "string", placeholder: "word", describe: "draft, published, abandoned, yanked or retired" },
    channel: { type: "string", placeholder: "name", describe: "Only what this channel is on" },
    limit: { type: "number", placeholder: "n", describe: "At most so many rows (default 100)" },
    after: { type: "string", placeholder: "cursor", describe: "Go on after the page that ended with this" },
  },
  needs: ["openSnapshot"],
  result: "dist-release-list-result.v1",
  async run({ openSnapshot }, args) {
    const { answerFrom, pageOf, textOf } = await import("../reading.ts");
    const { listReleases } = await import("../../src/distribution/read/releases.ts");
    const asked = {
      ...pageOf(args),
      app: textOf(args, "app"),
      status: textOf(args, "status"),
      channel: textOf(args, "channel"),
    };
    return answerFrom(openSnapshot, (snapshot) => listReleases(snapshot, asked));
  },
  screen: async (result, now) => (await import("../screens/releases.ts")).releaseListScreen(result, now),
});
