import { describe, expect, it } from "vitest";
import { warningsOf } from "../../../../src/gate/view/view.ts";
import { DECISIONS } from "../../../../src/state/branches.ts";
import { bytesOf, lookAt, sign, signAnyway } from "../../../support/gate-steps.ts";
import { makeGateWorld, makeKey } from "../../../support/gate-world.ts";
import { hostile } from "../../../support/hostile.ts";

describe("a policy that does not conform", () => {
  it("gives no power to the decision that would conform to it, and a good proposal recovers", async () => {
    const world = await makeGateWorld(["alice", "mallory"]);
    const mallory = { keys: [world.keys["mallory"]!.publicKey] };
    const takeover = await world.changePolicy(
      (policy) => ({
        people: { ...policy.people, mallory },
        governance: { ...policy.governance, approvers: ["mallory"] },
      }),
      "mallory",
    );
    await hostile(world).put(`waybill/proposal/${takeover.proposal.id}`, {
      "policy.json.sig": await world.keys["mallory"]!.sign(
        "waybill-decision-v1",
        await bytesOf(world, takeover.proposal.id),
      ),
    });
    await hostile(world).mergeAnyway(takeover.proposal.id);
    const pointer = await world.promote("6.6.6", { by: "mallory" });
    await signAnyway(world, pointer.proposal.id, "mallory");
    await hostile(world).mergeAnyway(pointer.proposal.id);
    const attacked = await lookAt(world);
    expect(attacked.version).toBeNull();
    expect(attacked.decisions.dishonoured.map(({ condition }) => condition)).toEqual(["approvals", "approvals"]);
    expect(Object.keys(attacked.decisions.policy.document.people)).toEqual(["alice"]);
    expect(warningsOf(attacked.decisions)).toHaveLength(2);

    const good = await world.promote("1.0.0");
    expect(good.document).toMatchObject({ from: null, replaces: pointer.proposal.id });
    await sign(world, good.proposal.id, "alice");
    await hostile(world).mergeAnyway(good.proposal.id);
    const recovered = await lookAt(world);
    expect(recovered.version).toBe("1.0.0");
    expect(warningsOf(recovered.decisions)).toHaveLength(1);
  });

  it("is one with a key that the proposal itself brings", async () => {
    const world = await makeGateWorld(["alice", "bob"]);
    const change = await world.changePolicy((policy) => ({
      people: { ...policy.people, bob: { keys: [world.keys["bob"]!.publicKey] } },
      governance: { ...policy.governance, requester_may_approve: false, approvers: ["alice", "bob"] },
    }));
    await signAnyway(world, change.proposal.id, "bob", "policy.json");
    await hostile(world).mergeAnyway(change.proposal.id);
    expect((await lookAt(world)).conditions[0]).toContain("is the key of nobody in policy.json");
  });

  it("is one with a CODEOWNERS of its own", async () => {
    const world = await makeGateWorld();
    const change = await world.changePolicy(() => ({ apps: { create: "proposal" } }));
    await sign(world, change.proposal.id, "alice");
    const [tip, head] = [
      await world.store.head(DECISIONS),
      await world.store.head(`waybill/proposal/${change.proposal.id}`),
    ];
    const by = hostile(world);
    const files = await by.filesOf(head!, tip!);
    const forged = await by.put("waybill/proposal/prop_y", { ...files, CODEOWNERS: "* @mallory\n" }, { onto: tip! });
    expect(forged).toBeTruthy();
    await by.mergeAnyway("prop_y");
    expect((await lookAt(world)).conditions[0]).toContain("CODEOWNERS is not what policy.json generates");
  });

  it("is one that is not sound", async () => {
    const world = await makeGateWorld();
    const change = await world.changePolicy((policy) => ({
      people: { ...policy.people, carol: { keys: policy.people["alice"]!.keys } },
    }));
    await sign(world, change.proposal.id, "alice");
    await hostile(world).mergeAnyway(change.proposal.id);
    expect((await lookAt(world)).conditions[0]).toContain("policy: policy: alice and carol have one key");
  });

  it("takes a removed key out of every later decision", async () => {
    const world = await makeGateWorld(["alice", "bob"], 2);
    const first = await world.promote("1.0.0", { by: "alice" });
    await sign(world, first.proposal.id, "bob");
    await hostile(world).mergeAnyway(first.proposal.id);
    const change = await world.changePolicy((policy) => ({
      people: { ...policy.people, bob: { keys: [makeKey().publicKey] } },
    }));
    await sign(world, change.proposal.id, "bob");
    await hostile(world).mergeAnyway(change.proposal.id);
    const second = await world.promote("2.0.0", { by: "alice" });
    await signAnyway(world, second.proposal.id, "bob");
    await hostile(world).mergeAnyway(second.proposal.id);
    const { version, conditions } = await lookAt(world);
    expect(version).toBe("1.0.0");
    expect(conditions[0]).toContain("is the key of nobody in policy.json");
  });
});
