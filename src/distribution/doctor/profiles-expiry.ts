import { isRefused } from "../../kernel/errors.ts";
import { factsOf } from "../core/artifact-facts.ts";
import { expiryCheck, expiryMark } from "../core/expiry.ts";
import { versionText } from "../core/release-path.ts";
import { artifactKey } from "../documents.ts";
import { readPointed } from "../pointers.ts";
import type { DoctorCheck, Symptom } from "./check.ts";
import { placed } from "./placed.ts";
import { fail, warn } from "./symptoms.ts";

/** No profile or certificate of what channels give out has ended or ends soon. */
export const profilesExpiry: DoctorCheck = {
  id: "profiles.expiry",
  title: "No profile or certificate on a channel ends within 60 days",
  async run(patient) {
    const facts = await patient.facts();
    const symptoms = new Map<string, Symptom>();
    for (const pointer of await placed(patient)) {
      const known = await readPointed(facts, pointer);
      // A pointer at nothing is what channels.target says.
      if (isRefused(known)) continue;
      const { app_id, artifacts } = known.release;
      const records = await facts.findAll(
        "artifact.v1",
        artifacts.map(({ sha256 }) => artifactKey(sha256)),
      );
      for (const [i, { id, platform }] of artifacts.entries()) {
        const { expiresAt } = factsOf(records[i]?.inspection.facts ?? {});
        const found = expiryCheck(expiresAt, patient.at);
        if (expiresAt === null || found === null) continue;
        const say = expiryMark(expiresAt, patient.at) === 0 ? fail : warn;
        const message = `${app_id} ${versionText(known.release)} ${platform}: ${found.message}`;
        symptoms.set(id, say(message, "Sign with a new profile and publish the next build"));
      }
    }
    return [...symptoms.values()];
  },
};
