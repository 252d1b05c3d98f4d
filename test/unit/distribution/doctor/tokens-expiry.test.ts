import { describe, expect, it } from "vitest";
import { tokensExpiry } from "../../../../src/distribution/doctor/tokens-expiry.ts";
import { sha256Hex } from "../../../../src/kernel/digest.ts";
import type { TokenV1 } from "../../../../src/schema/types.gen.ts";
import type { Write } from "../../../../src/state/plan.ts";
import { containing, examineBy } from "../../../support/examine.ts";
import { readingWorld } from "../../../support/reading-world.ts";

function tokenWrite(more: Partial<TokenV1>): Write {
  const document: TokenV1 = {
    schema: "token.v1",
    id: "tok_6v2m9qk4t8xz",
    name: "ci",
    token_hash: sha256Hex("ci"),
    token_prefix: "0123abcd",
    scopes: ["releases:publish"],
    apps: null,
    channels: null,
    actor_kind: "automation",
    created_by: { kind: "human", name: "alice", id: "git:alice", verified: false },
    created_at: "2026-10-01T10:00:00Z",
    expires_at: "2027-10-01T10:00:00Z",
    revoked_at: null,
    ...more,
  };
  return { name: "token.v1", key: { id: document.id }, document };
}

async function found(more: Partial<TokenV1>) {
  const world = await readingWorld();
  await world.write([tokenWrite(more)]);
  return examineBy(tokensExpiry, world);
}

describe("tokens.expiry", () => {
  it("finds nothing wrong with tokens that last, or were revoked, or with none", async () => {
    expect(await examineBy(tokensExpiry, await readingWorld())).toEqual([]);
    expect(await found({})).toEqual([]);
    expect(await found({ expires_at: "2026-11-01T00:00:00Z", revoked_at: "2026-10-20T00:00:00Z" })).toEqual([]);
    expect(await found({ expires_at: "2026-12-03T11:40:01Z" })).toEqual([]);
  });

  it("warns of a token that ends within 14 days, and of one that has ended", async () => {
    expect(await found({ expires_at: "2026-12-03T11:40:00Z" })).toMatchObject([
      { status: "warn", message: containing("expires 2026-12-03") },
    ]);
    expect(await found({ expires_at: "2026-11-19T11:40:00Z" })).toMatchObject([
      { status: "warn", message: containing("expired"), fix: "dist token revoke tok_6v2m9qk4t8xz" },
    ]);
  });

  it("fails for a token that claims powers which only a decision grants", async () => {
    expect(await found({ scopes: ["gates:approve"] })).toMatchObject([{ status: "fail" }]);
    expect(await found({ actor_kind: "human" })).toMatchObject([{ status: "fail" }]);
  });
});
