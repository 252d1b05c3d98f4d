import type {
  ChannelListRow,
  DistChannelListResultV1,
  DistChannelShowResultV1,
  PointerHistoryRow,
} from "../../src/schema/types.gen.ts";
import { none, versionText, when, word } from "../output/cells.ts";
import type { Block, Cell, Column, Screen } from "../screen.ts";
import { numbered } from "./gate.ts";
import { approvalLines, approvedCell, asOfText, gradeText, line, recordTime, releaseCell } from "./parts.ts";

const COLUMNS: readonly Column[] = [
  { title: "CHANNEL" },
  { title: "MODE" },
  { title: "RELEASE" },
  { title: "REACH" },
  { title: "SINCE" },
  { title: "GRADE" },
  { title: "RULES", free: true },
  { title: "OPEN" },
  { title: "APPROVED BY" },
];

/** The screen of `dist channel list`. */
export function channelListScreen(result: DistChannelListResultV1, now: Date): Screen {
  const { app, channels } = result;
  const asOf = asOfText(result.as_of, now);
  if (channels.length === 0) {
    const empty = app === null ? "No channels yet" : `No channels of ${app} yet`;
    return { blocks: [], empty, asOf, next: ["dist release promote <release> --channel <name>"] };
  }
  return { blocks: [channelTable(channels, app === null, now)], asOf };
}

/** A table of channels; with the app as a column where there may be several. */
export function channelTable(channels: readonly ChannelListRow[], withApp: boolean, now: Date): Block {
  return {
    kind: "table",
    columns: withApp ? [{ title: "APP" }, ...COLUMNS] : COLUMNS,
    rows: channels.map((row) => (withApp ? [word(row.app), ...cellsOf(row, now)] : cellsOf(row, now))),
  };
}

function cellsOf(row: ChannelListRow, now: Date): readonly Cell[] {
  return [
    word(row.name),
    word(row.mode),
    releaseOf(row),
    row.rollout_percent === null ? none : { show: `${row.rollout_percent} %`, raw: String(row.rollout_percent) },
    when(row.since, now),
    word(gradeText(row)),
    word(rulesText(row)),
    word(openText(row)),
    approvedCell(row.approved_by),
  ];
}

/** A release that readers refuse is never shown as if the channel had it. */
function releaseOf({ app, version, build, problem }: ChannelListRow): Cell {
  if (problem !== null) return word(problem, "refuse");
  return version === null ? none : releaseCell(app, { version, build });
}

/** Says the rules of a channel in a few words: `strict, 2 of 3, soak 24 h, freeze`. */
function rulesText(row: ChannelListRow): string {
  return [
    row.policy,
    ...(row.min_approvals === null ? [] : [`${row.min_approvals} of ${row.approvers.length}`]),
    ...(row.soak === null ? [] : [`soak ${minutesText(row.soak.minutes)}`]),
    ...(row.freeze === 0 ? [] : ["freeze"]),
    ...(row.inherits === null ? [] : [`inherits ${row.inherits}`]),
    ...(row.hold === null ? [] : ["held"]),
  ].join(", ");
}

function minutesText(minutes: number): string {
  return minutes >= 60 && minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
}

function openText({ proposals }: ChannelListRow): string | null {
  return proposals.length === 0 ? null : proposals.map((one) => `${numbered(one).at(-1)} ${one.verdict}`).join(", ");
}

/** The screen of `dist channel show`. */
export function channelShowScreen(result: DistChannelShowResultV1, now: Date): Screen {
  const { channel, history } = result;
  const { app, name, mode, version, build, since, rollout_percent: reach, proposals } = channel;
  const release = version === null ? "no release yet" : versionText(version, build);
  return {
    blocks: [
      {
        kind: "line",
        label: "Channel",
        parts: [`${app}/${name}`, mode, release, ...(since === null ? [] : [`since ${recordTime(since, now)}`])],
      },
      ...(reach === null ? [] : [line("Reach", `${reach} % of clients`)]),
      ...(channel.grade === null ? [] : [line("Grade", gradeText(channel) ?? "")]),
      ...approvalLines(channel),
      line("Rules", rulesText(channel), ...peopleText(channel)),
      ...holdLines(channel, now),
      ...proposals.map((one) => line("Open", ...numbered(one), one.verdict)),
      ...(history.length === 0 ? [] : [historyTable(app, history, now)]),
    ],
    asOf: asOfText(result.as_of, now),
    next: proposals.map(({ id }) => `waybill gate show ${id}`),
  };
}

function peopleText({ approvers, soak }: ChannelListRow): readonly string[] {
  return [
    ...(approvers.length === 0 ? [] : [`approvers ${approvers.join(", ")}`]),
    ...(soak === null ? [] : [`soak on ${soak.source}`]),
  ];
}

function holdLines({ hold }: ChannelListRow, now: Date): readonly Block[] {
  if (hold === null) return [];
  const why = hold.kind === "rollback" ? "by a rollback" : "by hand";
  return [line("Held", `${why} of ${hold.by}, ${recordTime(hold.since, now)}`, hold.reason)];
}

function historyTable(app: string, history: readonly PointerHistoryRow[], now: Date): Block {
  return {
    kind: "table",
    columns: [
      { title: "RELEASE" },
      { title: "KIND" },
      { title: "SINCE" },
      { title: "GRADE" },
      { title: "ASKED BY" },
      { title: "REASON", free: true },
      { title: "PROPOSAL" },
      { title: "APPROVED BY" },
    ],
    rows: history.map((row) => [
      releaseCell(app, row),
      word(row.kind),
      when(row.since, now),
      word(gradeText(row)),
      word(row.by),
      word(row.reason),
      word(row.proposal_id),
      approvedCell(row.approved_by),
    ]),
  };
}
