import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { openSigstoreRoot } from "../../../../src/gate/propose/open-sigstore-root.ts";
import { sigstoreRootKind } from "../../../../src/gate/kinds/sigstore-root.ts";
import { loadDecisions } from "../../../../src/gate/view/view.ts";
import { orThrow } from "../../../../src/kernel/errors.ts";
import type { TrustedRoot } from "../../../../src/schema/types.gen.ts";
import { openState } from "../../../../src/state/transact.ts";
import { merge, sign } from "../../../support/gate-steps.ts";
import { type GateWorld, keysWith, makeGateWorld } from "../../../support/gate-world.ts";
import { makeSigstore } from "../../../support/sigstore.ts";

const published = readFileSync("test/fixtures/sigstore/trusted_root.json");
let own: TrustedRoot;
beforeAll(async () => {
  own = (await makeSigstore()).root;
});

const open = async (world: GateWorld, text: string | Buffer) =>
  openSigstoreRoot(
    {
      ground: world.ground,
      act: world.act("alice"),
      keys: keysWith(world.keys["alice"]!),
      keyFile: null,
      reason: "trust",
      dryRun: false,
    },
    { what: "trusted_root.json", bytes: Buffer.from(text) },
  );

async function inForce(world: GateWorld): Promise<readonly TrustedRoot[]> {
  const document = (await loadDecisions(world.ground)).find(sigstoreRootKind.path)?.document;
  return document !== undefined && "trusted_roots" in document ? document.trusted_roots : [];
}

async function decided(world: GateWorld, text: string | Buffer): Promise<void> {
  const { proposal } = orThrow(await open(world, text));
  orThrow(await sign(world, proposal.id, "alice"));
  orThrow(await merge(world, proposal.id));
}

describe("trusted Sigstore roots", () => {
  it("come into force as they are published, by governance", async () => {
    const world = await makeGateWorld(["alice", "mallory"]);
    // A person of policy, and no approver of governance.
    const joins = await world.changePolicy(({ people }) => ({
      people: { ...people, mallory: { keys: [world.keys["mallory"]!.publicKey] } },
    }));
    orThrow(await sign(world, joins.proposal.id, "alice"));
    orThrow(await merge(world, joins.proposal.id));
    const { proposal, verdict } = orThrow(await open(world, published));
    expect(proposal).toMatchObject({ kind: "sigstore_root", path: "config/sigstore-root.json" });
    expect(proposal.title).toBe("Change the trusted Sigstore roots: https://fulcio.sigstore.dev");
    expect(verdict.rules).toContainEqual(expect.objectContaining({ rule: "approvals", status: "wait" }));
    expect(await sign(world, proposal.id, "mallory")).toHaveProperty("refused");
    orThrow(await sign(world, proposal.id, "alice"));
    orThrow(await merge(world, proposal.id));
    expect(await inForce(world)).toEqual([JSON.parse(published.toString())]);
    expect(await open(world, published)).toHaveProperty("refused");
  });

  it("may be several, one JSON a line, and a whole document", async () => {
    const world = await makeGateWorld(["alice"]);
    await decided(world, `${JSON.stringify(own)}\n${JSON.stringify(JSON.parse(published.toString()))}\n`);
    expect(await inForce(world)).toHaveLength(2);
    await decided(world, JSON.stringify({ schema: "sigstore-root.v1", reason: "old", trusted_roots: [own] }));
    expect(await inForce(world)).toEqual([own]);
  });

  it("are refused where they are none, or nothing could be held against them", async () => {
    const world = await makeGateWorld(["alice"]);
    for (const text of ["{}", "[]", '{"trusted_roots":[]}', JSON.stringify({ ...own, tuf: 1 }), '{"a":1}\n{"a":1}'])
      await expect(open(world, text), text).rejects.toMatchObject({ code: "schema.invalid" });
    const rotten = { ...own, certificateAuthorities: [{ certChain: { certificates: [{ rawBytes: "AAAA" }] } }] };
    expect(await open(world, JSON.stringify(rotten))).toMatchObject({ refused: [{ code: "gate.merge.refused" }] });
    const timeless = { ...own, tlogs: [], timestampAuthorities: [] };
    expect(await open(world, JSON.stringify(timeless))).toHaveProperty("refused");
    // What somebody pushes as a proposal by hand is refused by its verdict.
    const { policy } = await loadDecisions(world.ground);
    const header = { ...policy.document, schema: "sigstore-root.v1", seen: {} } as const;
    const rows = async (root: TrustedRoot) =>
      sigstoreRootKind.advice?.(
        await openState(world.ground),
        { ...header, trusted_roots: [root] },
        { verified: true },
      );
    expect(await rows(rotten)).toMatchObject([{ rule: "roots", status: "refuse" }]);
    expect(await rows(own)).toEqual([]);
  });

  it("are shown to approvers by the whole digest of each key and certificate that changes", async () => {
    const world = await makeGateWorld(["alice"]);
    await decided(world, JSON.stringify(own));
    const decisions = await loadDecisions(world.ground);
    const other = (await makeSigstore()).root;
    const next = {
      ...own,
      ctlogs: other.ctlogs ?? [],
      tlogs: [
        { ...own.tlogs![0]!, publicKey: { ...own.tlogs![0]!.publicKey, validFor: { end: "2030-01-01T00:00:00Z" } } },
      ],
    };
    const document = decisions.find(sigstoreRootKind.path)!.document;
    if (!("trusted_roots" in document)) throw new Error("no roots");
    const facts = await openState(world.ground);
    const forge = { name: "acme/notes", url: "https://forge.test" };
    const after = { ...document, trusted_roots: [next] };
    const { compared } = await sigstoreRootKind.describe!({ facts, decisions, forge }, after);
    expect(compared).toHaveLength(3);
    const cells = compared.flatMap(({ now, after: then }) => [now[0], then[0]]);
    for (const cell of cells) expect(JSON.stringify(cell)).toMatch(/^("-"|\{"code":"[0-9a-f]{64}"\})$/);
    expect(compared.map(({ name }) => name).toSorted()).toEqual([
      "certificate log https://ct.test",
      "certificate log https://ct.test",
      "log https://rekor.test, until 2030-01-01T00:00:00Z",
    ]);
  });
});
