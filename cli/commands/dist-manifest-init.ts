import { defineCommand } from "../command.ts";
import { versionText, word } from "../output/cells.ts";
import { shellWord } from "../output/shell-word.ts";

/** `dist manifest init`. */
export const distManifestInit = defineCommand({
  path: "dist manifest init",
  group: "Publish",
  summary: "Write a first dist.json for these files",
  examples: [
    "dist manifest init out/acme-notes.apk out/acme-notes.ipa --channel internal",
    "dist manifest init build/*.zip --app acme-notes --version 1.4.0 --out build/dist.json",
  ],
  effects: ["a manifest that says something else is there   exit 2, --force replaces it"],
  positionals: [{ name: "file", describe: "Files to publish, beside the manifest or below it", many: true }],
  options: {
    app: { type: "string", placeholder: "slug", describe: "App; else what the files' identity says" },
    version: { type: "string", placeholder: "text", describe: "Version; else what the files say" },
    build: { type: "string", placeholder: "text", describe: "Build; else what the files say, if they agree" },
    channel: { type: "string", placeholder: "name", describe: "Channel to ask for" },
    out: { type: "string", placeholder: "path", describe: "Where to write it (default dist.json)" },
    force: { type: "boolean", describe: "Replace a manifest that is there" },
  },
  writes: true,
  needs: ["files", "intake", "log"],
  result: "dist-manifest-init-result.v1",
  async run(world, args) {
    const { isRefused } = await import("../../src/kernel/errors.ts");
    const { initManifest } = await import("../../src/distribution/manifest-init.ts");
    const text = (name: string) => (typeof args[name] === "string" ? args[name] : null);
    const paths = args["file"];
    const result = await initManifest(world, {
      files: Array.isArray(paths) ? paths : [String(paths)],
      app: text("app"),
      version: text("version"),
      build: text("build"),
      channel: text("channel"),
      out: text("out") ?? "dist.json",
      force: args["force"] === true,
      planned: args["dry-run"] === true,
    });
    return isRefused(result) ? result : { result, exit: 0 };
  },
  screen: async ({ path, planned, manifest, guessed }) => ({
    blocks: [
      { kind: "line", label: planned ? "Planned" : "Manifest", parts: [path] },
      { kind: "line", label: "Release", parts: [manifest.app, versionText(manifest.version, manifest.build)] },
      {
        kind: "table",
        columns: [{ title: "PLATFORM" }, { title: "VARIANT" }, { title: "FILE" }],
        rows: manifest.artifacts.map((row) => [word(row.platform), word(row.variant), word(row.path)]),
      },
      ...guessed.map((text) => ({ kind: "line", label: "Guessed", parts: [text], tone: "wait" }) as const),
    ],
    next: [`dist ci publish --manifest ${shellWord(path)}`],
  }),
});
