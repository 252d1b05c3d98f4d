import type {
  DistReleasePromoteResultV1,
  DistReleaseRollbackResultV1,
  DistReleaseYankResultV1,
  ProposalRef,
  ReleaseRef,
  VerdictSummary,
} from "../../src/schema/types.gen.ts";
import { shortCommit, versionText, word } from "../output/cells.ts";
import { nextOf, waitsText } from "../moving.ts";
import type { Block, Screen, Tone } from "../screen.ts";
import { numbered, openFor } from "./gate.ts";

/** A release as screens say it; none is `(new)`. */
export function refText(ref: ReleaseRef | null): string {
  return ref === null ? "(new)" : versionText(ref.version, ref.build);
}

/** The line of a verdict. */
export function verdictLine(verdict: VerdictSummary | null): readonly Block[] {
  if (verdict === null) return [];
  const tone: Tone = verdict.colour === "green" ? "ok" : "wait";
  const text = verdict.colour === "green" ? "green" : `${verdict.colour}, waits: ${waitsText(verdict)}`;
  return [{ kind: "line", label: "Verdict", parts: [text], tone }];
}

/** The proposal of a move by id and number, and how long it has been open where it was there before. */
export function proposalText(proposal: ProposalRef | null, status: string, now: Date): readonly string[] {
  if (proposal === null) return [];
  const names = numbered(proposal);
  if (status !== "waiting") return names;
  return [...names.slice(0, -1), `${names.at(-1)}, ${openFor(proposal.open_since, now)}; nothing new was written`];
}

/** What follows a line about a proposal: that nothing moved, and the verdict. */
export function proposalBlocks(
  where: string,
  result: { readonly proposal: ProposalRef | null; readonly verdict: VerdictSummary | null; readonly status: string },
): readonly Block[] {
  const { proposal, verdict, status } = result;
  if (proposal === null) return [];
  const pending = { kind: "line", label: "", parts: [`${where} when ${numbered(proposal).at(-1)} is merged`] } as const;
  return [...(status === "proposed" ? [pending] : []), ...verdictLine(verdict)];
}

/** The label of a status, in the words of the golden screens. */
const LABELS: Readonly<Record<string, readonly [string, Tone]>> = {
  promoted: ["Promoted", "ok"],
  rolled_back: ["Back", "ok"],
  proposed: ["Proposed", "wait"],
  waiting: ["Waiting", "wait"],
  unchanged: ["Unchanged", "dim"],
  preview: ["Preview", "strong"],
};

/** Label and tone of what a command did. */
export function labelOf(status: string, planned: boolean): { readonly label: string; readonly tone: Tone } {
  const [label, tone] = LABELS[status] ?? ["Done", "plain"];
  return planned && status !== "preview" && status !== "unchanged"
    ? { label: "Planned", tone: "plain" }
    : { label, tone };
}

/** The screen of `dist release promote`. */
export function promoteScreen(result: DistReleasePromoteResultV1, now: Date): Screen {
  const { app, channel, from, to, status, proposal, planned, commit, rollout_percent: percent } = result;
  const move = status === "unchanged" ? refText(to) : `${refText(from)} → ${refText(to)}`;
  const parts = [
    `${app}/${channel}`,
    move,
    percent === 100 ? "" : `${percent} % of clients`,
    ...proposalText(proposal, status, now),
    status === "promoted" && commit !== null ? `moved in ${shortCommit(commit)}` : "",
    status === "unchanged" ? "is there already" : "",
  ];
  return {
    blocks: [
      { kind: "line", ...labelOf(status, planned), parts },
      ...proposalBlocks(`${channel} is gated and has not moved; it moves`, result),
    ],
    ...(proposal === null || planned ? {} : { next: nextOf(proposal, result.verdict) }),
  };
}

/** The screen of `dist release rollback`: what moves, and what clients that already updated do. */
export function rollbackScreen(result: DistReleaseRollbackResultV1, now: Date): Screen {
  const { app, channel, from, to, status, proposal, planned, to_was_on: on } = result;
  const was =
    on.until === null
      ? `its release since ${on.since.slice(0, 10)}`
      : on.until.slice(0, 10) === on.since.slice(0, 10)
        ? `its release of ${on.since.slice(0, 10)}`
        : `its release from ${on.since.slice(0, 10)} to ${on.until.slice(0, 10)}`;
  const isPreview = status === "preview";
  const parts = [
    `${app}/${channel}`,
    status === "unchanged" ? refText(to) : `${refText(from)} → ${refText(to)}, ${was}`,
    isPreview ? "nothing is written" : "",
    ...proposalText(proposal, status, now),
    status === "unchanged" ? "is back already; another --reason goes further back" : "",
  ];
  return {
    blocks: [
      { kind: "line", ...labelOf(status, planned), parts },
      ...consequenceTable(result),
      ...(status === "unchanged" ? [] : [note(status)]),
      ...proposalBlocks(`${channel} is gated and has not moved; it moves back`, result),
    ],
    next: rollbackNext(result),
  };
}

function consequenceTable({ consequences, from }: DistReleaseRollbackResultV1): readonly Block[] {
  if (consequences.length === 0) return [];
  return [
    {
      kind: "table",
      columns: [
        { title: "PLATFORM" },
        { title: "FEED" },
        { title: "NEW CLIENTS GET" },
        { title: `CLIENTS ALREADY ON ${from.version}`, free: true },
        { title: "TO MOVE THOSE", free: true },
      ],
      rows: consequences.map((row) => [
        word(row.platform),
        word(row.feed),
        word(row.new_clients_get),
        word(row.already_updated),
        word(row.remedy),
      ]),
    },
  ];
}

function note(status: DistReleaseRollbackResultV1["status"]): Block {
  const isDone = status === "rolled_back";
  const held = `automation ${isDone ? "is" : "will be"} held until a person promotes`;
  return { kind: "line", label: "Note", parts: [`how many clients have it is not known; ${held}`] };
}

function rollbackNext({
  app,
  channel,
  status,
  proposal,
  verdict,
  planned,
}: DistReleaseRollbackResultV1): readonly string[] {
  if (status === "preview") return [`dist release rollback --app ${app} --channel ${channel} --reason "…"`];
  return proposal === null || planned ? [] : nextOf(proposal, verdict);
}

/** The screen of `dist release yank`. */
export function yankScreen(result: DistReleaseYankResultV1, now: Date): Screen {
  const { app, release, status, proposal, planned, severity, replacement, reason, channels } = result;
  const parts = [
    `${app} ${refText(release)}`,
    `severity ${severity}`,
    replacement === null ? "" : `use ${refText(replacement)} instead`,
    ...proposalText(proposal, status, now),
    status === "unchanged" ? "is withdrawn already" : "",
  ];
  return {
    blocks: [
      { kind: "line", ...labelOf(status, planned), parts },
      { kind: "line", label: "Reason", parts: [reason] },
      ...(channels.length === 0
        ? []
        : [{ kind: "line", label: "Still on", parts: [channels.join(", ")], tone: "wait" } as const]),
      ...proposalBlocks("it is withdrawn", result),
    ],
    next: [
      ...(proposal === null || planned ? [] : nextOf(proposal, result.verdict)),
      ...channels.map((channel) => `dist release rollback --app ${app} --channel ${channel} --preview`),
    ],
  };
}
