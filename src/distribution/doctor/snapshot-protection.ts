import { SNAPSHOT } from "../../state/branches.ts";
import { onForge, whereSaid } from "./on-forge.ts";
import type { DoctorCheck } from "./check.ts";
import { barriers } from "./state-protection.ts";
import { warn } from "./symptoms.ts";

/** The snapshot, which is replaced as a whole, is left alone by rules. */
export const snapshotProtection: DoctorCheck = onForge({
  id: "snapshot.protection",
  title: `No rule keeps ${SNAPSHOT} from being replaced`,
  run: (forge) =>
    whereSaid(forge.rules(SNAPSHOT), (rules) =>
      [...barriers(rules), ...(rules.refusesForcePush ? ["Force pushes are refused for"] : [])].map((what) =>
        warn(
          `${what} ${SNAPSHOT}, so it cannot be published; readers build their own`,
          `Leave ${SNAPSHOT} out of that rule: ${forge.url}/settings/rules`,
        ),
      ),
    ),
});
