import { defineCommand } from "../command.ts";

/** `dist ci publish`. */
export const distCiPublish = defineCommand({
  path: "dist ci publish",
  group: "Publish",
  summary: "Publish every artifact of dist.json, or finish a broken run",
  examples: [
    "dist ci publish --manifest dist.json",
    'dist ci publish --server "$DIST_SERVER" --token "$DIST_TOKEN" --manifest dist.json --json',
  ],
  effects: [
    "all artifacts are published, or nothing is; run again: nothing new   exit 0",
    "the same version with other bytes   exit 1",
  ],
  options: {
    manifest: { type: "string", describe: "The manifest (default dist.json)", placeholder: "file" },
    "take-over": { type: "boolean", describe: "Give up an unfinished publish of other bytes without waiting" },
    "wait-promotion": { type: "boolean", describe: "Exit 3 while the proposal of a gated channel is open" },
  },
  writes: true,
  needs: ["ground", "acts", "asker", "artifacts", "intake", "files", "keys", "log", "env"],
  result: "dist-publish-result.v1",
  async run({ ground, acts, asker, artifacts, intake, files, keys, log, env }, args) {
    const { isRefused, reason } = await import("../../src/kernel/errors.ts");
    const { publish } = await import("../../src/distribution/publish.ts");
    const { runOf, sourceOf } = await import("../source.ts");
    const keyFile = typeof args["key"] === "string" ? args["key"] : null;
    const done = await publish(
      { ground, acts, caller: asker, artifacts, intake, files, log, dryRun: args["dry-run"] === true },
      {
        manifest: typeof args["manifest"] === "string" ? args["manifest"] : "dist.json",
        takeOver: args["take-over"] === true,
        source: sourceOf(env),
        requestedRun: runOf(env),
        signer: (preferred) => keys.signer(keyFile, preferred),
      },
    );
    if (isRefused(done)) return done;
    const { notOpened, ...answer } = done;
    // The release is published; a person finishes what this token may not do.
    if (notOpened !== null) return { ...answer, exit: 3, error: notOpened };
    const waits =
      args["wait-promotion"] === true ? done.result.channels.find(({ status }) => status === "proposed") : undefined;
    if (waits === undefined) return { ...answer, exit: 0 };
    const id = waits.proposal?.id ?? "";
    const error = reason(
      "gate.merge.waiting",
      `${waits.name} waits for ${id}`,
      { proposal_id: id },
      `waybill gate show ${id}`,
    );
    return { ...answer, exit: 3, error };
  },
  screen: async (result, now) => (await import("../screens/publish.ts")).publishScreen(result, now),
});
