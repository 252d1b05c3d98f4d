import { countText } from "../../src/kernel/count.ts";
import type { StateStatsResultV1 } from "../../src/schema/types.gen.ts";
import { defineCommand } from "../command.ts";
import { count, counted, shortCommit, size, sizeText, whenText, word } from "../output/cells.ts";
import type { Block } from "../screen.ts";

/** `waybill state stats`. */
export const stateStats = defineCommand({
  path: "state stats",
  group: "Look and prove",
  summary: "Count commits, documents and bytes of the branches",
  examples: ["state stats", "state stats --json"],
  options: {},
  needs: ["ground", "openSnapshot"],
  result: "state-stats-result.v1",
  async run({ ground, openSnapshot }) {
    const stats = await import("../../src/state/stats.ts");
    const snapshot = await openSnapshot();
    try {
      return { result: await stats.stateStats(ground, snapshot), exit: 0, warnings: snapshot.warnings };
    } finally {
      snapshot.database.close();
    }
  },
  screen: async (result, now) => ({ blocks: blocksOf(result, now) }),
});

function blocksOf({ facts, decisions, kinds, sealing, growth }: StateStatsResultV1, now: Date): readonly Block[] {
  return [
    {
      kind: "line",
      label: "Facts",
      parts: [
        counted(facts.commits, "commit"),
        `${counted(facts.files, "file")} of ${sizeText(facts.size_bytes)} in ${counted(facts.folders, "folder")}`,
        `${shortCommit(facts.tip)} ${whenText(facts.at, now)}`,
      ],
    },
    {
      kind: "line",
      label: "Decisions",
      parts:
        decisions === null
          ? ["none here"]
          : [
              counted(decisions.commits, "commit"),
              counted(decisions.files, "file"),
              `${shortCommit(decisions.tip)} ${whenText(decisions.at, now)}`,
            ],
    },
    {
      kind: "line",
      label: "Largest",
      parts: [facts.largest_folder.path || "the root folder", `${countText(facts.largest_folder.entries)} entries`],
    },
    {
      kind: "line",
      label: "Sealed",
      parts: [
        `${counted(sealing.documents, "document")} in ${counted(sealing.segments, "segment")}`,
        sealing.sealable_days === 0
          ? ""
          : `${counted(sealing.sealable_files, "file")} of ${counted(sealing.sealable_days, "day")} would become about ${countText(sealing.sealable_days)}: waybill state seal --dry-run`,
      ],
    },
    {
      kind: "line",
      label: "Growth",
      parts: growth.slice(0, 4).map(({ month, commits }) => `${month} ${counted(commits, "commit")}`),
    },
    {
      kind: "table",
      columns: [{ title: "DOCUMENT" }, { title: "FILES", align: "right" }, { title: "SIZE", align: "right" }],
      rows: kinds.map(({ name, files, size_bytes }) => [word(name ?? "unknown"), count(files), size(size_bytes)]),
    },
  ];
}
