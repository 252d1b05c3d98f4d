import { msOf } from "../../kernel/time.ts";
import { judgeOpen } from "../../gate/review/judge-open.ts";
import { openHeads } from "../../gate/review/open-proposal.ts";
import { verdictOf } from "../../gate/review/verdict.ts";
import type { DoctorCheck, Symptom } from "./check.ts";
import { warn } from "./symptoms.ts";

const OLD_MS = 30 * 86_400_000;

/** Every open proposal can still be merged and is not forgotten. */
export const proposalsStale: DoctorCheck = {
  id: "proposals.stale",
  title: "No open proposal is refused for good or older than 30 days",
  async run({ ground, history, facts, at }) {
    const heads = await openHeads(ground.store);
    if (heads.size === 0) return [];
    const [loaded, view] = await Promise.all([history(), facts()]);
    const { decisions } = loaded;
    const symptoms: Symptom[] = [];
    for (const [id, head] of heads) {
      if (decisions.isUsed(id)) {
        symptoms.push(warn(`${id} is merged and its branch is still there`, "waybill gate sync"));
        continue;
      }
      const open = await judgeOpen(ground, loaded, { id, head }, { at });
      const { rules } = await verdictOf({ ...ground, facts: view, decisions }, open);
      const refusal = rules.find(({ status }) => status === "refuse");
      const since = (await ground.store.commit(head)).at;
      const fix = `waybill gate reject ${id}`;
      if (refusal !== undefined) symptoms.push(warn(`${id} cannot be merged as it is: ${refusal.message}`, fix));
      else if (msOf(at) - msOf(since) > OLD_MS) symptoms.push(warn(`${id} is open since ${since}`, fix));
    }
    return symptoms;
  },
};
