import { defineCommand } from "../command.ts";

/** `dist app show`. */
export const distAppShow = defineCommand({
  path: "dist app show",
  group: "Look and prove",
  summary: "Show an app, its identity rules and its channels",
  examples: ["dist app show acme-notes"],
  positionals: [{ name: "app", describe: "Its slug, as `dist app list` prints it" }],
  options: {},
  needs: ["openSnapshot", "store", "openGround"],
  result: "dist-app-show-result.v1",
  async run({ openSnapshot, store, openGround }, args) {
    const { answerFrom } = await import("../reading.ts");
    const { showApp } = await import("../../src/distribution/read/app.ts");
    return answerFrom(openSnapshot, (snapshot) => showApp(snapshot, { store, openGround }, String(args["app"])));
  },
  screen: async (result, now) => (await import("../screens/apps.ts")).appShowScreen(result, now),
});
