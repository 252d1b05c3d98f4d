import { defineAction } from "../action/action.ts";
import { stateVerify as command } from "../commands/state-verify.ts";
import { counted } from "../output/cells.ts";

const TITLES = { verified: "Verified", incomplete: "Incomplete history", violated: "Violated" } as const;

/** `actions/state-verify`. */
export const stateVerify = defineAction({
  name: "state-verify",
  command,
  also: ["root", "offline"],
  title: ({ status, facts, decisions }) =>
    `${TITLES[status]}: ${counted(facts?.commits ?? 0, "commit")} of facts, ${counted(decisions?.commits ?? 0, "decision")}`,
  outputs: ({ status, violation_count }) => ({ status, violations: violation_count }),
  notes: ({ violations, warnings }) => [
    ...violations.slice(1).map(({ rule, message }) => ({ level: "error", kind: rule, message }) as const),
    ...warnings.map(({ rule, message }) => ({ level: "warning", kind: rule, message }) as const),
  ],
});
