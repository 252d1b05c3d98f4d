import { defineCommand } from "../command.ts";

/** `dist release show`. */
export const distReleaseShow = defineCommand({
  path: "dist release show",
  group: "Look and prove",
  summary: "Show a release: where it is, its files and what their bytes say",
  examples: ["dist release show acme-notes@1.4.0", "dist release show rel_6v2m9qk4t8xz --json"],
  effects: ["a channel was pointed at other bytes under this name   exit 1, and nobody gets it"],
  positionals: [{ name: "release", describe: "acme-notes@1.4.0, acme-notes@1.4.0+412 or rel_6v2m9qk4t8xz" }],
  options: {
    app: { type: "string", placeholder: "slug", describe: "App of a release that is named without one" },
  },
  needs: ["openSnapshot", "store", "openGround"],
  result: "dist-release-show-result.v1",
  async run({ openSnapshot, store, openGround }, args) {
    const { answerFrom, textOf } = await import("../reading.ts");
    const { showRelease } = await import("../../src/distribution/read/release.ts");
    const app = textOf(args, "app");
    return answerFrom(openSnapshot, (snapshot) =>
      showRelease(snapshot, { store, openGround }, String(args["release"]), app),
    );
  },
  screen: async (result, now) => (await import("../screens/release.ts")).releaseShowScreen(result, now),
});
