import { defineCommand } from "../command.ts";

/** `waybill snapshot build`. */
export const snapshotBuild = defineCommand({
  path: "snapshot build",
  group: "More",
  summary: "Build the database of all documents anew from the branches",
  examples: ["snapshot build", "snapshot build --out waybill.sqlite"],
  effects: ["the snapshot of this machine is replaced; with --out the database is written to a file too"],
  options: { out: { type: "string", placeholder: "file", describe: "Write the SQLite database here" } },
  needs: ["snapshotGround", "files"],
  result: "snapshot-result.v1",
  async run({ snapshotGround, files }, args) {
    const { rebuildSnapshot } = await import("../../src/state/snapshot/refresh.ts");
    const { resultOf } = await import("../../src/state/snapshot/result.ts");
    const snapshot = await rebuildSnapshot(snapshotGround);
    try {
      const result = await resultOf(snapshotGround, snapshot);
      const file = typeof args["out"] === "string" ? args["out"] : null;
      if (file !== null) {
        // One database for whoever opens the file, old history included.
        await snapshot.history.loadAll();
        await files.write(file, snapshot.database.bytes());
      }
      return { result: { ...result, file }, exit: 0 };
    } finally {
      snapshot.database.close();
    }
  },
  async screen(result, now) {
    return { blocks: (await import("../output/snapshot-screen.ts")).snapshotBlocks(result, now) };
  },
});
