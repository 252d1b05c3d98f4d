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
    const { rebuildSnapshot } = await import("../../src/state/snapshot/rebuild.ts");
    const { result, bytes } = await rebuildSnapshot(snapshotGround);
    const file = typeof args["out"] === "string" ? args["out"] : null;
    if (file !== null) await files.write(file, bytes);
    return { result: { ...result, file }, exit: 0 };
  },
  async screen(result, now) {
    return { blocks: (await import("../output/snapshot-screen.ts")).snapshotBlocks(result, now) };
  },
});
