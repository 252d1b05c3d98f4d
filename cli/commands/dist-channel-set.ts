import { defineCommand } from "../command.ts";
import { ruleFlags } from "../flags/channel-rule.ts";

/** `dist channel set`. */
export const distChannelSet = defineCommand({
  path: "dist channel set",
  group: "Set up",
  summary: "Propose another rule for a channel: who approves, soak, retention",
  examples: [
    'dist channel set stable --app acme-notes --approver alice --approver bob --min-approvals 2 --reason "two people"',
    'dist channel set beta --app acme-notes --mode auto --reason "testers want every build"',
  ],
  effects: ["a change of policy is proposed, or the same one is found; nothing has changed yet   exit 3, later 0"],
  positionals: [{ name: "channel", describe: "Name of the channel" }],
  options: {
    app: { type: "string", placeholder: "slug", describe: "App", demandOption: true },
    ...ruleFlags,
    reason: {
      type: "string",
      placeholder: "text",
      describe: "Kept with the decision and shown to approvers",
      demandOption: true,
    },
  },
  writes: true,
  needs: ["ground", "acts", "asker", "keys", "env"],
  result: "dist-channel-set-result.v1",
  async run(world, args) {
    const { isRefused } = await import("../../src/kernel/errors.ts");
    const { setChannel } = await import("../../src/distribution/channel-set.ts");
    const { channelRule } = await import("../channel-rule.ts");
    const { endOf, movingDesk } = await import("../moving.ts");
    const rule = channelRule(args);
    if (isRefused(rule)) return rule;
    const { desk, signer } = movingDesk(world, args);
    const done = await setChannel(desk, {
      app: String(args["app"]),
      channel: String(args["channel"]),
      rule,
      reason: String(args["reason"]),
      signer,
    });
    return isRefused(done) ? done : { ...done, ...endOf(done.result) };
  },
  screen: async (result, now) => (await import("../screens/channel-changes.ts")).setScreen(result, now),
});
