import { defineCommand } from "../command.ts";
import { versionText } from "../output/cells.ts";

/** `dist release abandon`. */
export const distReleaseAbandon = defineCommand({
  path: "dist release abandon",
  group: "Publish",
  summary: "Give up a draft that was never published; its version is free again",
  examples: ["dist release abandon acme-notes@1.4.1 --yes"],
  effects: ["the draft is given up, now or since earlier   exit 0", "what is published never changes   exit 1"],
  positionals: [{ name: "release", describe: "acme-notes@1.4.0, acme-notes@1.4.0+412 or rel_6v2m9qk4t8xz" }],
  options: {
    app: { type: "string", placeholder: "slug", describe: "App of a release that is named without one" },
    yes: { type: "boolean", describe: "Do not ask" },
  },
  writes: true,
  needs: ["ground", "acts", "asker", "prompt"],
  result: "dist-release-abandon-result.v1",
  async run({ ground, acts, asker, prompt }, args) {
    const { isRefused } = await import("../../src/kernel/errors.ts");
    const { abandon } = await import("../../src/distribution/abandon.ts");
    const { textOf } = await import("../reading.ts");
    const desk = { ground, acts, caller: asker };
    const wish = { release: String(args["release"]), app: textOf(args, "app") ?? undefined };
    const preview = await abandon({ ...desk, dryRun: true }, wish);
    if (isRefused(preview) || args["dry-run"] === true || !preview.result.changed)
      return isRefused(preview) ? preview : { ...preview, exit: 0 };
    const { confirm } = await import("../prompt.ts");
    const { app, release } = preview.result;
    const name = `${app} ${versionText(release.version, release.build)}`;
    await confirm(prompt, args, `This gives up the draft ${name}, whoever is publishing it`, `Give up ${name}?`);
    const done = await abandon({ ...desk, dryRun: false }, wish);
    return isRefused(done) ? done : { ...done, exit: 0 };
  },
  screen: async ({ planned, changed, app, release }) => ({
    blocks: [
      {
        kind: "line",
        label: changed ? (planned ? "Planned" : "Abandoned") : "Unchanged",
        parts: [`${app} ${versionText(release.version, release.build)}`, release.release_id],
      },
    ],
  }),
});
