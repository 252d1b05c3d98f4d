import { defineCommand } from "../command.ts";

/** `waybill gate attest`. */
export const gateAttest = defineCommand({
  path: "gate attest",
  group: "Decide",
  summary: "Record the proof of a merge with a Sigstore bundle over its evidence",
  examples: ["gate attest prop_9c3t6x1zk8vm --bundle bundle.json"],
  effects: [
    "running it again changes nothing   exit 0",
    "the bundle is over other bytes, or of nobody whom policy names   exit 1, nothing is written",
  ],
  positionals: [{ name: "proposal", describe: "Id of the proposal, or number of its pull request" }],
  options: {
    bundle: {
      type: "string",
      placeholder: "file",
      demandOption: true,
      describe: "Bundle made by cosign sign-blob, or by actions/attest",
    },
  },
  writes: true,
  needs: ["ground", "acts", "asker", "files"],
  result: "gate-attest-result.v1",
  async run({ ground, acts, asker, files }, args) {
    const { isRefused, reason } = await import("../../src/kernel/errors.ts");
    const { decodeUtf8 } = await import("../../src/kernel/text.ts");
    const { actorOf } = await import("../../src/gate/caller.ts");
    const { attestMerge, MAX_BUNDLE_BYTES } = await import("../../src/gate/sync/attest-merge.ts");
    const file = String(args["bundle"]);
    const bundle = decodeUtf8(await files.read(file, MAX_BUNDLE_BYTES), file).trim();
    const actor = await actorOf(ground, asker, { scope: "evidence:write" });
    if (isRefused(actor)) return actor;
    const given = { which: String(args["proposal"]), bundle };
    const done = await attestMerge(ground, acts.begin(actor, "gate attest"), given);
    if (isRefused(done)) return done;
    const result = { schema: "gate-attest-result.v1", planned: args["dry-run"] === true, ...done } as const;
    const { problem, proposal_id } = done;
    if (problem === null) return { result, exit: 0 };
    const error = reason("gate.decision.dishonoured", `${proposal_id} is not honoured: ${problem}`, { proposal_id });
    return { result, exit: 1, error };
  },
  screen: async (result) => (await import("../screens/gate.ts")).attestScreen(result),
});
