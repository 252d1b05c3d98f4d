import { defineCommand } from "../command.ts";

/** `dist artifact list`. */
export const distArtifactList = defineCommand({
  path: "dist artifact list",
  group: "Look and prove",
  summary: "List artifacts of releases, newest version first",
  examples: ["dist artifact list --app acme-notes", "dist artifact list --release acme-notes@1.4.0 --platform ios"],
  options: {
    app: { type: "string", placeholder: "slug", describe: "Only this app" },
    release: { type: "string", placeholder: "release", describe: "Only this release" },
    platform: { type: "string", placeholder: "name", describe: "Only this platform" },
    limit: { type: "number", placeholder: "n", describe: "At most so many rows (default 100)" },
    after: { type: "string", placeholder: "cursor", describe: "Go on after the page that ended with this" },
  },
  needs: ["openSnapshot"],
  result: "dist-artifact-list-result.v1",
  async run({ openSnapshot }, args) {
    const { answerFrom, pageOf, textOf } = await import("../reading.ts");
    const { listArtifacts } = await import("../../src/distribution/read/artifacts.ts");
    const asked = {
      ...pageOf(args),
      app: textOf(args, "app"),
      release: textOf(args, "release"),
      platform: textOf(args, "platform"),
    };
    return answerFrom(openSnapshot, (snapshot) => listArtifacts(snapshot, asked));
  },
  screen: async (result, now) => (await import("../screens/artifacts.ts")).artifactListScreen(result, now),
});
