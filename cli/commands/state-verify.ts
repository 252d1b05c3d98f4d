import { defineCommand } from "../command.ts";

/** `waybill state verify`. */
export const stateVerify = defineCommand({
  path: "state verify",
  group: "Look and prove",
  summary: "Prove history offline: nothing edited, nothing unapproved",
  examples: [
    "state verify",
    "state verify --full --artifacts",
    "state verify --server ./clone --json",
    "state verify --sarif verify.sarif",
  ],
  effects: [
    "both branches were walked from the root and every rule holds   exit 0",
    "a rule is broken: commit, path, rule and what to do   exit 1",
    "history is missing here, as in a shallow clone   exit 4",
  ],
  options: {
    full: { type: "boolean", describe: "Start at the root although an earlier walk is remembered" },
    artifacts: { type: "boolean", describe: "Read the bytes of every stored artifact too" },
    "max-age": {
      type: "string",
      placeholder: "36h",
      describe:
        "How old the newest checkpoint may be, in place of what it says itself; without a checkpoint the answer is no",
    },
    sarif: {
      type: "string",
      placeholder: "file",
      describe: "Write what was found for code scanning too (SARIF 2.1.0); - prints it instead",
    },
  },
  needs: ["ground", "snapshotGround", "openArtifacts", "lookAround", "files", "log", "growSlowly"],
  result: "state-verify-result.v1",
  async run({ ground, snapshotGround, openArtifacts, lookAround, files, log, growSlowly }, args) {
    const { sarifFileOf, writeSarif } = await import("../verify-sarif-file.ts");
    const sarif = sarifFileOf(args);
    const { verifyRepository } = await import("../../src/gate/verify/verify-repository.ts");
    const { snapshotEquals } = await import("../../src/state/verify/snapshot-equals.ts");
    const { artifactBytes } = await import("../../src/distribution/checks.ts");
    const { falseTombstones } = await import("../../src/distribution/false-tombstones.ts");
    const { endingOf, unread } = await import("../verify-answer.ts");
    const { verifyChecks } = await import("../verify-checks.ts");
    const { verifyRules } = await import("../verify-rules.ts");
    const { walkProgress } = await import("../verify-progress.ts");
    const { checkpointFresh } = await import("../../src/gate/verify/checkpoint-checks.ts");
    const { withoutCheckpoint } = await import("../../src/gate/verify/not-checked.ts");
    const { durationOf } = await import("../duration.ts");
    const maxAgeMs = durationOf("max-age", args);
    const seen: Parameters<typeof checkpointFresh>[2]["seen"] = { checkpoint: null };
    const count = { records: 0, read: 0 };
    const snapshots: Parameters<typeof snapshotEquals>[0]["seen"] = { compared: 0, skipped: [] };
    const asked = args["artifacts"] === true;
    const artifacts = asked ? await openArtifacts() : null;
    const progress = walkProgress(log, growSlowly);
    const verified = await verifyRepository(ground, {
      version: snapshotGround.version,
      rules: verifyRules,
      checks: verifyChecks(ground),
      ending: (walked) => [
        checkpointFresh(ground, walked, { maxAgeMs, seen }),
        artifactBytes(artifacts, count, walked?.decisions ?? null),
        falseTombstones(walked),
        snapshotEquals({ ...snapshotGround, decisions: async () => walked?.decisions ?? null, seen: snapshots }),
      ],
      full: args["full"] === true,
      progress: progress.step,
      lookAround,
      rest: () => ({
        tally: { artifacts: count.read, snapshots: snapshots.compared },
        notChecked: [
          ...unread(count, asked),
          ...snapshots.skipped,
          ...(seen.checkpoint?.status === "valid" ? [] : [withoutCheckpoint]),
        ],
      }),
    });
    progress.end();
    const result = { ...verified, checkpoint: seen.checkpoint, artifacts: count };
    if (sarif !== null) await writeSarif(files, sarif, result);
    return { result, ...endingOf(result) };
  },
  screen: async (result, now, args = {}) => (await import("../screens/verify.ts")).verifyScreen(result, now, args),
});
