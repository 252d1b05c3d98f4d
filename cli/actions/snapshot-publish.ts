import { defineAction } from "../action/action.ts";
import { snapshotPublish as command } from "../commands/snapshot-publish.ts";
import { sizeText } from "../output/cells.ts";

/** `actions/snapshot-publish`. */
export const snapshotPublish = defineAction({
  name: "snapshot-publish",
  command,
  title: ({ size_bytes }) => `Snapshot published, ${sizeText(size_bytes)}`,
  outputs: ({ commit, size_bytes }) => ({ commit, "size-bytes": size_bytes }),
});
