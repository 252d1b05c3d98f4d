import { defineAction } from "../action/action.ts";
import { gateOpen as command } from "../commands/gate-open.ts";
import { proposalOutputs, waitingNote } from "./proposal.ts";

/** `actions/gate-open`. */
export const gateOpen = defineAction({
  name: "gate-open",
  command,
  // A rewrite is made by people with git, on a machine that has both histories.
  without: ["old", "new"],
  title: ({ planned, created, proposal }) =>
    `${planned ? "Planned" : created ? "Proposed" : "Waiting"}: ${proposal.title ?? proposal.id}`,
  outputs: ({ proposal, verdict }) => ({ ...proposalOutputs(proposal), verdict: verdict.colour }),
  notes: ({ created, proposal }) => waitingNote(created, proposal.title ?? "The decision", proposal),
  opened: ({ planned, created }) => created && !planned,
});
