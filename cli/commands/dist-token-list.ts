import { defineCommand } from "../command.ts";

/** `dist token list`. */
export const distTokenList = defineCommand({
  path: "dist token list",
  group: "Look and prove",
  summary: "List tokens: scopes, limits, expiry, last use and granted powers; never their text",
  examples: ["dist token list", "dist token list --json"],
  options: {},
  needs: ["openSnapshot", "ground", "clock"],
  result: "dist-token-list-result.v1",
  async run({ openSnapshot, ground, clock }) {
    const { answerFrom } = await import("../reading.ts");
    const { listTokens } = await import("../../src/distribution/read/tokens.ts");
    const { loadDecisions } = await import("../../src/gate/view/view.ts");
    const { timestamp } = await import("../../src/kernel/time.ts");
    const at = timestamp(clock.now());
    return answerFrom(openSnapshot, async (snapshot) => listTokens(snapshot, await loadDecisions(ground), at));
  },
  screen: async (result, now) => (await import("../screens/records.ts")).tokenListScreen(result, now),
});
