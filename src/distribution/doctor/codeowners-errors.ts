import { DECISIONS } from "../../state/branches.ts";
import { onForge, whereSaid } from "./on-forge.ts";
import type { DoctorCheck } from "./check.ts";
import { fail, warn } from "./symptoms.ts";

/** GitHub understands the CODEOWNERS of the decisions and knows everyone in it. */
export const codeownersErrors: DoctorCheck = onForge({
  id: "codeowners.errors",
  title: `GitHub finds no error in the CODEOWNERS of ${DECISIONS}`,
  run: (forge) =>
    whereSaid(forge.codeOwnersErrors(DECISIONS), (errors) => {
      if (errors === null)
        return [
          fail(`${DECISIONS} has no CODEOWNERS, so GitHub asks no approver for a review`, "waybill init --github"),
        ];
      return errors.map((error) =>
        warn(
          `CODEOWNERS of ${DECISIONS}: ${error}; a review that nobody may give holds up every merge`,
          `Give that account write access: ${forge.url}/settings/access, or propose a policy without it`,
        ),
      );
    }),
});
