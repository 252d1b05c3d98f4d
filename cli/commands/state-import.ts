import { defineCommand } from "../command.ts";
import { counted, shortCommit } from "../output/cells.ts";
import { shellWord } from "../output/shell-word.ts";

/** `waybill state import`. */
export const stateImport = defineCommand({
  path: "state import",
  group: "Look and prove",
  summary: "Bring a hand-over bundle into an empty repository",
  examples: ["state import acme.zip ./copy.git", "state import acme.zip ./copy.git --local-store ./files"],
  effects: [
    "a bare repository where there is none, with the branches of the bundle   exit 0",
    "the bundle is damaged, or the repository has other branches; nothing is imported   exit 2",
  ],
  positionals: [
    { name: "bundle", describe: "Zip that state export wrote" },
    { name: "path", describe: "Repository, or where to make a bare one", optional: true },
  ],
  options: {},
  writes: true,
  creates: true,
  needs: ["schemas", "openStore", "openArtifacts", "openBundles", "files", "log"],
  result: "state-import-result.v1",
  async run({ openStore, ...on }, args) {
    const { importState } = await import("../../src/state/hand-over/import.ts");
    const planned = args["dry-run"] === true;
    const { bundle, unchanged } = await importState({ ...on, openStore }, String(args["bundle"]), planned);
    const { location } = await openStore();
    return { result: { schema: "state-import-result.v1", planned, unchanged, location, bundle }, exit: 0 };
  },
  screen: async ({ planned, unchanged, location, bundle }, _, args = {}) => {
    const { branches, artifacts, root } = bundle;
    const pinned = root === null ? "" : ` --root ${root}`;
    const folder = args["local-store"];
    const store = typeof folder === "string" ? ` --local-store ${shellWord(folder)}` : "";
    const stored = artifacts.length === 0 ? "" : ` --artifacts${store}`;
    return {
      blocks: [
        {
          kind: "line",
          label: planned ? "Planned" : unchanged ? "Unchanged" : "Imported",
          tone: "ok",
          parts: [
            location,
            ...branches.map(({ name, commit }) => `${name.replace("waybill/", "")} ${shortCommit(commit)}`),
            counted(artifacts.length, "stored file"),
          ],
        },
        {
          kind: "line",
          label: "Root",
          parts: [root ?? "no decisions here", "compare it with what the sender tells you"],
        },
      ],
      ...(!planned && { next: [`waybill state verify --server ${shellWord(location)}${pinned}${stored}`] }),
    };
  },
});
