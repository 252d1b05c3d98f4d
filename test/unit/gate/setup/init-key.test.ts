import { describe, expect, it } from "vitest";
import { initResult } from "../../../../src/gate/setup/init-result.ts";
import { loadDecisions } from "../../../../src/gate/view/view.ts";
import type { Keys, Signer } from "../../../../src/ports/signer.ts";
import { makeKey } from "../../../support/gate-world.ts";
import { makeSecurityKey } from "../../../support/security-key.ts";
import { makeWorld } from "../../../support/world.ts";

/** A machine with these keys: git's, those of the configuration folder by name, and what else is found. */
function keysOf(on: {
  readonly configured?: Signer;
  readonly made?: Readonly<Record<string, Signer>>;
  readonly others?: readonly Signer[];
}) {
  const made = Object.entries(on.made ?? {});
  const all = [...(on.configured ? [on.configured] : []), ...made.map(([, key]) => key), ...(on.others ?? [])];
  const fresh = makeKey();
  const keys: Keys = {
    configured: async () => on.configured ?? null,
    signer: async (_, preferred) => all.find(({ publicKey }) => preferred.includes(publicKey)) ?? all[0] ?? null,
    list: async () => made.map(([name, { publicKey, source }]) => ({ name, publicKey, source })),
    create: async () => ({ publicKey: fresh.publicKey, path: "made" }),
  };
  return { keys, fresh };
}

async function firstKey(keys: Keys, approver: string | null): Promise<string | undefined> {
  const world = makeWorld();
  const asked = {
    location: "memory:",
    workTree: null,
    repositoryMade: false,
    dryRun: false,
    approver,
    keyFile: null,
    tenantId: null,
    repoId: null,
    github: null,
  };
  const act = world.acts.begin(world.asker.actor, "init");
  await initResult(world.ground, { keys, files: world.files, assets: world.assets }, act, asked);
  const { policy } = await loadDecisions(world.ground);
  return Object.values(policy.document.people)[0]?.keys[0];
}

describe("the first approver's key", () => {
  const [git, named, other] = [makeKey(), makeKey(), makeKey()];
  const rsa = { ...makeKey(), publicKey: "ssh-rsa AAAA" };
  const touched = { ...makeKey(), publicKey: makeSecurityKey("ed25519").publicKey };

  it.each([
    ["git's signing key, before one of that name", { configured: git, made: { alice: named } }, null, git],
    ["that of the name given, before git's", { configured: git, made: { alice: named } }, "alice", named],
    ["git's where there is none of the name given", { configured: git, made: { bob: named } }, "alice", git],
    ["that of the own name, before others", { made: { alice: named, attestor: other }, others: [git] }, null, named],
    ["the first Ed25519 key that is found", { others: [other] }, null, other],
    ["a security key that is found", { others: [touched] }, null, touched],
  ])("is %s", async (_, on, approver, wanted) => {
    expect(await firstKey(keysOf(on).keys, approver)).toBe(wanted.publicKey);
  });

  it("is a new one where there is none, or one of another type that nobody chose", async () => {
    for (const others of [[], [rsa]]) {
      const { keys, fresh } = keysOf({ others });
      expect(await firstKey(keys, null)).toBe(fresh.publicKey);
    }
  });
});
