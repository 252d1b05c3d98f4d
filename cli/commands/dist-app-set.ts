import { defineCommand } from "../command.ts";
import { appFlags } from "../flags/app.ts";

/** `dist app set`. */
export const distAppSet = defineCommand({
  path: "dist app set",
  group: "Set up",
  summary: "Change an app; what is not named stays as it is",
  examples: ["dist app set acme-notes --bundle-id ios=com.acme.notes --visibility unlisted"],
  positionals: [{ name: "app", describe: "Slug: lower-case letters, digits and dashes" }],
  options: appFlags,
  writes: true,
  needs: ["ground", "acts", "asker"],
  result: "dist-app-set-result.v1",
  async run({ ground, acts, asker }, args) {
    const { isRefused } = await import("../../src/kernel/errors.ts");
    const { appChange } = await import("../app-change.ts");
    const { setApp } = await import("../../src/distribution/apps.ts");
    const change = appChange(args);
    if (isRefused(change)) return change;
    const dryRun = args["dry-run"] === true;
    const done = await setApp({ ground, acts, caller: asker, dryRun }, String(args["app"]), change);
    if (isRefused(done)) return done;
    const { app, changed, commit, warnings } = done;
    return {
      result: { schema: "dist-app-set-result.v1", planned: dryRun, changed: changed, app, commit },
      exit: 0,
      warnings,
    };
  },
  screen: async ({ planned, changed, app }) => {
    const { appDoneScreen } = await import("../screens/apps.ts");
    return appDoneScreen(app, planned ? "Planned" : changed ? "Changed" : "Unchanged");
  },
});
