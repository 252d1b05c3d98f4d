import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../../src/kernel/digest.ts";
import { isRefused, orThrow } from "../../../src/kernel/errors.ts";
import { authenticate } from "../../../src/access/authenticate.ts";
import type { Need } from "../../../src/access/caller.ts";
import { createToken, revokeToken } from "../../../src/distribution/tokens.ts";
import { promote } from "../../../src/distribution/promote.ts";
import type { PrincipalsV1, TokenV1 } from "../../../src/schema/types.gen.ts";
import type { Decisions } from "../../../src/gate/core/decisions.ts";
import { commitFiles, printed } from "../../support/facts.ts";
import { alice, decisionsOf, deskOf, publishWorld, type PublishWorld, refusalOf } from "../../support/publish-world.ts";

const RAW = `dist_${"0123456789abcdef".repeat(4)}`;
const NOW = "2026-11-19T11:40:00Z";

const token: TokenV1 = {
  schema: "token.v1",
  id: "tok_test",
  name: "ci",
  token_hash: sha256Hex(RAW),
  token_prefix: "01234567",
  scopes: ["releases:publish"],
  apps: ["acme-notes"],
  channels: ["internal"],
  actor_kind: "automation",
  created_by: alice,
  created_at: "2026-11-01T00:00:00Z",
  expires_at: "2027-01-01T00:00:00Z",
  revoked_at: null,
};

async function worldWith(...tokens: readonly Partial<TokenV1>[]): Promise<PublishWorld> {
  const world = await publishWorld();
  const files = tokens.map((more) => ({ ...token, ...more }));
  await commitFiles(world.store, Object.fromEntries(files.map((one) => [`dist/tokens/${one.id}.json`, printed(one)])));
  return world;
}

const need: Need = { scope: "releases:publish", app: "acme-notes", channel: "internal" };

async function ask(world: PublishWorld, wanted: Need = need, raw: string = RAW, decisions?: Decisions) {
  const view = decisions ?? (await decisionsOf(world));
  const actor = await authenticate(await world.facts(), view, { token: raw, actor: alice }, wanted, NOW);
  return isRefused(actor) ? actor.refused[0].code : actor;
}

describe("authenticate", () => {
  it("knows the holder of a token, and believes who comes without one", async () => {
    const world = await worldWith({});
    expect(await ask(world)).toEqual({ kind: "token", name: "ci", id: "tok_test", verified: true });
    const own = await authenticate(
      await world.facts(),
      await decisionsOf(world),
      { token: undefined, actor: alice },
      need,
      NOW,
    );
    expect(own).toEqual(alice);
  });

  it("asks in a fixed order, and each answer hides those after it", async () => {
    const wrong: Need = { scope: "audit:read", app: "other", channel: "stable" };
    const faults = [
      { revoked_at: "2026-11-02T00:00:00Z", expires_at: "2026-11-02T00:00:00Z" },
      { expires_at: NOW },
      {},
    ];
    const codes: unknown[] = [await ask(await worldWith(faults[0]!), wrong, `dist_${"f".repeat(64)}`)];
    for (const fault of faults) codes.push(await ask(await worldWith(fault), wrong));
    codes.push(await ask(await worldWith({}), { ...wrong, scope: "releases:publish" }));
    codes.push(await ask(await worldWith({}), { ...need, channel: "stable" }));
    expect(codes).toEqual([
      "auth.unknown",
      "auth.revoked",
      "auth.expired",
      "auth.missing_scope",
      "auth.app_forbidden",
      "auth.channel_forbidden",
    ]);
  });

  it.each(["", "dist_", RAW.toUpperCase(), `${RAW} `, sha256Hex(RAW), RAW.slice(0, -1)])(
    "does not know %j",
    async (raw) => {
      expect(await ask(await worldWith({}), need, raw)).toBe("auth.unknown");
    },
  );

  it.each([
    ["gates:approve", { scopes: ["gates:approve", "releases:publish"] }],
    ["tokens:admin", { scopes: ["tokens:admin", "releases:publish"] }],
    ["a person", { actor_kind: "human" }],
  ] as const)("does not know a planted token that claims %s", async (_, claim) => {
    expect(await ask(await worldWith(claim))).toBe("auth.unknown");
  });

  it("finds a token among others, and is not locked out by a document that is none", async () => {
    const world = await worldWith({}, { id: "tok_other", token_hash: "0".repeat(64) });
    await commitFiles(world.store, { "dist/tokens/tok_broken.json": "{}" });
    expect(await ask(world)).toMatchObject({ id: "tok_test" });
  });

  it("takes the powers of a person from decisions, and still honours a revocation among facts", async () => {
    const world = await worldWith({ revoked_at: null });
    const decisions = await withPrincipal(world, {
      token_id: "tok_test",
      token_hash: sha256Hex(RAW),
      person: "alice",
      scopes: ["gates:approve"],
    });
    expect(await ask(world, { scope: "gates:approve" }, RAW, decisions)).toEqual({
      kind: "human",
      name: "alice",
      id: "tok_test",
      verified: true,
    });
    const revoked = await worldWith({ revoked_at: "2026-11-02T00:00:00Z" });
    expect(await ask(revoked, { scope: "gates:approve" }, RAW, decisions)).toBe("auth.revoked");
  });
});

