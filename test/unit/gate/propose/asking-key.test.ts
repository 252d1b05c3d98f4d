import { describe, expect, it } from "vitest";
import { approveProposal } from "../../../../src/gate/review/approve.ts";
import { askingKey, firstKey } from "../../../../src/gate/propose/asking-key.ts";
import { loadDecisions } from "../../../../src/gate/view/view.ts";
import { orThrow } from "../../../../src/kernel/errors.ts";
import type { Keys, Signer } from "../../../../src/ports/signer.ts";
import { keysWith, makeGateWorld, makeKey } from "../../../support/gate-world.ts";

/** A machine with several keys: the first of them that is asked for, else its first. */
function machineOf(keys: readonly Signer[]): Keys["signer"] {
  return async (_file, preferred) => keys.find(({ publicKey }) => preferred.includes(publicKey)) ?? keys[0] ?? null;
}

const actor = (name: string) => ({ kind: "human", id: `git:${name}`, name, verified: false }) as const;

describe("where a machine holds keys of several people", () => {
  it("whoever asks signs the request, so that the others may approve it", async () => {
    const world = await makeGateWorld(["alice", "bob"], 2);
    const { alice, bob } = world.keys;
    const { policy } = await loadDecisions(world.ground);
    const find = (preferred: readonly string[]) => machineOf([alice!, bob!])(null, preferred);
    const keyOf = async (name: string) => (await askingKey(policy.document, actor(name), find))?.publicKey;
    expect(await keyOf("bob")).toBe(bob!.publicKey);
    expect(await keyOf("alice")).toBe(alice!.publicKey);
    expect(await keyOf("carol")).toBe(alice!.publicKey);
  });

  it("one who may approve signs the approval, not who asked", async () => {
    const world = await makeGateWorld(["alice", "bob"], 2);
    const { alice, bob } = world.keys;
    const { proposal } = await world.promote("1.0.0", { by: "alice" });
    const keys = { ...keysWith(null), signer: machineOf([alice!, bob!]) };
    const done = orThrow(await approveProposal(world.ground, world.act(), proposal.id, { keys, keyFile: null }));
    expect(done.person).toBe("bob");
  });
});

describe("the first list of keys", () => {
  const [mine, other] = [makeKey(), makeKey()];
  const find = (preferred: readonly string[]) => machineOf([other, mine])(null, preferred);

  it("wins, whatever its padding and comment", async () => {
    const listed = [`${mine.publicKey} me@host`];
    const found = await firstKey((keys) => find(keys.map((key) => key.split(" ", 2).join(" "))), [listed, []]);
    expect(found).toBe(mine);
  });

  it("loses where none of it is here, and then any key will do", async () => {
    expect(await firstKey(find, [[makeKey().publicKey], [mine.publicKey]])).toBe(mine);
    expect(await firstKey(find, [[], []])).toBe(other);
    expect(await firstKey(async () => null, [[mine.publicKey], []])).toBeNull();
  });
});
