import { defineCommand } from "../command.ts";

/** `dist channel show`. */
export const distChannelShow = defineCommand({
  path: "dist channel show",
  group: "Look and prove",
  summary: "Show a channel: its release, rules, proposals and history",
  examples: ["dist channel show stable --app acme-notes"],
  effects: ["its release is not the one that was decided on   exit 1, and nobody gets it"],
  positionals: [{ name: "channel", describe: "Its name, as `dist channel list` prints it" }],
  options: {
    app: { type: "string", placeholder: "slug", describe: "App of the channel", demandOption: true },
  },
  needs: ["openSnapshot", "store", "openGround"],
  result: "dist-channel-show-result.v1",
  async run({ openSnapshot, store, openGround }, args) {
    const { answerFrom } = await import("../reading.ts");
    const { showChannel } = await import("../../src/distribution/read/channel.ts");
    return answerFrom(openSnapshot, (snapshot) =>
      showChannel(snapshot, { store, openGround }, String(args["app"]), String(args["channel"])),
    );
  },
  screen: async (result, now) => (await import("../screens/channels.ts")).channelShowScreen(result, now),
});
