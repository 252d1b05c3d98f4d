import { defineCommand } from "../command.ts";

/** `dist doctor`. */
export const distDoctor = defineCommand({
  path: "dist doctor",
  group: "Look and prove",
  summary: "Find what is broken or will break soon, each with its remedy",
  examples: ["dist doctor", "dist doctor --artifacts --json"],
  effects: [
    "nothing is broken   exit 0",
    "something is broken   exit 1",
    "nothing is known to be broken, and a check could not find out   exit 4",
  ],
  options: { artifacts: { type: "boolean", describe: "Read the bytes of every stored artifact too" } },
  needs: ["ground", "artifacts", "openSnapshot", "log", "files", "assets", "repository", "forgeSettings"],
  result: "dist-doctor-result.v1",
  async run(on, args) {
    const { examine } = await import("../../src/distribution/doctor/doctor.ts");
    const { patientOf } = await import("../../src/distribution/doctor/patient.ts");
    const { endingOf } = await import("../screens/doctor.ts");
    const result = await examine(patientOf(on, args["artifacts"] === true));
    return { result, ...endingOf(result) };
  },
  screen: async (result, now) => (await import("../screens/doctor.ts")).doctorScreen(result, now),
});
