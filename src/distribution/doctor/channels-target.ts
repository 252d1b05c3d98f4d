import { isRefused, type Reason } from "../../kernel/errors.ts";
import { readPointed, unusable } from "../pointers.ts";
import type { DoctorCheck, Symptom } from "./check.ts";
import { placed } from "./placed.ts";
import { fail } from "./symptoms.ts";

/** Every channel points at a release that people can download, with the document that was approved. */
export const channelsTarget: DoctorCheck = {
  id: "channels.target",
  title: "Every channel points at a published release",
  async run(patient) {
    const [facts, { decisions }] = await Promise.all([patient.facts(), patient.history()]);
    const symptoms: Symptom[] = [];
    for (const pointer of await placed(patient)) {
      const known = await readPointed(facts, pointer);
      const wrong = isRefused(known) ? known.refused[0] : await unusable(facts, decisions, known.release);
      if (wrong !== null) symptoms.push(fail(...said(pointer, wrong)));
    }
    return symptoms;
  },
};

function said({ app, channel }: { readonly app: string; readonly channel: string }, wrong: Reason) {
  const fix = wrong.code === "release.digest_mismatch" ? wrong.hints[0] : undefined;
  return [
    `${app} ${channel}: ${wrong.message}`,
    fix ?? `dist release rollback --app ${app} --channel ${channel} --preview, or promote another release`,
  ] as const;
}
