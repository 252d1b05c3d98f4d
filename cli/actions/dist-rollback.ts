import { defineAction } from "../action/action.ts";
import { distReleaseRollback as command } from "../commands/dist-release-rollback.ts";
import { moveTold, proposalSpan, releaseText, verdictParts } from "./proposal.ts";

const TITLES = {
  preview: "Preview",
  rolled_back: "Rolled back",
  proposed: "Proposed",
  waiting: "Waiting",
  unchanged: "Unchanged",
} as const;

/** `actions/dist-rollback`. */
export const distRollback = defineAction({
  name: "dist-rollback",
  command,
  title: ({ planned, status, app, channel, from, to }) => {
    const label = planned && status !== "preview" ? "Planned" : TITLES[status];
    const move = status === "unchanged" ? releaseText(to) : `${releaseText(from)} → ${releaseText(to)}`;
    return `${label}: ${app} / ${channel} ${move}`;
  },
  parts({ planned, status, channel, from, to, consequences, proposal, verdict }) {
    const said =
      proposal !== null
        ? [{ code: channel }, " has not moved back yet. It moves when ", proposalSpan(proposal), " is merged."]
        : status === "rolled_back" && !planned
          ? [{ code: channel }, ` is back at ${releaseText(to)}; automation is held until a person promotes.`]
          : ["Nothing was written."];
    return [
      { kind: "line", spans: said },
      ...verdictParts(verdict),
      {
        kind: "table",
        columns: [
          { title: "Platform" },
          { title: "Feed" },
          { title: "New clients get" },
          { title: `Clients already on ${from.version}` },
          { title: "To move those" },
        ],
        rows: consequences.map((row) => [
          [row.platform],
          [row.feed],
          [row.new_clients_get],
          [row.already_updated],
          [row.remedy],
        ]),
      },
    ];
  },
  ...moveTold,
});
