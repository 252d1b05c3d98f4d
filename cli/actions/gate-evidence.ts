import { defineAction } from "../action/action.ts";
import { gateEvidence as command } from "../commands/gate-evidence.ts";

/** `actions/gate-evidence`. */
export const gateEvidence = defineAction({
  name: "gate-evidence",
  command,
  title: ({ evidence }) => (evidence === null ? "No merge waits for an attestor" : `To sign: ${evidence.path}`),
  outputs: ({ evidence, file }) => ({ proposal: evidence?.proposal_id ?? "", file: file ?? "" }),
});
