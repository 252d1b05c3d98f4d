import { defineCommand } from "../command.ts";
import { counted, shortCommit, sizeText, versionText } from "../output/cells.ts";
import { shellWord } from "../output/shell-word.ts";

/** `waybill state export`. */
export const stateExport = defineCommand({
  path: "state export",
  group: "Look and prove",
  summary: "Write a hand-over bundle: both branches, whole, and stored files, to verify anywhere",
  examples: [
    "state export --out acme.zip",
    "state export --release acme-notes@1.4.0 --out acme-notes-1.4.0.zip",
    "state export --artifacts --out everything.zip",
  ],
  effects: [
    "the same state and files give the same bytes   exit 0",
    "stored bytes are missing, or not those that were published; no file is written   exit 1",
  ],
  options: {
    release: { type: "string", placeholder: "release", describe: "With the files of this release" },
    artifacts: { type: "boolean", describe: "With the files of all releases" },
    out: { type: "string", placeholder: "file", describe: "Zip to write (default: the repository's id and the tip)" },
    force: { type: "boolean", describe: "Replace a file that is there" },
  },
  needs: ["ground", "acts", "asker", "openArtifacts", "openBundles", "printZip", "files", "log"],
  result: "state-export-result.v1",
  async run({ ground, acts, asker, openArtifacts, openBundles, ...on }, args) {
    const { isRefused, reason, refuse } = await import("../../src/kernel/errors.ts");
    const { exportState } = await import("../../src/state/hand-over/export.ts");
    const { handOver } = await import("../../src/distribution/hand-over.ts");
    const text = (name: string) => (typeof args[name] === "string" ? args[name] : null);
    const release = text("release");
    const isAll = args["artifacts"] === true;
    if (release !== null && isAll)
      return refuse(reason("usage.invalid_argument", "--artifacts brings the files of all releases, --release of one"));
    const which = isAll ? "all" : release === null ? null : { release };
    const desk = { ground, acts, caller: asker, dryRun: true };
    const files =
      which === null
        ? { release: null, artifacts: [], warnings: [] }
        : await handOver(desk, await openArtifacts(), which);
    if (isRefused(files)) return files;
    const asked = { ...files, out: text("out"), force: args["force"] === true };
    const result = await exportState(ground, { ...on, bundles: await openBundles() }, asked);
    return { result, exit: 0, warnings: files.warnings };
  },
  screen: async ({ path, size_bytes, sha256, bundle }) => {
    const { branches, artifacts, release, root } = bundle;
    const pinned = root === null ? "" : ` --root ${root}`;
    const check = `waybill state verify --server ./copy.git${pinned}${artifacts.length === 0 ? "" : " --artifacts"}`;
    return {
      blocks: [
        { kind: "line", label: "Bundle", tone: "ok", parts: [path, sizeText(size_bytes)] },
        {
          kind: "line",
          label: "Holds",
          parts: [
            ...branches.map(({ name, commit }) => `${name.replace("waybill/", "")} ${shortCommit(commit)}`),
            release === null ? "" : `${release.app} ${versionText(release.version, release.build)}`,
            counted(artifacts.length, "stored file"),
          ],
        },
        { kind: "line", label: "SHA-256", parts: [sha256] },
        { kind: "line", label: "Root", parts: [root ?? "no decisions here"] },
      ],
      next: [`waybill state import ${shellWord(path)} ./copy.git`, check],
    };
  },
});
