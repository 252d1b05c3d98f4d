import { describe, expect, it } from "vitest";
import { tokenListScreen } from "../../../../cli/screens/records.ts";
import { listTokens } from "../../../../src/distribution/read/tokens.ts";
import { loadDecisions } from "../../../../src/gate/view/view.ts";
import type { PrincipalsV1 } from "../../../../src/schema/types.gen.ts";
import { readingWorld } from "../../../support/reading-world.ts";

const NOW = new Date("2026-11-19T11:40:00Z");
const principal = {
  token_id: "tok_alice",
  token_hash: "a".repeat(64),
  person: "alice",
  scopes: ["gates:approve", "tokens:admin"],
} as const;

/** What is listed where a decision grants powers to these tokens, of which facts know nothing. */
async function listed(tokens: PrincipalsV1["tokens"]) {
  const world = await readingWorld();
  const decisions = await loadDecisions(world.ground);
  const { repo_id, state_seen, requested_by, requested_at, reason } = decisions.policy.document;
  const header = { repo_id, proposal_id: "prop_test", from: null, state_seen, requested_by, requested_at, reason };
  const document: PrincipalsV1 = { schema: "principals.v1", ...header, seen: {}, tokens };
  const find = (path: string) =>
    path === "config/principals.json" ? { ...decisions.policy, path, document } : decisions.find(path);
  const snapshot = await world.openSnapshot();
  const { result } = listTokens(snapshot, { find }, "2026-11-19T11:40:00Z");
  snapshot.database.close();
  return result;
}

describe("the list of tokens", () => {
  it("shows powers that a decision grants, and never a digest", async () => {
    const result = await listed([principal]);
    const { token_id, person, scopes } = principal;
    expect(result.granted).toEqual([{ token_id, person, scopes }]);
    expect(tokenListScreen(result, NOW).blocks).toMatchObject([
      {
        label: "Granted",
        parts: ["tok_alice", "gates:approve, tokens:admin", "of alice", "by config/principals.json"],
      },
    ]);
    expect(JSON.stringify(result)).not.toContain(principal.token_hash);
  });

  it("is empty where nobody has any", async () => {
    const result = await listed([]);
    expect([result.granted, tokenListScreen(result, NOW).blocks]).toEqual([[], []]);
  });
});
