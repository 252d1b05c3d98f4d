import { countText } from "../../src/kernel/count.ts";
import type { StateSealResultV1 } from "../../src/schema/types.gen.ts";
import { defineCommand } from "../command.ts";
import { count, counted, shortCommit, size, sizeText, word } from "../output/cells.ts";
import type { Block, Tone } from "../screen.ts";

/** `waybill state seal`. */
export const stateSeal = defineCommand({
  path: "state seal",
  group: "More",
  summary: "Move old events, releases and records together into few files, so that clones stay small",
  examples: ["state seal --dry-run", "state seal --before 2026-11-01"],
  effects: [
    "only what a decision in force has seen as it is; nothing is lost, and state verify proves it",
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
    const { sealFacts } = await import("../../src/gate/upkeep/seal.ts");
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
    ...(result.sealed.length === 0 ? { empty: emptyText(result) } : {}),
    ...(result.planned && result.sealed.length > 0 ? { next: ["waybill state seal"] } : {}),
  }),
});

function emptyText({ anchor, before }: StateSealResultV1): string {
  return anchor === null
    ? "No decision has seen these facts since their history was rewritten; seal after the next one"
    : `Nothing from before ${before} is left to seal`;
}

type Folder = StateSealResultV1["sealed"][number];

/** Days that are shown one by one; of more, the months. */
const MAX_DAYS = 31;
/** Commits and files that are named one by one. */
const MAX_NAMED = 5;

/** What people call documents that are sealed one by one. */
const CALLED: Readonly<Record<string, string>> = {
  "artifact.v1": "artifact records",
  "decision-evidence.v1": "evidence",
  "release-tombstone.v1": "retired releases",
  "release.v1": "releases",
};

function blocksOf(result: StateSealResultV1): readonly Block[] {
  const { sealed, waiting } = result;
  const [first] = waiting;
  const left = sealed.flatMap((one) => one.left);
  return [
    ...(sealed.length === 0 ? [] : doneBlocks(result)),
    ...(first === undefined ? [] : [lineOf("Waits", [first + more(waiting.length - 1), WAITS], "wait")]),
    ...left
      .slice(0, MAX_NAMED)
      .map((path, i) => lineOf("Left", [path + (i + 1 === MAX_NAMED ? more(left.length - MAX_NAMED) : ""), LEFT])),
    ...(sealed.length === 0 ? [] : [tableOf(rowsOf(sealed))]),
  ];
}

const WAITS = "changed since the anchor; sealed after the next decision";
const LEFT = "is no document; waybill state verify";

function doneBlocks({ planned, sealed, anchor, commits }: StateSealResultV1): readonly Block[] {
  const { documents, segments, size_bytes_before: before, size_bytes_after: after } = sumOf("all", sealed);
  const days = sealed.filter(({ day }) => day !== null).length;
  const folders = sealed.length - days;
  const what = [days === 0 ? "" : counted(days, "day"), folders === 0 ? "" : counted(folders, "folder")];
  const last = commits.slice(0, MAX_NAMED).map(shortCommit).join(", ") + more(commits.length - MAX_NAMED);
  return [
    lineOf(
      planned ? "Would seal" : "Sealed",
      [
        `${what.filter(Boolean).join(" and ")}: ${counted(documents, "file")} become ${countText(segments.length)}`,
        `${sizeText(before)} become ${sizeText(after)}`,
        commits.length === 0 ? "" : `commit ${last}`,
      ],
      "ok",
    ),
    ...(anchor === null
      ? []
      : [
          lineOf("Anchor", [
            `${anchor.proposal_id} has seen ${shortCommit(anchor.commit)} of ${anchor.at.slice(0, 10)}`,
          ]),
        ]),
  ];
}

function lineOf(label: string, parts: readonly string[], tone?: Tone): Block {
  return { kind: "line", label, parts, ...(tone === undefined ? {} : { tone }) };
}

function more(n: number): string {
  return n > 0 ? ` and ${countText(n)} more` : "";
}

/** A row of the table: a day, a month, or documents of one kind. */
interface Row extends Pick<Folder, "documents" | "segments" | "size_bytes_before" | "size_bytes_after"> {
  readonly name: string;
}

/** One row for several folders. */
function sumOf(name: string, folders: readonly Folder[]): Row {
  const sum = (value: (one: Folder) => number) => folders.reduce((total, one) => total + value(one), 0);
  return {
    name,
    documents: sum(({ documents }) => documents),
    segments: [...new Set(folders.flatMap(({ segments }) => segments))],
    size_bytes_before: sum(({ size_bytes_before: bytes }) => bytes),
    size_bytes_after: sum(({ size_bytes_after: bytes }) => bytes),
  };
}

/** Days, of many the months, and then what was sealed one by one, by kind. */
function rowsOf(sealed: readonly Folder[]): readonly Row[] {
  const days = sealed.filter(({ day }) => day !== null).length;
  const nameOf = ({ day, kind }: Folder) =>
    day === null ? (CALLED[kind] ?? kind) : day.slice(0, days > MAX_DAYS ? "yyyy-mm".length : undefined);
  const names = new Set(sealed.map(nameOf));
  return [...names].map((name) =>
    sumOf(
      name,
      sealed.filter((one) => nameOf(one) === name),
    ),
  );
}

function tableOf(rows: readonly Row[]): Block {
  return {
    kind: "table",
    columns: [
      { title: "WHAT" },
      { title: "FILES", align: "right" },
      { title: "SEGMENTS", align: "right" },
      { title: "BEFORE", align: "right" },
      { title: "AFTER", align: "right" },
    ],
    rows: rows.map(({ name, documents, segments, size_bytes_before: before, size_bytes_after: after }) => [
      word(name),
      count(documents),
      count(segments.length),
      size(before),
      size(after),
    ]),
  };
}
