import { defineCommand } from "../command.ts";
import { counted, digest, size, sizeText, versionText, word } from "../output/cells.ts";
import type { Tone } from "../screen.ts";

const TONES: Readonly<Record<string, Tone>> = { ok: "ok", missing: "refuse", changed: "refuse", retired: "dim" };

/** `dist artifact verify`. */
export const distArtifactVerify = defineCommand({
  path: "dist artifact verify",
  group: "Look and prove",
  summary: "Read stored bytes again and compare them with what was published",
  examples: [
    "dist artifact verify --release acme-notes@1.4.0",
    "dist artifact verify f1d07263dd4c",
    "dist artifact verify --all --json",
  ],
  effects: ["all bytes are there and as published   exit 0", "bytes are missing or changed   exit 1"],
  positionals: [{ name: "sha256", describe: "Digest, or 12 or more of its first digits", optional: true }],
  options: {
    release: { type: "string", placeholder: "release", describe: "All files of a release" },
    app: { type: "string", placeholder: "slug", describe: "Only this app" },
    all: { type: "boolean", describe: "All files of all releases" },
  },
  needs: ["ground", "acts", "asker", "artifacts", "log"],
  result: "dist-artifact-verify-result.v1",
  async run({ ground, acts, asker, ...on }, args) {
    const { isRefused, reason, refuse } = await import("../../src/kernel/errors.ts");
    const { verifyArtifacts } = await import("../../src/distribution/verify-artifacts.ts");
    const text = (name: string) => (typeof args[name] === "string" ? args[name] : null);
    const [release, sha256] = [text("release"), text("sha256")];
    const asked = [
      ...(release === null ? [] : [{ release }]),
      ...(sha256 === null ? [] : [{ sha256 }]),
      ...(args["all"] === true ? (["all"] as const) : []),
    ];
    const [which, another] = asked;
    if (which === undefined || another !== undefined)
      return refuse(reason("usage.missing_argument", "Say one of a digest, --release and --all"));
    const desk = { ground, acts, caller: asker, dryRun: false };
    const done = await verifyArtifacts(desk, on, { app: text("app"), which });
    if (isRefused(done)) return done;
    const { result, error, warnings } = done;
    return error === null ? { result, exit: 0, warnings } : { result, exit: 1, error, warnings };
  },
  screen: async ({ checked, bytes, artifacts }) => {
    const bad = artifacts.filter(({ status }) => status === "missing" || status === "changed").length;
    const label = bad > 0 ? "Damaged" : "Verified";
    const parts = [`${counted(checked, "file")}, ${sizeText(bytes)} read`, bad > 0 ? `${bad} not as published` : ""];
    return {
      blocks: [
        ...(artifacts.length === 0 ? [] : [{ kind: "line", label, parts } as const]),
        {
          kind: "table",
          columns: [
            { title: "STATUS" },
            { title: "APP" },
            { title: "RELEASE" },
            { title: "FILE", free: true },
            { title: "SIZE", align: "right" },
            { title: "SHA-256" },
            { title: "FOUND" },
          ],
          rows: artifacts.map((row) => [
            word(row.status, TONES[row.status]),
            word(row.app),
            word(versionText(row.version, row.build)),
            word(row.filename),
            size(row.size_bytes),
            digest(row.sha256),
            digest(row.status === "changed" ? row.found : null),
          ]),
        },
      ],
      ...(artifacts.length === 0 ? { empty: "No published artifacts yet" } : {}),
    };
  },
});
