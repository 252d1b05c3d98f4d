import { defineCommand } from "../command.ts";

/** `waybill gate show`. */
export const gateShow = defineCommand({
  path: "gate show",
  group: "Decide",
  summary: "Show a proposal: who asked, who approved, which rules are met",
  examples: ["gate show prop_9c3t6x1zk8vm"],
  effects: ["whatever the verdict   exit 0"],
  positionals: [{ name: "proposal", describe: "Id of the proposal, or number of its pull request" }],
  options: {},
  needs: ["ground", "acts", "asker"],
  result: "gate-show-result.v1",
  async run({ ground, acts, asker }, args) {
    const { showProposal } = await import("../../src/gate/review/show.ts");
    return { ...(await showProposal(ground, acts.begin(asker.actor, "gate show"), String(args["proposal"]))), exit: 0 };
  },
  screen: async (result, now) => (await import("../screens/gate.ts")).showScreen(result, now),
});
