import { defineCommand } from "../command.ts";

/** `waybill gate sync`. */
export const gateSync = defineCommand({
  path: "gate sync",
  group: "Decide",
  summary: "Derive records and events from what was merged; close what lost",
  examples: ["gate sync", "gate sync --dry-run --json"],
  effects: [
    "running it again changes nothing   exit 0",
    "where much has become old since a decision saw it, some of it is sealed, as by state seal",
    "evidence says something else than the history   exit 1",
    "GitHub did not say enough of a merge or a proposal   exit 4",
  ],
  options: { "no-seal": { type: "boolean", describe: "Leave old facts in their files" } },
  writes: true,
  needs: ["ground", "acts", "asker"],
  result: "gate-sync-result.v1",
  async run({ ground, acts, asker }, args) {
    const { isRefused } = await import("../../src/kernel/errors.ts");
    const { actorOf } = await import("../../src/gate/caller.ts");
    const { syncResult } = await import("../../src/gate/results.ts");
    const actor = await actorOf(ground, asker, { scope: "evidence:write" });
    if (isRefused(actor)) return actor;
    const { result, alarms, unknown, warnings } = await syncResult({
      ground,
      act: acts.begin(actor, "gate sync"),
      dryRun: args["dry-run"] === true,
      seal: args["no-seal"] !== true,
    });
    const [alarm] = alarms;
    const [open] = unknown;
    if (alarm !== undefined) return { result, exit: 1, error: alarm, warnings: [...warnings, ...unknown] };
    if (open !== undefined) return { result, exit: 4, error: open, warnings: [...warnings, ...unknown.slice(1)] };
    return { result, exit: 0, warnings };
  },
  screen: async (result) => (await import("../screens/gate.ts")).syncScreen(result),
});
