import { defineCommand } from "../command.ts";

/** `waybill snapshot publish`. */
export const snapshotPublish = defineCommand({
  path: "snapshot publish",
  group: "More",
  summary: "Put the database on waybill/snapshot, for browsers and other machines",
  examples: ["snapshot publish"],
  effects: [
    "waybill/snapshot is replaced by one commit without history",
    "nothing that decides reads it: it is a copy that can be made again",
  ],
  options: {},
  writes: true,
  needs: ["openSnapshot", "snapshotGround", "acts", "asker"],
  result: "snapshot-result.v1",
  async run({ openSnapshot, snapshotGround, acts, asker }) {
    const { publishSnapshot } = await import("../../src/state/snapshot/publish.ts");
    const { resultOf } = await import("../../src/state/snapshot/result.ts");
    const snapshot = await openSnapshot();
    try {
      const act = acts.begin(asker.actor, "waybill snapshot publish");
      const commit = await publishSnapshot(snapshotGround, snapshot, act);
      const result = await resultOf(snapshotGround, snapshot);
      return { result: { ...result, commit }, exit: 0, warnings: snapshot.warnings };
    } finally {
      snapshot.database.close();
    }
  },
  async screen(result, now) {
    return { blocks: (await import("../output/snapshot-screen.ts")).snapshotBlocks(result, now) };
  },
});
