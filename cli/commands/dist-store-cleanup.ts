import { defineCommand } from "../command.ts";
import { count, counted, digest, shortCommit, size, sizeText, versionText, word } from "../output/cells.ts";
import type { Block } from "../screen.ts";
import type { DistStoreCleanupResultV1 } from "../../src/schema/types.gen.ts";

/** `dist store cleanup`. */
export const distStoreCleanup = defineCommand({
  path: "dist store cleanup",
  group: "More",
  summary: "Remove the files of old releases, as each channel's retention_keep says",
  examples: ["dist store cleanup --dry-run", "dist store cleanup --yes --json"],
  effects: [
    "what any channel, proposal, yank or draft needs stays; records and audit stay always",
    "anything that decides cannot be read   exit 4, nothing goes",
  ],
  options: { yes: { type: "boolean", describe: "Do not ask" } },
  writes: true,
  needs: ["ground", "acts", "asker", "artifacts", "log", "prompt"],
  result: "dist-store-cleanup-result.v1",
  async run({ ground, acts, asker, prompt, ...on }, args) {
    const { isRefused } = await import("../../src/kernel/errors.ts");
    const { cleanStore } = await import("../../src/distribution/store-cleanup.ts");
    const desk = { ground, acts, caller: asker };
    const preview = await cleanStore({ ...desk, dryRun: true }, on);
    if (isRefused(preview)) return preview;
    if (args["dry-run"] === true) return { ...preview, exit: 0 };
    const { retired, removed, removed_bytes } = preview.result;
    if (retired.length + removed.length > 0) {
      const { confirm } = await import("../prompt.ts");
      const files = `${counted(removed.length, "file")} (${sizeText(removed_bytes)})`;
      await confirm(
        prompt,
        args,
        `This retires ${counted(retired.length, "release")} and deletes ${files}`,
        `Delete ${files}?`,
      );
    }
    const done = await cleanStore({ ...desk, dryRun: false }, on);
    return isRefused(done) ? done : { ...done, exit: 0 };
  },
  screen: async (result) => ({
    blocks: blocksOf(result),
    ...(result.planned && result.retired.length + result.removed.length > 0 ? { next: ["dist store cleanup"] } : {}),
  }),
});

function blocksOf(result: DistStoreCleanupResultV1): readonly Block[] {
  const { planned, retired, removed, removed_bytes, staged_bytes, kept, commit } = result;
  const files = `${counted(removed.length, "file")}, ${sizeText(removed_bytes)}`;
  return [
    {
      kind: "line",
      label: planned ? "Would free" : "Freed",
      parts: [
        files,
        `${counted(retired.length, "release")} retired, ${kept} kept`,
        staged_bytes > 0 ? `${sizeText(staged_bytes)} of unfinished uploads` : "",
        commit === null ? "" : `commit ${shortCommit(commit)}`,
      ],
    },
    {
      kind: "table",
      columns: [{ title: "RELEASE" }, { title: "APP" }, { title: "ID" }, { title: "ARTIFACTS", align: "right" }],
      rows: retired.map(({ app, release, artifacts }) => [
        word(versionText(release.version, release.build)),
        word(app),
        word(release.release_id),
        count(artifacts),
      ]),
    },
    {
      kind: "table",
      columns: [{ title: "FILE", free: true }, { title: "SIZE", align: "right" }, { title: "SHA-256" }],
      rows: removed.map(({ filename, size_bytes, sha256 }) => [word(filename), size(size_bytes), digest(sha256)]),
    },
  ];
}
