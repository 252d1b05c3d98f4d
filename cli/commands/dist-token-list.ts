import { defineCommand } from "../command.ts";

/** `dist token list`. */
export const distTokenList = defineCommand({
  path: "dist token list",
  group: "Look and prove",
  summary: "List tokens: scopes, limits, expiry and last use; never their text",
  examples: ["dist token list", "dist token list --json"],
  options: {},
  needs: ["openSnapshot", "clock"],
  result: "dist-token-list-result.v1",
  async run({ openSnapshot, clock }) {
    const { answerFrom } = await import("../reading.ts");
    const { listTokens } = await import("../../src/distribution/read/tokens.ts");
    const { timestamp } = await import("../../src/kernel/time.ts");
    const at = timestamp(clock.now());
    return answerFrom(openSnapshot, (snapshot) => listTokens(snapshot, at));
  },
  screen: async (result, now) => (await import("../screens/records.ts")).tokenListScreen(result, now),
});
