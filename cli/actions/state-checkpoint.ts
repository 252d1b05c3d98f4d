import { defineAction } from "../action/action.ts";
import { stateCheckpoint as command } from "../commands/state-checkpoint.ts";

/** `actions/state-checkpoint`. */
export const stateCheckpoint = defineAction({
  name: "state-checkpoint",
  command,
  also: ["root"],
  title: ({ planned, state, attestor }) =>
    `${planned ? "Planned" : "Signed"}: ${state.seq} commits of facts, by ${attestor}`,
  outputs: ({ commit, expires }) => ({ commit: commit ?? "", expires }),
});
