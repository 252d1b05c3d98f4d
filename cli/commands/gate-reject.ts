import { defineCommand } from "../command.ts";

/** `waybill gate reject`. */
export const gateReject = defineCommand({
  path: "gate reject",
  group: "Decide",
  summary: "Close a proposal without merging it",
  examples: ['gate reject prop_9c3t6x1zk8vm --reason "wrong build"'],
  effects: [
    "the branch of the proposal is removed, its event stays   exit 0",
    "signatures on it stay good until another decision of its path is merged",
  ],
  positionals: [{ name: "proposal", describe: "Id of the proposal, or number of its pull request" }],
  options: { reason: { type: "string", describe: "Kept with the event", demandOption: true } },
  writes: true,
  needs: ["ground", "acts", "asker"],
  result: "gate-reject-result.v1",
  async run({ ground, acts, asker }, args) {
    const { isRefused } = await import("../../src/kernel/errors.ts");
    const { actorOf } = await import("../../src/gate/caller.ts");
    const { rejectResult } = await import("../../src/gate/results.ts");
    const actor = await actorOf(ground, asker, { scope: "gates:approve" });
    if (isRefused(actor)) return actor;
    const run = { ground, act: acts.begin(actor, "gate reject"), dryRun: args["dry-run"] === true };
    return { ...(await rejectResult(run, String(args["proposal"]), String(args["reason"]))), exit: 0 };
  },
  screen: async ({ planned, proposal_id, path, reason }) => ({
    blocks: [
      {
        kind: "line",
        label: planned ? "Planned" : "Rejected",
        parts: [proposal_id, path ?? "unreadable", `"${reason}"`],
      },
    ],
  }),
});
