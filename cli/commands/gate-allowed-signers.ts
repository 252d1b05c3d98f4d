import { defineCommand } from "../command.ts";

/** `waybill gate allowed-signers`. */
export const gateAllowedSigners = defineCommand({
  path: "gate allowed-signers",
  group: "Decide",
  summary: "Print the keys of policy, for ssh-keygen -Y verify",
  examples: ["gate allowed-signers > allowed_signers"],
  options: {},
  needs: ["ground"],
  result: "gate-allowed-signers-result.v1",
  async run({ ground }) {
    const { allowedSigners } = await import("../../src/gate/results.ts");
    return { ...(await allowedSigners(ground)), exit: 0 };
  },
  screen: async ({ text }) =>
    text === "" ? { blocks: [], empty: "Policy names no keys" } : { blocks: [{ kind: "text", text: text.trimEnd() }] },
});
