import { defineCommand } from "../command.ts";

/** `waybill gate merge`. */
export const gateMerge = defineCommand({
  path: "gate merge",
  group: "Decide",
  summary: "Merge a proposal whose verdict is green: the merge is the decision",
  examples: ["gate merge prop_9c3t6x1zk8vm", "gate merge prop_9c3t6x1zk8vm --dry-run"],
  effects: [
    "it is in force, now or since earlier   exit 0",
    "a rule refuses it   exit 1",
    "it waits for people or time   exit 3",
  ],
  positionals: [{ name: "proposal", describe: "Id of the proposal, or number of its pull request" }],
  options: {},
  writes: true,
  needs: ["ground", "acts", "asker"],
  result: "gate-merge-result.v1",
  async run({ ground, acts, asker }, args) {
    const { isRefused } = await import("../../src/kernel/errors.ts");
    const { actorOf } = await import("../../src/gate/caller.ts");
    const { mergeResult } = await import("../../src/gate/results.ts");
    const actor = await actorOf(ground, asker, { scope: "gates:approve" });
    if (isRefused(actor)) return actor;
    const run = { ground, act: acts.begin(actor, "gate merge"), dryRun: args["dry-run"] === true };
    const told = await mergeResult(run, String(args["proposal"]));
    return isRefused(told) ? told : { ...told, exit: 0 };
  },
  screen: async (result) => (await import("../screens/gate.ts")).mergeScreen(result),
});
