import { DECISIONS, SNAPSHOT, STATE } from "../../state/branches.ts";
import type { DoctorCheck, Symptom } from "./check.ts";
import { findLocalRef } from "./local-refs.ts";
import { warn } from "./symptoms.ts";

/** Nothing in this clone is called like a branch of ours and is something else, so that plain git shows what Waybill reads. */
export const refsUnambiguous: DoctorCheck = {
  id: "refs.unambiguous",
  title: "Plain git means by the names of the branches what Waybill reads",
  async run({ ground: { store }, refsAt }) {
    if (refsAt === null) return [];
    const symptoms: Symptom[] = [];
    for (const branch of [STATE, DECISIONS, SNAPSHOT]) {
      const [tip, tag, local] = await Promise.all([
        store.head(branch),
        findLocalRef(refsAt, `refs/tags/${branch}`),
        findLocalRef(refsAt, `refs/heads/${branch}`),
      ]);
      if (tag !== null) {
        symptoms.push(warn(`A tag is called ${branch}, and git takes it for the branch`, `git tag --delete ${branch}`));
      }
      if (local === null || tip === null || local === tip) continue;
      const message = `The local branch ${branch} is at ${local.slice(0, 7)}; the one in force is at ${tip.slice(0, 7)}`;
      symptoms.push(warn(message, `Nothing reads it: git branch --delete --force ${branch}`));
    }
    return symptoms;
  },
};
