import { defineCommand } from "../command.ts";

/** `dist release yank`. */
export const distReleaseYank = defineCommand({
  path: "dist release yank",
  group: "Move a channel",
  summary: "Withdraw a published release from feeds and pages; its bytes stay reachable by digest",
  examples: ['dist release yank acme-notes@1.3.1 --reason "notes can be lost while syncing" --replacement 1.3.2'],
  effects: ["one proposal is opened, or the same one is found; it is withdrawn when that is merged   exit 3, later 0"],
  positionals: [{ name: "release", describe: "acme-notes@1.4.0, acme-notes@1.4.0+412 or rel_6v2m9qk4t8xz" }],
  options: {
    reason: {
      type: "string",
      placeholder: "text",
      describe: "Shown to everybody who meets the release",
      demandOption: true,
    },
    severity: { type: "string", placeholder: "word", describe: "low, moderate (default), high or critical" },
    replacement: { type: "string", placeholder: "release", describe: "Release of the same app to use instead" },
    app: { type: "string", placeholder: "slug", describe: "App of a release that is named without one" },
  },
  writes: true,
  needs: ["ground", "acts", "asker", "keys", "env"],
  result: "dist-release-yank-result.v1",
  async run(world, args) {
    const { isRefused } = await import("../../src/kernel/errors.ts");
    const { severityOf, yank } = await import("../../src/distribution/yank.ts");
    const { endOf, movingDesk } = await import("../moving.ts");
    const { textOf } = await import("../reading.ts");
    const { desk, signer } = movingDesk(world, args);
    const severity = severityOf(textOf(args, "severity") ?? "moderate");
    if (isRefused(severity)) return severity;
    const done = await yank(desk, {
      release: String(args["release"]),
      app: textOf(args, "app") ?? undefined,
      reason: String(args["reason"]),
      severity,
      replacement: textOf(args, "replacement"),
      signer,
    });
    return isRefused(done) ? done : { ...done, ...endOf(done.result) };
  },
  screen: async (result, now) => (await import("../screens/moves.ts")).yankScreen(result, now),
});
