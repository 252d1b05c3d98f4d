import { defineAction } from "../action/action.ts";
import { init as command } from "../commands/init.ts";

/** `actions/init`. */
export const init = defineAction({
  name: "init",
  command,
  without: ["path"],
  title: ({ planned, created }) =>
    created.length === 0 ? "Nothing to set up" : planned ? "Planned set-up" : `Set up ${created.join(", ")}`,
  outputs: ({ root, state, tenant_id, repo_id }) => ({ root, state, "tenant-id": tenant_id, "repo-id": repo_id }),
});
