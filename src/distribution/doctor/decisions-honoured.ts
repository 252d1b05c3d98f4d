import { warningsOf } from "../../gate/view/view.ts";
import type { DoctorCheck } from "./check.ts";
import { fail, warn } from "./symptoms.ts";

/** Every merge on the tip of the decisions is in force. */
export const decisionsHonoured: DoctorCheck = {
  id: "decisions.honoured",
  title: "Every merged decision is in force",
  async run({ history }) {
    const { decisions } = await history();
    return warningsOf(decisions).map(({ code, message, hints }) => {
      const [fix = null] = hints;
      return code === "gate.decision.pending" ? warn(message, fix) : fail(message, fix);
    });
  },
};
