import { defineAction } from "../action/action.ts";
import { gateAttest as command } from "../commands/gate-attest.ts";

/** `actions/gate-attest`. */
export const gateAttest = defineAction({
  name: "gate-attest",
  command,
  title: ({ planned, created, decision, proposal_id }) =>
    `${planned ? "Planned" : created ? "Recorded" : "Unchanged"}: ${proposal_id} ${decision === null ? "is not honoured" : "is in force"}`,
  outputs: ({ proposal_id, decision }) => ({ proposal: proposal_id, grade: decision?.grade ?? "" }),
});
