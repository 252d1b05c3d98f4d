import { defineCommand } from "../command.ts";
import { sizeText, versionText } from "../output/cells.ts";

/** `dist download`. */
export const distDownload = defineCommand({
  path: "dist download",
  group: "Look and prove",
  summary: "Download the file that a channel points to, checked before it gets its name",
  examples: [
    "dist download --app acme-notes --channel stable --platform linux --variant x64",
    "dist download --app acme-notes --release 1.3.2 --platform android_apk --out old/",
  ],
  effects: ["the bytes are not those that were published   exit 1, no file"],
  options: {
    app: { type: "string", placeholder: "slug", describe: "App", demandOption: true },
    channel: { type: "string", placeholder: "name", describe: "Channel whose release is wanted" },
    release: {
      type: "string",
      placeholder: "version",
      describe: "A release instead of a channel, also a withdrawn one",
    },
    platform: { type: "string", placeholder: "name", describe: "Platform", demandOption: true },
    variant: { type: "string", placeholder: "name", describe: "Architecture or ABI, where there are several" },
    file: { type: "string", placeholder: "name", describe: "File name, where several fit" },
    out: { type: "string", placeholder: "path", describe: "File or folder to write (default the file's own name)" },
    force: { type: "boolean", describe: "Replace a file that is there" },
  },
  writes: true,
  needs: ["ground", "acts", "asker", "artifacts", "files", "log"],
  result: "dist-download-result.v1",
  async run({ ground, acts, asker, ...on }, args) {
    const { isRefused, reason, refuse } = await import("../../src/kernel/errors.ts");
    const { download } = await import("../../src/distribution/download.ts");
    const text = (name: string) => (typeof args[name] === "string" ? args[name] : null);
    const [app, channel, release] = [text("app") ?? "", text("channel"), text("release")];
    if ((channel === null) === (release === null))
      return refuse(reason("usage.missing_argument", "Say either --channel or --release", {}, "dist download --help"));
    const done = await download({ ground, acts, caller: asker, dryRun: args["dry-run"] === true }, on, {
      from: release === null ? { app, channel: channel ?? "" } : { app, release },
      platform: text("platform") ?? "",
      variant: text("variant"),
      filename: text("file"),
      out: text("out"),
      force: args["force"] === true,
    });
    return isRefused(done) ? done : { ...done, exit: 0 };
  },
  screen: async (result, now) => {
    const { approvalLines, asOfText, gradeText } = await import("../screens/parts.ts");
    const { app, channel, release, platform, variant, path, sha256, size_bytes, validation_status, yanked } = result;
    const proof = gradeText(result);
    return {
      blocks: [
        { kind: "line", label: result.planned ? "Planned" : "File", parts: [path, sizeText(size_bytes)] },
        {
          kind: "line",
          label: "Release",
          parts: [
            `${app} ${versionText(release.version, release.build)}`,
            channel === null ? release.release_id : `from ${channel}${proof === null ? "" : ` (${proof})`}`,
            [platform, variant ?? ""].join(" ").trim(),
            validation_status,
          ],
        },
        { kind: "line", label: "SHA-256", parts: [sha256] },
        ...approvalLines(result),
        ...(yanked === null
          ? []
          : [
              {
                kind: "line",
                label: "Withdrawn",
                parts: [yanked.reason, yanked.replacement === null ? "" : `use ${yanked.replacement}`],
                tone: "refuse",
              } as const,
            ]),
      ],
      asOf: asOfText(result.as_of, now),
    };
  },
});
