import { STATE } from "../../state/branches.ts";
import { onForge } from "./on-forge.ts";
import type { DoctorCheck } from "./check.ts";
import { fail } from "./symptoms.ts";

/** Folders of facts that name people who get a delivery. */
const PERSONAL: readonly string[] = [".akc", "ad/deliveries"];

/** Facts about people are not public. */
export const statePrivacy: DoctorCheck = onForge({
  id: "state.privacy",
  title: "No personal data lies in a public repository",
  async run(forge, { facts }) {
    if ((await forge.repository()).visibility !== "public") return [];
    const view = await facts();
    const found: string[] = [];
    for (const folder of PERSONAL) if ((await view.names(folder)).length > 0) found.push(folder);
    return found.map((folder) =>
      fail(
        `${STATE} has ${folder}, which names recipients, and everyone can read it`,
        "Make the repository private now; then keep deliveries in a private one beside it",
      ),
    );
  },
});
