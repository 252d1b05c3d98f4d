import { defineCommand } from "../command.ts";

/** `waybill gate approve`. */
export const gateApprove = defineCommand({
  path: "gate approve",
  group: "Decide",
  summary: "Approve a proposal: sign its exact bytes with your SSH key",
  examples: ["gate approve prop_9c3t6x1zk8vm", "gate approve prop_9c3t6x1zk8vm --key ~/.ssh/id_ed25519"],
  effects: ["your signature counts, now or since earlier   exit 0", "it would not count   exit 1"],
  positionals: [{ name: "proposal", describe: "Id of the proposal, or number of its pull request" }],
  options: {
    decision: {
      type: "string",
      describe: "SHA-256 of the decision that you have seen, as gate show prints it; another one is refused",
      placeholder: "sha256",
    },
  },
  writes: true,
  needs: ["ground", "acts", "asker", "keys"],
  result: "gate-approve-result.v1",
  async run({ ground, acts, asker, keys }, args) {
    const { isRefused } = await import("../../src/kernel/errors.ts");
    const { actorOf } = await import("../../src/gate/caller.ts");
    const { approveResult } = await import("../../src/gate/results.ts");
    const actor = await actorOf(ground, asker, { scope: "gates:approve" });
    if (isRefused(actor)) return actor;
    const run = { ground, act: acts.begin(actor, "gate approve"), dryRun: args["dry-run"] === true };
    const keyFile = typeof args["key"] === "string" ? args["key"] : null;
    const { decision } = args;
    const seen = typeof decision === "string" ? { decision: decision.toLowerCase() } : {};
    const result = await approveResult(run, String(args["proposal"]), { keys, keyFile, ...seen });
    return isRefused(result) ? result : { result, exit: 0 };
  },
  async screen({ planned, created, person, fingerprint, proposal, verdict }) {
    const { numbered, verdictText } = await import("../screens/gate.ts");
    const label = planned ? "Planned" : created ? "Approved" : "Unchanged";
    const said = created ? `as ${person}` : `${person} had approved it before`;
    return {
      blocks: [
        {
          kind: "line",
          label,
          parts: [proposal.title ?? proposal.id, ...numbered(proposal), said, fingerprint],
          tone: "ok",
        },
        { kind: "line", label: "Verdict", parts: [verdictText(verdict)] },
      ],
      next: [verdict.colour === "green" ? `waybill gate merge ${proposal.id}` : `waybill gate show ${proposal.id}`],
    };
  },
});
