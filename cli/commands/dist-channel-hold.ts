import { defineCommand } from "../command.ts";

/** `dist channel hold`. */
export const distChannelHold = defineCommand({
  path: "dist channel hold",
  group: "Move a channel",
  summary: "Stop automation on a channel",
  examples: ['dist channel hold stable --app acme-notes --reason "incident 12"'],
  effects: ["automation may not promote, a person may, and a rollback always may   exit 0"],
  positionals: [{ name: "channel", describe: "Name of the channel" }],
  options: {
    app: { type: "string", placeholder: "slug", describe: "App", demandOption: true },
    reason: {
      type: "string",
      placeholder: "text",
      describe: "Kept and shown to whoever is stopped",
      demandOption: true,
    },
  },
  writes: true,
  needs: ["ground", "acts", "asker"],
  result: "dist-channel-hold-result.v1",
  async run({ ground, acts, asker }, args) {
    const { isRefused } = await import("../../src/kernel/errors.ts");
    const { hold } = await import("../../src/distribution/hold.ts");
    const desk = { ground, acts, caller: asker, dryRun: args["dry-run"] === true };
    const key = { app: String(args["app"]), channel: String(args["channel"]) };
    const done = await hold(desk, key, String(args["reason"]));
    return isRefused(done) ? done : { ...done, exit: 0 };
  },
  screen: async (result) => (await import("../screens/channel-changes.ts")).holdScreen(result),
});
