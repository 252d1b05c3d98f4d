import { defineCommand } from "../command.ts";

/** `waybill gate evidence`. */
export const gateEvidence = defineCommand({
  path: "gate evidence",
  group: "Decide",
  summary: "Print the exact bytes that an attestor signs for a merge that waits for its proof",
  examples: ["gate evidence --out evidence.json", "gate evidence prop_9c3t6x1zk8vm > evidence.json"],
  effects: ["no merge waits for an attestor   exit 0, nothing printed, no file"],
  positionals: [
    {
      name: "proposal",
      describe: "Id of the proposal, or number of its pull request (default the oldest that waits)",
      optional: true,
    },
  ],
  options: {
    out: { type: "string", placeholder: "file", describe: "File to write the bytes to" },
  },
  needs: ["ground", "files"],
  result: "gate-evidence-result.v1",
  async run({ ground, files }, args) {
    const { isRefused } = await import("../../src/kernel/errors.ts");
    const { evidenceToAttest } = await import("../../src/gate/sync/attest-merge.ts");
    const which = args["proposal"];
    const evidence = await evidenceToAttest(ground, typeof which === "string" ? which : null);
    if (evidence !== null && isRefused(evidence)) return evidence;
    const file = evidence !== null && typeof args["out"] === "string" ? args["out"] : null;
    if (evidence !== null && file !== null) await files.write(file, new TextEncoder().encode(evidence.text));
    return { result: { schema: "gate-evidence-result.v1", evidence, file }, exit: 0 };
  },
  async screen({ evidence, file }) {
    if (evidence === null) return { blocks: [], empty: "No merge waits for an attestor" };
    if (file === null) return { blocks: [{ kind: "text", text: evidence.text.trimEnd() }] };
    return {
      blocks: [{ kind: "line", label: "To sign", parts: [file, evidence.proposal_id, evidence.path] }],
      next: [
        `cosign sign-blob --yes --bundle bundle.json ${file}`,
        `waybill gate attest ${evidence.proposal_id} --bundle bundle.json`,
        "waybill gate sync   instead, where WAYBILL_ATTESTOR_KEY is the key of an attestor",
      ],
    };
  },
});
