import { defineCommand } from "../command.ts";
import { appFlags } from "../flags/app.ts";

/** `dist app create`. */
export const distAppCreate = defineCommand({
  path: "dist app create",
  group: "Set up",
  summary: "Register an app: its name, platforms and identity rules",
  examples: ["dist app create acme-notes --name 'Acme Notes' --bundle-id android_apk=com.acme.notes"],
  positionals: [{ name: "app", describe: "Slug: lower-case letters, digits and dashes" }],
  options: appFlags,
  writes: true,
  needs: ["ground", "acts", "asker"],
  result: "dist-app-create-result.v1",
  async run({ ground, acts, asker }, args) {
    const { isRefused } = await import("../../src/kernel/errors.ts");
    const { appChange } = await import("../app-change.ts");
    const { createApp } = await import("../../src/distribution/apps.ts");
    const change = appChange(args);
    if (isRefused(change)) return change;
    const dryRun = args["dry-run"] === true;
    const done = await createApp({ ground, acts, caller: asker, dryRun }, String(args["app"]), change);
    if (isRefused(done)) return done;
    const { app, changed, commit, warnings } = done;
    return {
      result: { schema: "dist-app-create-result.v1", planned: dryRun, created: changed, app, commit },
      exit: 0,
      warnings,
    };
  },
  screen: async ({ planned, created, app }) => {
    const { appDoneScreen } = await import("../screens/apps.ts");
    return appDoneScreen(app, planned ? "Planned" : created ? "Created" : "Unchanged");
  },
});
