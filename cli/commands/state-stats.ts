import type { StateStatsResultV1 } from "../../src/schema/types.gen.ts";
import { defineCommand } from "../command.ts";
import { count, shortCommit, size, sizeText, whenText, word } from "../output/cells.ts";
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
  const amount = (n: number, noun: string) => `${n.toLocaleString("en-US")} ${noun}${n === 1 ? "" : "s"}`;
  return [
    {
      kind: "line",
      label: "Facts",
      parts: [
        amount(facts.commits, "commit"),
        `${amount(facts.files, "file")} of ${sizeText(facts.size_bytes)} in ${amount(facts.folders, "folder")}`,
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
              amount(decisions.commits, "commit"),
              amount(decisions.files, "file"),
              `${shortCommit(decisions.tip)} ${whenText(decisions.at, now)}`,
            ],
    },
    {
      kind: "line",
      label: "Largest",
      parts: [
        facts.largest_folder.path || "the root folder",
        `${facts.largest_folder.entries.toLocaleString("en-US")} entries`,
      ],
    },
    {
      kind: "line",
      label: "Sealed",
      parts: [
        `${amount(sealing.documents, "document")} in ${amount(sealing.segments, "segment")}`,
        sealing.sealable_days === 0
          ? ""
          : `${amount(sealing.sealable_files, "file")} of ${amount(sealing.sealable_days, "day")} would become about ${sealing.sealable_days.toLocaleString("en-US")}: waybill state seal --dry-run`,
      ],
    },
    {
      kind: "line",
      label: "Growth",
      parts: growth.slice(0, 4).map(({ month, commits }) => `${month} ${amount(commits, "commit")}`),
    },
    {
      kind: "table",
      columns: [{ title: "DOCUMENT" }, { title: "FILES", align: "right" }, { title: "SIZE", align: "right" }],
      rows: kinds.map(({ name, files, size_bytes }) => [word(name ?? "unknown"), count(files), size(size_bytes)]),
    },
  ];
}