/** The decisions with one principal among them. */
async function withPrincipal(world: PublishWorld, principal: PrincipalsV1["tokens"][number]): Promise<Decisions> {
  const decisions = await decisionsOf(world);
  const { repo_id, state_seen, requested_by, requested_at, reason } = decisions.policy.document;
  const document: PrincipalsV1 = {
    schema: "principals.v1",
    repo_id,
    proposal_id: "prop_test",
    from: null,
    state_seen,
    seen: {},
    requested_by,
    requested_at,
    reason,
    tokens: [principal],
  };
  const decision = { ...decisions.policy, path: "config/principals.json", document };
  return { ...decisions, find: (path) => (path === decision.path ? decision : decisions.find(path)) };
}

describe("tokens", () => {
  it("are shown once, stored hashed, and live 90 days unless said otherwise", async () => {
    const world = await publishWorld();
    const wish = { name: "ci", scopes: ["releases:publish"], apps: null, channels: null, days: 90 } as const;
    const made = orThrow(await createToken(deskOf(world), world.entropy, wish));
    expect(made.raw).toMatch(/^dist_[0-9a-f]{64}$/);
    expect(made.token).toMatchObject({
      token_hash: sha256Hex(made.raw),
      token_prefix: made.raw.slice(5, 13),
      expires_at: "2027-02-17T11:40:00Z",
    });
    const [found] = await world.store.read(made.commit!, [`dist/tokens/${made.token.id}.json`]);
    expect(JSON.stringify(found)).not.toContain(made.raw.slice(13));
    expect(await ask(world, { scope: "releases:publish" }, made.raw)).toMatchObject({ kind: "token", name: "ci" });
    expect(await world.events()).toContain(`token.created ${made.token.id}`);
  });

  it("work at once no more when they are revoked, also for an operation that began before", async () => {
    const world = await publishWorld();
    const wish = { name: "ci", scopes: ["channels:promote"], apps: null, channels: null, days: 1 } as const;
    const made = orThrow(await createToken(deskOf(world), world.entropy, wish));
    await world.release("1.0.0");
    const desk = deskOf(world, { caller: { token: made.raw, actor: alice } });
    const asked = {
      release: "acme-notes@1.0.0",
      app: undefined,
      channel: "internal",
      reason: null,
      rollout: 100,
      requestedRun: null,
      signer: () => Promise.resolve(null),
    };
    let moved = false;
    const store = {
      ...world.store,
      // Another one revokes the token after the operation has read, and before it writes.
      apply: async (...given: Parameters<typeof world.store.apply>) => {
        if (!moved) {
          moved = true;
          orThrow(await revokeToken(deskOf(world), made.token.id));
        }
        return world.store.apply(...given);
      },
    };
    expect(refusalOf(await promote({ ...desk, ground: { ...desk.ground, store } }, asked))).toBe("auth.revoked");
    expect(refusalOf(await promote(desk, asked))).toBe("auth.revoked");
    expect(orThrow(await revokeToken(deskOf(world), made.token.id))).toMatchObject({ changed: false, commit: null });
    expect(refusalOf(await revokeToken(deskOf(world), "tok_none"))).toBe("token.not_found");
  });

  it.each([
    ["powers that a decision alone can grant", { scopes: ["tokens:admin"] }],
    ["no scope", { scopes: [] }],
    ["no life", { days: 0 }],
    ["a name of two lines", { name: "a\nb" }],
  ] as const)("are not made with %s", async (_, more) => {
    const world = await publishWorld();
    const wish = { name: "ci", scopes: ["releases:publish"], apps: null, channels: null, days: 90, ...more } as const;
    expect(refusalOf(await createToken(deskOf(world), world.entropy, wish))).toBe("usage.invalid_argument");
  });

  it("limit a publish to their app, their channel and their scope; making an app asks for more", async () => {
    const world = await publishWorld();
    const wish = {
      name: "ci",
      scopes: ["releases:publish"],
      apps: ["acme-notes"],
      channels: ["internal"],
      days: 1,
    } as const;
    const { raw } = orThrow(await createToken(deskOf(world), world.entropy, wish));
    const caller = { token: raw, actor: alice };
    const artifacts = [{ platform: "linux", path: "acme.bin" }];
    const publish = (more: object) =>
      world.tryPublish(
        world.build({ app: "acme-notes", version: "1.0.0", artifacts, ...more }, { "acme.bin": "x" }),
        {},
        { caller },
      );
    expect(refusalOf(await publish({ app: "other" }))).toBe("auth.app_forbidden");
    expect(refusalOf(await publish({ channel: "nightly" }))).toBe("auth.channel_forbidden");
    expect(refusalOf(await publish({}))).toBe("auth.missing_scope");
    await world.release("0.9.0");
    const done = orThrow(await publish({ channel: "internal" }));
    expect(done.result.channels[0]?.status).toBe("promoted");
  });
});
