import type { Span } from "../../src/kernel/markdown.ts";
import type { GateSyncResultV1, GateVerdict } from "../../src/schema/types.gen.ts";
import { defineAction, type SummaryOn } from "../action/action.ts";
import type { Row } from "../action/summary.ts";
import { gateSync as command } from "../commands/gate-sync.ts";
import { counted } from "../output/cells.ts";
import { proposalSpan } from "./proposal.ts";

/** `actions/gate-sync`. */
export const gateSync = defineAction({
  name: "gate-sync",
  command,
  title({ recorded, open, superseded }) {
    const parts = [
      `${counted(recorded.length, "decision")} honoured`,
      ...(superseded.length === 0 ? [] : [`${superseded.length} superseded`]),
      `${counted(open.length, "proposal")} ${open.length === 1 ? "waits" : "wait"} for a person`,
    ];
    return `Gate sync: ${parts.join(", ")}`;
  },
  parts(result, on) {
    const rows = [...alarmRows(result), ...recordedRows(result, on), ...supersededRows(result), ...openRows(result)];
    if (rows.length === 0) return [{ kind: "line", spans: ["Nothing was merged and nothing is open."] }];
    return [
      {
        kind: "table",
        columns: [{ title: "Proposal" }, { title: "Decision" }, { title: "State" }, { title: "Needs" }],
        rows,
      },
    ];
  },
  outputs: ({ recorded, open, superseded, alarms }) => ({
    recorded: recorded.length,
    open: open.length,
    superseded: superseded.length,
    alarms: alarms.length,
  }),
  notes: ({ alarms }) => alarms.slice(1).map(({ code, message }) => ({ level: "error", kind: code, message })),
});

function alarmRows({ alarms }: GateSyncResultV1): readonly Row[] {
  return alarms.map(({ code, proposal_id, message }) => [
    proposal_id === null ? ["-"] : [{ code: proposal_id }],
    [message],
    [{ strong: code }],
    ["a person who looks at it: ", { code: "waybill state verify" }],
  ]);
}

function recordedRows({ recorded }: GateSyncResultV1, { repositoryUrl }: SummaryOn): readonly Row[] {
  return recorded.map(({ proposal_id, path, title, decision }) => [
    [
      repositoryUrl === null
        ? { code: proposal_id }
        : { text: proposal_id, link: `${repositoryUrl}/commit/${decision.commit}`, isCode: true },
    ],
    [title ?? { code: path }],
    [`honoured, grade ${decision.grade ?? "root"}`, ...approvedBy(decision.approvers)],
    ["nothing"],
  ]);
}

function approvedBy(approvers: readonly string[]): readonly Span[] {
  return approvers.flatMap((name, i): readonly Span[] => [i === 0 ? ", approved by " : ", ", { code: name }]);
}

function supersededRows({ superseded }: GateSyncResultV1): readonly Row[] {
  return superseded.map(({ proposal_id, path, winner, command: again }) => [
    [{ code: proposal_id }],
    [{ code: path }],
    ["superseded by ", winner === null ? "another decision" : { code: winner }],
    again === null ? ["to be proposed again"] : [{ code: again }],
  ]);
}

function openRows({ open }: GateSyncResultV1): readonly Row[] {
  return open.map(({ proposal, verdict }) => [
    [proposalSpan(proposal)],
    [proposal.title ?? proposal.path ?? "unreadable"],
    [verdict.colour],
    [needs(verdict)],
  ]);
}

function needs({ colour, rules }: GateVerdict): string {
  if (colour === "green") return "a merge";
  return rules.flatMap(({ rule, status, message }) => (status === "ok" ? [] : [`${rule}: ${message}`])).join("; ");
}
