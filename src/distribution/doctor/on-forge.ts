import type { ForgeSettings, BranchRules, Said, Unsaid } from "../../ports/forge-settings.ts";
import type { DoctorCheck, Patient, Symptom } from "./check.ts";
import { unknown, warn } from "./symptoms.ts";

/** What makes the rulesets, for the fix of what they lack. */
export const APPLY = "waybill init --github --apply (needs an administrator)";

const AS_ADMIN = 'Ask as an administrator: GITHUB_TOKEN="$(gh auth token)" waybill doctor';

/** A check of what a forge says; there is nothing to look at where the repository is on none. */
export function onForge(check: {
  readonly id: string;
  readonly title: string;
  run(forge: ForgeSettings, patient: Patient): Promise<readonly Symptom[]>;
}): DoctorCheck {
  return {
    id: check.id,
    title: check.title,
    applies: ({ forge }) => forge !== null,
    run: async (patient) => {
      const { forge } = patient;
      if (forge === null) return [];
      // Asked once for all: where there is no repository or no valid token, every check says the same.
      await forge.repository();
      return check.run(forge, patient);
    },
  };
}

/** Looks at an answer, or says that there is none: what is not said is never well. */
export async function whereSaid<T>(
  answer: Promise<Said<T>>,
  look: (said: T) => readonly Symptom[] | Promise<readonly Symptom[]>,
): Promise<readonly Symptom[]> {
  const found = await answer;
  return "said" in found ? look(found.said) : [unsaid(found)];
}

/** What a forge does not say, as a finding. */
export function unsaid({ unsaid: because, why }: Unsaid): Symptom {
  if (because === "plan") return warn(why, "repository.plan says what that means here, and what to do");
  return unknown(why, AS_ADMIN);
}

/** What rules of a branch lack; unknown where more rules may be in force than this token sees. */
export function lacking({ hidden }: BranchRules, symptoms: readonly Symptom[]): readonly Symptom[] {
  if (hidden === null) return symptoms;
  return symptoms.map(({ message }) => unknown(`As far as this token sees, ${message}; but ${hidden}`, AS_ADMIN));
}
