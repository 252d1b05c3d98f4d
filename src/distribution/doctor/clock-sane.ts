import { CLOCK_LEEWAY_MS, msOf, timestamp } from "../../kernel/time.ts";
import { DECISIONS, STATE } from "../../state/branches.ts";
import type { DoctorCheck, Symptom } from "./check.ts";
import { warn } from "./symptoms.ts";

/** No branch is ahead of the clock of this machine, which goes as its forge's. */
export const clockSane: DoctorCheck = {
  id: "clock.sane",
  title: "The clock is right, and no branch has a commit from the future",
  async run({ ground: { store, clock }, at, forge }) {
    const symptoms: Symptom[] = forge === null ? [] : [...differing(await forge.now(), clock.now(), forge.name)];
    for (const branch of [STATE, DECISIONS]) {
      const head = await store.head(branch);
      if (head === null) continue;
      const tip = (await store.commit(head)).at;
      if (msOf(tip) - msOf(at) <= CLOCK_LEEWAY_MS) continue;
      const message = `The tip of ${branch} is of ${tip}, and here it is ${at}`;
      symptoms.push(warn(message, "Set the clock of this machine, or of who wrote that commit"));
    }
    return symptoms;
  },
};

function differing(there: Date, here: Date, name: string): readonly Symptom[] {
  if (Math.abs(there.getTime() - here.getTime()) <= CLOCK_LEEWAY_MS) return [];
  const message = `The forge of ${name} has ${timestamp(there)}, and here it is ${timestamp(here)}`;
  return [warn(message, "Set the clock of this machine")];
}
