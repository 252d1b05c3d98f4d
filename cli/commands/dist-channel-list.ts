import { defineCommand } from "../command.ts";

/** `dist channel list`. */
export const distChannelList = defineCommand({
  path: "dist channel list",
  group: "Look and prove",
  summary: "List channels: what they give out, by which rules, and what is open",
  examples: ["dist channel list --app acme-notes", "dist channel list --json"],
  options: {
    app: { type: "string", placeholder: "slug", describe: "Only this app" },
  },
  needs: ["openSnapshot", "store", "openGround"],
  result: "dist-channel-list-result.v1",
  async run({ openSnapshot, store, openGround }, args) {
    const { answerFrom, textOf } = await import("../reading.ts");
    const { listChannels } = await import("../../src/distribution/read/channels.ts");
    const app = textOf(args, "app");
    return answerFrom(openSnapshot, (snapshot) => listChannels(snapshot, { store, openGround }, app));
  },
  screen: async (result, now) => (await import("../screens/channels.ts")).channelListScreen(result, now),
});
