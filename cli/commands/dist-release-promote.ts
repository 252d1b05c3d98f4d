import { defineCommand } from "../command.ts";

/** `dist release promote`. */
export const distReleasePromote = defineCommand({
  path: "dist release promote",
  group: "Move a channel",
  summary: "Point a channel at a published release; no bytes are copied, nothing is rebuilt",
  examples: [
    "dist release promote acme-notes@1.4.0 --channel beta --rollout 10",
    "dist release promote acme-notes@1.4.0 --channel stable --dry-run --json | jq .result.verdict",
  ],
  effects: [
    "an auto channel moves at once   exit 0",
    "a gated channel gets one proposal and moves when that is merged   exit 3, later 0; run again: the same proposal",
  ],
  positionals: [{ name: "release", describe: "acme-notes@1.4.0, acme-notes@1.4.0+412 or rel_6v2m9qk4t8xz" }],
  options: {
    channel: { type: "string", placeholder: "name", describe: "Created by its first promotion", demandOption: true },
    reason: { type: "string", placeholder: "text", describe: "Kept with the decision and shown to approvers" },
    rollout: {
      type: "number",
      placeholder: "n",
      describe: "Whole percent of clients, 0 is nobody (default 100)",
    },
    app: { type: "string", placeholder: "slug", describe: "App of a release that is named without one" },
  },
  writes: true,
  needs: ["ground", "acts", "asker", "keys", "env"],
  result: "dist-release-promote-result.v1",
  async run(world, args) {
    const { isRefused } = await import("../../src/kernel/errors.ts");
    const { promote } = await import("../../src/distribution/promote.ts");
    const { endOf, movingDesk } = await import("../moving.ts");
    const { textOf } = await import("../reading.ts");
    const { desk, signer, requestedRun } = movingDesk(world, args);
    const done = await promote(desk, {
      release: String(args["release"]),
      app: textOf(args, "app") ?? undefined,
      channel: String(args["channel"]),
      reason: textOf(args, "reason"),
      rollout: typeof args["rollout"] === "number" ? args["rollout"] : 100,
      requestedRun,
      signer,
    });
    return isRefused(done) ? done : { ...done, ...endOf(done.result) };
  },
  screen: async (result, now) => (await import("../screens/moves.ts")).promoteScreen(result, now),
});
