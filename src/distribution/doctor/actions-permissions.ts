import { onForge, whereSaid } from "./on-forge.ts";
import type { DoctorCheck } from "./check.ts";
import { warn } from "./symptoms.ts";

/** A workflow that asks for nothing gets a token that may only read. */
export const actionsPermissions: DoctorCheck = onForge({
  id: "actions.permissions",
  title: "The token of a workflow may only read, unless the workflow asks for more",
  run: (forge) =>
    whereSaid(forge.workflowSettings(), ({ defaultToken }) =>
      defaultToken === "read"
        ? []
        : [
            warn(
              "The token of every workflow may write, so any of them can write facts; those of Waybill ask for what they need",
              `${forge.url}/settings/actions: "Read repository contents and packages permissions"`,
            ),
          ],
    ),
});
