import { describe, expect, it } from "vitest";
import { editPolicy, withoutHeader } from "../../../../src/gate/core/policy-edit.ts";
import { approveProposal } from "../../../../src/gate/review/approve.ts";
import { mergeProposal } from "../../../../src/gate/review/merge.ts";
import { openGate, parseApprover } from "../../../../src/gate/propose/open.ts";
import { loadDecisions } from "../../../../src/gate/view/view.ts";
import { isRefused, orThrow } from "../../../../src/kernel/errors.ts";
import { keysWith, makeGateWorld, makeKey } from "../../../support/gate-world.ts";
import { emptyPolicy } from "../../../support/policies.ts";

const alone = {
  ...emptyPolicy,
  people: { alice: { keys: [makeKey().publicKey] } },
  governance: { ...emptyPolicy.governance, approvers: ["alice"], requester_may_approve: true },
};

describe("a change of policy by flags", () => {
  it("ends self-approval with the second person", () => {
    const bob = { person: "bob", has: { publicKey: makeKey().publicKey } };
    const edited = orThrow(editPolicy(alone, { approvers: [bob], minApprovals: null }));
    expect(edited.governance).toMatchObject({
      approvers: ["alice", "bob"],
      requester_may_approve: false,
      min_approvals: 1,
    });
    expect(Object.keys(edited.people).toSorted()).toEqual(["alice", "bob"]);
  });

  it("keeps self-approval while there is one person", () => {
    const edited = orThrow(editPolicy(alone, { approvers: [], minApprovals: 2 }));
    expect(edited.governance).toMatchObject({ requester_may_approve: true, min_approvals: 2 });
  });

  it("gives no known person another key", () => {
    const refused = editPolicy(alone, {
      approvers: [{ person: "alice", has: { publicKey: makeKey().publicKey } }],
      minApprovals: null,
    });
    expect(isRefused(refused) && refused.refused[0].code).toBe("usage.invalid_argument");
  });

  it("adds a key and an account of one person, and gives nobody another account", () => {
    const [key, github] = [makeKey().publicKey, { id: 7, login: "bob" }];
    const both = [
      { person: "bob", has: { publicKey: key } },
      { person: "bob", has: { github } },
      { person: "alice", has: { github: { id: 8, login: "alice" } } },
    ];
    const edited = orThrow(editPolicy(alone, { approvers: both, minApprovals: null }));
    expect(edited.people).toMatchObject({ bob: { keys: [key], github }, alice: { github: { id: 8 } } });
    expect(edited.people["alice"]?.keys).toEqual(alone.people.alice.keys);
    const again = { ...alone, people: edited.people };
    const renamed = { person: "bob", has: { github: { id: 7, login: "bobby" } } };
    expect(isRefused(editPolicy(again, { approvers: [renamed], minApprovals: null }))).toBe(false);
    const other = { person: "bob", has: { github: { id: 9, login: "bob" } } };
    expect(isRefused(editPolicy(again, { approvers: [other], minApprovals: null }))).toBe(true);
  });

  it("takes the header off an edited document", () => {
    expect(withoutHeader({ schema: "policy.v1", reason: "x", from: null, people: {} })).toEqual({ people: {} });
  });
});

describe("gate open", () => {
  it("brings a second person into force", async () => {
    const world = await makeGateWorld(["alice", "bob"]);
    const { alice, bob } = world.keys;
    const run = () => ({
      ground: world.ground,
      act: world.act(),
      keys: keysWith(alice!),
      keyFile: null,
      reason: "bob joins",
      dryRun: false,
    });
    const change = {
      approvers: [{ person: "bob", has: { publicKey: parseApprover(`${bob!.publicKey} bob@host`) } }],
      minApprovals: null,
    };
    const opened = orThrow(await openGate(run(), "policy", { change }));
    expect(opened.created).toBe(true);
    expect(orThrow(await openGate(run(), "policy", { change })).created).toBe(false);
    orThrow(
      await approveProposal(world.ground, world.act(), opened.proposal.id, { keys: keysWith(alice!), keyFile: null }),
    );
    orThrow(await mergeProposal(world.ground, world.act(), opened.proposal.id, { dryRun: false }));
    const { policy } = await loadDecisions(world.ground);
    expect(policy.document.governance.approvers).toEqual(["alice", "bob"]);
  });

  it("refuses the policy in force, and a file that is no policy", async () => {
    const world = await makeGateWorld(["alice"]);
    const run = {
      ground: world.ground,
      act: world.act(),
      keys: keysWith(world.keys["alice"]!),
      keyFile: null,
      reason: "r",
      dryRun: false,
    };
    const { policy } = await loadDecisions(world.ground);
    const bytes = Buffer.from(JSON.stringify(policy.document));
    expect(isRefused(await openGate(run, "policy", { file: { what: "policy.json", bytes } }))).toBe(true);
    const broken = { what: "policy.json", bytes: Buffer.from('{"people": {}}') };
    await expect(openGate(run, "policy", { file: broken })).rejects.toMatchObject({ code: "schema.invalid" });
  });

  it("puts no secret on any branch", async () => {
    const world = await makeGateWorld(["alice"]);
    const run = {
      ground: { ...world.ground, secrets: ["open sesame now"] },
      act: world.act(),
      keys: keysWith(world.keys["alice"]!),
      keyFile: null,
      reason: "say open sesame now",
      dryRun: false,
    };
    const change = {
      approvers: [{ person: "bob", has: { publicKey: parseApprover(makeKey().publicKey) } }],
      minApprovals: null,
    };
    await expect(openGate(run, "policy", { change })).rejects.toMatchObject({ code: "state.writer.secret" });
    expect((await world.store.branches("waybill/proposal/")).size).toBe(0);
  });
});
