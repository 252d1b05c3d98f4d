import { defineAction } from "../action/action.ts";
import { distReleasePromote as command } from "../commands/dist-release-promote.ts";
import { moveTold, proposalSpan, releaseText, verdictParts } from "./proposal.ts";

const TITLES = { promoted: "Promoted", proposed: "Proposed", waiting: "Waiting", unchanged: "Unchanged" } as const;

/** `actions/dist-promote`. */
export const distPromote = defineAction({
  name: "dist-promote",
  command,
  title: ({ planned, status, app, channel, from, to }) =>
    status === "unchanged"
      ? `Unchanged: ${app} / ${channel} is at ${releaseText(to)}`
      : `${planned ? "Planned" : TITLES[status]}: ${app} / ${channel} ${releaseText(from)} → ${releaseText(to)}`,
  parts({ planned, status, channel, to, proposal, verdict }) {
    const said =
      proposal !== null
        ? [{ code: channel }, " is gated and has not moved. It moves when ", proposalSpan(proposal), " is merged."]
        : status === "unchanged" || planned
          ? ["Nothing was written."]
          : [{ code: channel }, ` moved to ${releaseText(to)}.`];
    return [{ kind: "line", spans: said }, ...verdictParts(verdict)];
  },
  ...moveTold,
});
