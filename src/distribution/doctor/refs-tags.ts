import { DECISIONS, SNAPSHOT, STATE } from "../../state/branches.ts";
import type { DoctorCheck } from "./check.ts";
import { onForge } from "./on-forge.ts";
import { warn } from "./symptoms.ts";

/** No tag of the forge, which every clone fetches, is called like a branch of ours. */
export const refsTags: DoctorCheck = onForge({
  id: "refs.tags",
  title: "No tag is called like a branch of Waybill",
  async run(forge) {
    const tags = await forge.tags("waybill/");
    return [STATE, DECISIONS, SNAPSHOT]
      .filter((branch) => tags.includes(branch))
      .map((tag) =>
        warn(
          `${forge.name} has a tag called ${tag}, and plain git takes it for the branch`,
          `git push --delete origin refs/tags/${tag}`,
        ),
      );
  },
});
