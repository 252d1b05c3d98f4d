import { onForge, whereSaid } from "./on-forge.ts";
import type { DoctorCheck } from "./check.ts";
import { fail, warn } from "./symptoms.ts";

/** Workflows run, and one that asks for nothing gets a token that may only read. */
export const actionsPermissions: DoctorCheck = onForge({
  id: "actions.permissions",
  title: "Workflows run, and their token may only read unless one asks for more",
  run: (forge) =>
    whereSaid(forge.workflowSettings(), ({ areEnabled, defaultToken }) => [
      ...(areEnabled
        ? []
        : [
            fail(
              "Actions are switched off, so no workflow publishes, syncs or verifies",
              `${forge.url}/settings/actions`,
            ),
          ]),
      ...(defaultToken === "read"
        ? []
        : [
            warn(
              "The token of every workflow may write, so any of them can write facts; those of Waybill ask for what they need",
              `${forge.url}/settings/actions: "Read repository contents and packages permissions"`,
            ),
          ]),
    ]),
});
