import { defineCommand } from "../command.ts";

/** `dist channel unhold`. */
export const distChannelUnhold = defineCommand({
  path: "dist channel unhold",
  group: "Move a channel",
  summary: "Let automation go on where somebody held it",
  examples: ["dist channel unhold stable --app acme-notes"],
  effects: ["automation may promote again   exit 0", "the hold of a rollback stays until a person promotes"],
  positionals: [{ name: "channel", describe: "Name of the channel" }],
  options: {
    app: { type: "string", placeholder: "slug", describe: "App", demandOption: true },
  },
  writes: true,
  needs: ["ground", "acts", "asker"],
  result: "dist-channel-unhold-result.v1",
  async run({ ground, acts, asker }, args) {
    const { isRefused } = await import("../../src/kernel/errors.ts");
    const { unhold } = await import("../../src/distribution/hold.ts");
    const desk = { ground, acts, caller: asker, dryRun: args["dry-run"] === true };
    const key = { app: String(args["app"]), channel: String(args["channel"]) };
    const done = await unhold(desk, key);
    return isRefused(done) ? done : { ...done, exit: 0 };
  },
  screen: async (result) => (await import("../screens/channel-changes.ts")).unholdScreen(result),
});
