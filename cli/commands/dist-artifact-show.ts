import { defineCommand } from "../command.ts";

/** `dist artifact show`. */
export const distArtifactShow = defineCommand({
  path: "dist artifact show",
  group: "Look and prove",
  summary: "Show bytes: what they are, where they lie, which releases have them",
  examples: ["dist artifact show f1d07263dd4c"],
  positionals: [{ name: "artifact", describe: "SHA-256, at least 12 digits of it, or art_…" }],
  options: {},
  needs: ["openSnapshot", "openGround"],
  result: "dist-artifact-show-result.v1",
  async run({ openSnapshot, openGround }, args) {
    const { answerFrom } = await import("../reading.ts");
    const { showArtifact } = await import("../../src/distribution/read/artifact.ts");
    return answerFrom(openSnapshot, (snapshot) => showArtifact(snapshot, openGround, String(args["artifact"])));
  },
  screen: async (result, now) => (await import("../screens/artifacts.ts")).artifactShowScreen(result, now),
});
