import { defineCommand } from "../command.ts";

/** `dist release rollback`. */
export const distReleaseRollback = defineCommand({
  path: "dist release rollback",
  group: "Move a channel",
  summary: "Go back to the channel's previous release; try --preview first",
  examples: [
    "dist release rollback --app acme-notes --channel stable --preview",
    'dist release rollback --app acme-notes --channel stable --reason "notes are lost while syncing"',
  ],
  effects: [
    "an auto channel moves back at once   exit 0",
    "a gated channel gets one proposal, by its own approver rule   exit 3, later 0; run again: the same proposal",
    "automation is held on the channel until a person promotes",
  ],
  options: {
    app: { type: "string", placeholder: "slug", describe: "App", demandOption: true },
    channel: { type: "string", placeholder: "name", describe: "Channel to move back", demandOption: true },
    to: {
      type: "string",
      placeholder: "release",
      describe: "An earlier release of the channel (default: the previous one)",
    },
    reason: { type: "string", placeholder: "text", describe: "Kept with the decision; needed unless --preview" },
    preview: { type: "boolean", describe: "Only say what already updated clients will do" },
  },
  writes: true,
  needs: ["ground", "acts", "asker", "keys", "env"],
  result: "dist-release-rollback-result.v1",
  async run(world, args) {
    const { isRefused, reason, refuse } = await import("../../src/kernel/errors.ts");
    const { rollback } = await import("../../src/distribution/rollback.ts");
    const { endOf, movingDesk } = await import("../moving.ts");
    const { textOf } = await import("../reading.ts");
    const { desk, signer, requestedRun } = movingDesk(world, args);
    const why = textOf(args, "reason");
    const preview = args["preview"] === true;
    if (why === null && !preview)
      return refuse(
        reason("usage.missing_argument", "A rollback needs a reason", {}, 'Add --reason "…", or --preview'),
      );
    const done = await rollback(desk, {
      app: String(args["app"]),
      channel: String(args["channel"]),
      to: textOf(args, "to"),
      reason: why ?? "",
      preview,
      requestedRun,
      signer,
    });
    return isRefused(done) ? done : { ...done, ...endOf(done.result) };
  },
  screen: async (result, now) => (await import("../screens/moves.ts")).rollbackScreen(result, now),
});
