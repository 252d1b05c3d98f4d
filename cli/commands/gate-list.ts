import { defineCommand } from "../command.ts";

/** `waybill gate list`. */
export const gateList = defineCommand({
  path: "gate list",
  group: "Decide",
  summary: "See what is open and what its verdict waits for",
  examples: ["gate list", "gate list --json"],
  options: {},
  needs: ["ground", "acts", "asker"],
  result: "gate-list-result.v1",
  async run({ ground, acts, asker }) {
    const { listProposals } = await import("../../src/gate/review/list.ts");
    return { ...(await listProposals(ground, acts.begin(asker.actor, "gate list"))), exit: 0 };
  },
  screen: async (result, now) => (await import("../screens/gate.ts")).listScreen(result, now),
});
