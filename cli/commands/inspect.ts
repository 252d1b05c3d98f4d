import { defineCommand } from "../command.ts";
import { sizeText, versionText, word } from "../output/cells.ts";
import type { Block, Tone } from "../screen.ts";
import type { ArtifactFacts } from "../../src/distribution/core/artifact-facts.ts";
import { isData } from "../../src/kernel/json.ts";
import type { InspectedFile } from "../../src/schema/types.gen.ts";

const TONES: Readonly<Record<string, Tone>> = { passed: "ok", warning: "wait", failed: "refuse", skipped: "dim" };

/** `waybill inspect`. */
export const inspect = defineCommand({
  path: "inspect",
  group: "Publish",
  summary: "Say what a file is: identity, version, signature, problems",
  examples: ["inspect out/acme-notes.apk", "inspect out/*.ipa --json"],
  effects: ["every check passed, warned or was skipped   exit 0", "a check failed   exit 1"],
  positionals: [{ name: "file", describe: "Files to read; nothing is written or sent", many: true }],
  options: {},
  needs: ["intake", "log"],
  result: "inspect-result.v1",
  async run(world, args) {
    const { firstFailure, inspectFiles } = await import("../../src/distribution/inspect-files.ts");
    const paths = args["file"];
    const result = await inspectFiles(world, Array.isArray(paths) ? paths : [String(paths)]);
    const error = firstFailure(result.files);
    return error === null ? { result, exit: 0 } : { result, exit: 1, error };
  },
  async screen(result) {
    const { factsOf } = await import("../../src/distribution/core/artifact-facts.ts");
    return { blocks: result.files.flatMap((file) => blocksOf(file, factsOf(isData(file.facts) ? file.facts : {}))) };
  },
});

function blocksOf(file: InspectedFile, known: ArtifactFacts): readonly Block[] {
  const { identity, version, build, minOs, architectures, signature, signers } = known;
  const named = [identity ?? "", version === null ? "" : versionText(version, build)].filter((part) => part !== "");
  const about = [named.join(" "), minOs ?? "", architectures.join(" ")].filter((part) => part !== "");
  return [
    { kind: "line", label: "File", parts: [file.path, file.kind, sizeText(file.size_bytes), file.validation_status] },
    ...(about.length === 0 ? [] : [{ kind: "line", label: "Identity", parts: about } as const]),
    ...(signature === null
      ? []
      : [{ kind: "line", label: "Signature", parts: [signature, signers.join(", ")] } as const]),
    { kind: "line", label: "SHA-256", parts: [file.sha256] },
    {
      kind: "table",
      columns: [{ title: "STATUS" }, { title: "CHECK" }, { title: "MESSAGE", free: true }],
      rows: file.checks.map(({ status, id, message }) => [word(status, TONES[status]), word(id), word(message)]),
    },
  ];
}
