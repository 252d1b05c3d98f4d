import type { StateSealResultV1 } from "../../src/schema/types.gen.ts";
import { defineCommand } from "../command.ts";
import { count, counted, shortCommit, size, sizeText, word } from "../output/cells.ts";
import type { Block } from "../screen.ts";

/** `waybill state seal`. */
export const stateSeal = defineCommand({
  path: "state seal",
  group: "More",
  summary: "Move audit events of past days into one file a day, so that clones stay small",
  examples: ["state seal --dry-run", "state seal --before 2026-11-01"],
  effects: [
    "only days that a decision in force has seen whole; nothing is lost, and state verify proves it",
    "running it again changes nothing   exit 0",
    "GitHub did not say enough of a merge; nothing is sealed   exit 4",
  ],
  options: {
    before: { type: "string", placeholder: "date", describe: "Only days before this one, for example 2026-11-01" },
  },
  writes: true,
  needs: ["ground", "acts", "asker"],
  result: "state-seal-result.v1",
  async run({ ground, acts, asker }, args) {
    const { isRefused } = await import("../../src/kernel/errors.ts");
    const { actorOf } = await import("../../src/gate/caller.ts");
    const { sealFacts } = await import("../../src/gate/seal.ts");
    const { dateOf } = await import("../date.ts");
    const before = dateOf("before", args);
    const actor = await actorOf(ground, asker, { scope: "evidence:write" });
    if (isRefused(actor)) return actor;
    const asked = { before, dryRun: args["dry-run"] === true };
    const done = await sealFacts(ground, acts.begin(actor, "state seal"), asked);
    return isRefused(done) ? done : { ...done, exit: 0 };
  },
  screen: async (result) => ({
    blocks: blocksOf(result),
    ...(result.sealed.length === 0 ? { empty: `No day before ${result.before} is left to seal` } : {}),
    ...(result.planned && result.sealed.length > 0 ? { next: ["waybill state seal"] } : {}),
  }),
});

function blocksOf({ planned, sealed, waiting, anchor, commits }: StateSealResultV1): readonly Block[] {
  const sum = (value: (day: StateSealResultV1["sealed"][number]) => number) =>
    sealed.reduce((total, day) => total + value(day), 0);
  const files = sum(({ documents }) => documents);
  const segments = sum(({ segments: all }) => all.length);
  const sizes = [sum(({ size_bytes_before: before }) => before), sum(({ size_bytes_after: after }) => after)] as const;
  const rows = sealed.map((day) => [
    word(day.day),
    count(day.documents),
    count(day.segments.length),
    size(day.size_bytes_before),
    size(day.size_bytes_after),
  ]);
  const done: readonly Block[] = [
    {
      kind: "line",
      label: planned ? "Would seal" : "Sealed",
      tone: "ok",
      parts: [
        `${counted(sealed.length, "day")}: ${counted(files, "file")} become ${segments.toLocaleString("en-US")}`,
        `${sizeText(sizes[0])} become ${sizeText(sizes[1])}`,
        commits.length === 0
          ? ""
          : `${commits.length === 1 ? "commit" : "commits"} ${commits.map(shortCommit).join(", ")}`,
      ],
    },
    {
      kind: "line",
      label: "Anchor",
      parts: [`${anchor.proposal_id} has seen ${shortCommit(anchor.commit)} of ${anchor.at.slice(0, 10)}`],
    },
  ];
  return [
    ...(sealed.length === 0 ? [] : done),
    ...waiting.map(
      (folder): Block => ({
        kind: "line",
        label: "Waits",
        tone: "wait",
        parts: [folder, "changed since the anchor; it is sealed after the next decision"],
      }),
    ),
    ...sealed.flatMap(({ left }) =>
      left.map(
        (path): Block => ({ kind: "line", label: "Left", parts: [path, "is no document; waybill state verify"] }),
      ),
    ),
    ...(sealed.length === 0 ? [] : [tableOf(rows)]),
  ];
}

function tableOf(rows: Extract<Block, { readonly kind: "table" }>["rows"]): Block {
  return {
    kind: "table",
    columns: [
      { title: "DAY" },
      { title: "EVENTS", align: "right" },
      { title: "SEGMENTS", align: "right" },
      { title: "BEFORE", align: "right" },
      { title: "AFTER", align: "right" },
    ],
    rows,
  };
}
