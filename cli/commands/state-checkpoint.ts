import { defineCommand } from "../command.ts";

const DEFAULT_MS = 36 * 3_600_000;

/** `waybill state checkpoint`. */
export const stateCheckpoint = defineCommand({
  path: "state checkpoint",
  group: "Look and prove",
  summary: "Sign as an attestor how far both branches are, once they verify",
  examples: ["state checkpoint", "state checkpoint --expires-in 36h --full"],
  effects: [
    "both branches verify; readers see how fresh they are   exit 0",
    "a rule is broken; nothing is signed   exit 1",
    "history is missing here, as in a shallow clone; nothing is signed   exit 4",
  ],
  options: {
    "expires-in": {
      type: "string",
      placeholder: "36h",
      describe: "By when the next one is to be expected (default 36h)",
    },
    full: { type: "boolean", describe: "Verify from the root although an earlier walk is remembered" },
  },
  writes: true,
  needs: ["ground", "snapshotGround", "acts", "asker", "log", "growSlowly"],
  result: "state-checkpoint-result.v1",
  async run({ ground, snapshotGround, acts, asker, log, growSlowly }, args) {
    const { isRefused, reason, refuse } = await import("../../src/kernel/errors.ts");
    const { actorOf } = await import("../../src/gate/caller.ts");
    const { makeCheckpoint } = await import("../../src/gate/upkeep/make-checkpoint.ts");
    const { verifyRepository } = await import("../../src/gate/verify/verify-repository.ts");
    const { durationOf } = await import("../duration.ts");
    const { falseTombstones } = await import("../../src/distribution/false-tombstones.ts");
    const { endingOf } = await import("../verify-answer.ts");
    const { walkProgress } = await import("../verify-progress.ts");
    const { verifyChecks } = await import("../verify-checks.ts");
    const { verifyRules } = await import("../verify-rules.ts");
    const expiresInMs = durationOf("expires-in", args) ?? DEFAULT_MS;
    const actor = await actorOf(ground, asker, { scope: "evidence:write" });
    if (isRefused(actor)) return actor;
    const result = await makeCheckpoint(ground, acts.begin(actor, "state checkpoint"), {
      expiresInMs,
      dryRun: args["dry-run"] === true,
      async verify() {
        const progress = walkProgress(log, growSlowly);
        const verified = await verifyRepository(ground, {
          version: snapshotGround.version,
          rules: verifyRules,
          checks: verifyChecks(ground),
          ending: (walked) => [falseTombstones(walked)],
          full: args["full"] === true,
          progress: progress.step,
        });
        progress.end();
        const { facts, decisions } = verified;
        const { error } = endingOf({ ...verified, artifacts: { records: 0, read: 0 } });
        const isWhole = error === undefined && facts !== null && decisions !== null;
        return isWhole
          ? { state: facts.tip, decisions: decisions.tip }
          : refuse(error ?? reason("state.verify.incomplete", "One of the branches is not here"));
      },
    });
    return isRefused(result) ? result : { result, exit: 0 };
  },
  async screen({ planned, state, decisions, attestor, expires }) {
    const { shortCommit } = await import("../output/cells.ts");
    const { absoluteText } = await import("../../src/kernel/time.ts");
    const tips = `state ${shortCommit(state.commit)} (${state.seq}), decisions ${shortCommit(decisions)}`;
    return {
      blocks: [
        { kind: "line", label: planned ? "Planned" : "Signed", tone: "ok", parts: [tips, `by ${attestor}`] },
        { kind: "line", label: "Expires", parts: [absoluteText(expires)] },
      ],
    };
  },
});
