import { describe, expect, it } from "vitest";
import { loadDecisions, warningsOf } from "../../../../src/gate/view/view.ts";
import { DECISIONS } from "../../../../src/state/branches.ts";
import { approved, bytesOf, lookAt, sign, signAnyway, STABLE } from "../../../support/gate-steps.ts";
import { type GateWorld, makeGateWorld } from "../../../support/gate-world.ts";
import { hostile } from "../../../support/hostile.ts";
import { memoryFolder } from "../../../support/memory-folder.ts";

describe("a merge that the tool did not make", () => {
  it("counts when it has the form and the signatures, whoever made it", async () => {
    const world = await makeGateWorld();
    await hostile(world).mergeAnyway(await approved(world));
    expect(await lookAt(world)).toMatchObject({ version: "1.0.0", conditions: [] });
  });

  it.each<[string, (world: GateWorld, id: string) => Promise<unknown>, string]>([
    ["a squash", (world, id) => hostile(world).squash(id), "shape: shape: is no merge"],
    [
      "a fast-forward of the head",
      async (world, id) => {
        const by = hostile(world);
        by.move(DECISIONS, await by.headOf(`waybill/proposal/${id}`));
      },
      "is no merge",
    ],
    ["a direct push", (world) => hostile(world).put(DECISIONS, { [STABLE]: "{}\n" }), "is no merge"],
    ["an extra file", (world, id) => hostile(world).mergeAnyway(id, { "policy.json": "{}\n" }), "something else"],
    ["a changed pointer", (world, id) => hostile(world).mergeAnyway(id, { [STABLE]: "{}\n" }), "something else"],
    [
      "a dropped signature",
      (world, id) => hostile(world).mergeAnyway(id, { [`${STABLE}.sig`]: null }),
      "shape: shape: changes something else",
    ],
    [
      "an octopus",
      async (world, id) => {
        const by = hostile(world);
        const [tip, head] = [await by.headOf(DECISIONS), await by.headOf(`waybill/proposal/${id}`)];
        const { tree } = await world.store.commit(head);
        by.move(DECISIONS, await by.commitWith(tree, [tip, head, tip]));
      },
      "merges several branches",
    ],
    [
      "a head of another history",
      async (world) => {
        const by = hostile(world);
        const head = await by.put("waybill/other", { [STABLE]: "{}\n" });
        const { tree } = await world.store.commit(head);
        by.move(DECISIONS, await by.commitWith(tree, [await by.headOf(DECISIONS), head]));
      },
      "does not start on the decisions branch",
    ],
    [
      "a second commit to the decision",
      async (world, id) => {
        const by = hostile(world);
        const [found] = await world.store.read(await by.headOf(`waybill/proposal/${id}`), [STABLE]);
        const text = found && "bytes" in found ? Buffer.from(found.bytes).toString() : "";
        await by.put(`waybill/proposal/${id}`, { [STABLE]: text.replace("1.0.0", "6.6.6") });
        await by.mergeAnyway(id);
      },
      "second commit to the decision",
    ],
    [
      "an extra file in the proposal",
      async (world, id) => {
        await hostile(world).put(`waybill/proposal/${id}`, { "README.md": "hello\n" });
        await hostile(world).mergeAnyway(id);
      },
      "also changes README.md",
    ],
    [
      "a file that no kind knows",
      async (world, id) => {
        const by = hostile(world);
        await by.put(
          "waybill/proposal/prop_x",
          { "gates/unknown/x.json": "{}\n" },
          { onto: await by.headOf(DECISIONS) },
        );
        await by.mergeAnyway("prop_x");
        expect(id).toBeTruthy();
      },
      "changes no decision",
    ],
    [
      "a document that is none",
      async (world) => {
        const by = hostile(world);
        await by.put(
          "waybill/proposal/prop_x",
          { [STABLE]: '{ "schema": "x" }\n' },
          { onto: await by.headOf(DECISIONS) },
        );
        await by.mergeAnyway("prop_x");
      },
      "is not a document",
    ],
    [
      "an executable decision",
      async (world, id) => {
        const by = hostile(world);
        const [tip, head] = [await by.headOf(DECISIONS), await by.headOf(`waybill/proposal/${id}`)];
        const tree = by.withMode((await world.store.commit(head)).tree, STABLE, "100755");
        by.move(DECISIONS, await by.commitWith(tree, [tip, await by.commitWith(tree, [tip])]));
      },
      "something else than a plain file",
    ],
    [
      "a merge inside the proposal",
      async (world, id) => {
        const by = hostile(world);
        const [tip, head] = [await by.headOf(DECISIONS), await by.headOf(`waybill/proposal/${id}`)];
        const { tree } = await world.store.commit(head);
        by.move(DECISIONS, await by.commitWith(tree, [tip, await by.commitWith(tree, [tip, head])]));
      },
      "a merge inside its proposal",
    ],
    [
      "a decision of another repository",
      async (world, id) => {
        const by = hostile(world);
        const text = Buffer.from(await bytesOf(world, id, STABLE))
          .toString()
          .replace('"repo"', '"elsewhere"');
        await by.put("waybill/proposal/prop_x", { [STABLE]: text }, { onto: await by.headOf(DECISIONS) });
        await signAnyway(world, "prop_x", "alice");
        await by.mergeAnyway("prop_x");
      },
      "it is of another repository",
    ],
    [
      "a decision that replaces what does not stand on the tip",
      async (world, id) => {
        const by = hostile(world);
        const text = Buffer.from(await bytesOf(world, id, STABLE)).toString();
        const replacing = text
          .replace(`"${id}",`, `"prop_x",`)
          .replace('  "repo_id"', '  "replaces": "prop_y",\n  "repo_id"');
        await by.put("waybill/proposal/prop_x", { [STABLE]: replacing }, { onto: await by.headOf(DECISIONS) });
        await signAnyway(world, "prop_x", "alice");
        await by.mergeAnyway("prop_x");
      },
      "it replaces something that does not stand on the tip",
    ],
    [
      "a decision made from another than the one in force",
      async (world, id) => {
        const by = hostile(world);
        const text = Buffer.from(await bytesOf(world, id, STABLE)).toString();
        await by.mergeAnyway(id);
        const late = text.replace(id, "prop_late").replace("1.0.0", "2.0.0");
        await by.put("waybill/proposal/prop_late", { [STABLE]: late }, { onto: await by.headOf(DECISIONS) });
        await signAnyway(world, "prop_late", "alice");
        await by.mergeAnyway("prop_late");
      },
      "it was made from another decision",
    ],
    [
      "the removal of a decision",
      async (world, id) => {
        const by = hostile(world);
        await by.mergeAnyway(id);
        await by.put("waybill/proposal/prop_x", { [STABLE]: null }, { onto: await by.headOf(DECISIONS) });
        await by.mergeAnyway("prop_x");
      },
      "removes channels/notes/stable.json",
    ],
  ])("changes nothing with %s, and is said so", async (_, attack, message) => {
    const world = await makeGateWorld();
    const id = await approved(world);
    await attack(world, id);
    const { decisions, version, conditions } = await lookAt(world);
    expect(version === null || version === "1.0.0").toBe(true);
    expect(conditions.length).toBeGreaterThan(0);
    expect(conditions[0]).toContain(message);
    expect(decisions.dishonoured[0]?.condition).toBe("shape");
    const standing = decisions.dishonoured.filter(({ paths }) => paths.includes(STABLE));
    expect(warningsOf(decisions).map(({ data }) => data["commit"])).toEqual(standing.map(({ commit }) => commit));
  });

  it.each([20, 200])("is said to have changed a decision, though it changes %i other files with it", async (others) => {
    const world = await makeGateWorld();
    const files = new Map<string, string>([[STABLE, "{}\n"]]);
    for (let i = 0; i < others; i += 1) files.set(`a${i}.txt`, "noise\n");
    await hostile(world).put(DECISIONS, Object.fromEntries(files));
    const { decisions } = await lookAt(world);
    expect(warningsOf(decisions)).toMatchObject([{ code: "gate.decision.dishonoured" }]);
    expect(decisions.dishonoured[0]?.paths[0]).toBe(STABLE);
  });

  it("is said of every channel that it touches, however many", async () => {
    const world = await makeGateWorld();
    const paths = Array.from({ length: 30 }, (_, i) => `channels/app${i}/stable.json`);
    await hostile(world).put(DECISIONS, Object.fromEntries(paths.map((path) => [path, "{}\n"])));
    const { decisions } = await lookAt(world);
    expect(decisions.dishonoured[0]?.paths.toSorted()).toEqual(paths.toSorted());
    expect(warningsOf(decisions)[0]?.message).toContain("and 20 more: shape: ");
  });

  it("changes nothing without a proof, and says what is missing", async () => {
    const world = await makeGateWorld();
    const { proposal } = await world.promote("1.0.0");
    await hostile(world).mergeAnyway(proposal.id);
    const { decisions, version, conditions } = await lookAt(world);
    expect([version, conditions]).toEqual([null, ["approvals: approvals: 0 of 1. May approve: alice"]]);
    expect(warningsOf(decisions)).toMatchObject([{ code: "gate.decision.dishonoured" }]);
  });

  it("changes nothing inside a freeze window, by the committer time of the merge", async () => {
    const world = await makeGateWorld();
    const frozen = [{ kind: "exclude", from: "2026-02-01T00:00:00Z", to: "2026-02-02T00:00:00Z", tz: "UTC" }] as const;
    const { proposal } = await world.changePolicy(() => ({ defaults: { freeze: frozen } }));
    await sign(world, proposal.id, "alice");
    await hostile(world).mergeAnyway(proposal.id);
    const id = await approved(world);
    await hostile(world).mergeAnyway(id, {}, "2026-02-01T23:59:59Z");
    const { version, conditions } = await lookAt(world);
    expect([version, conditions]).toEqual([null, [expect.stringContaining("freeze: freeze: a freeze window is on")]]);
  });

  it("cannot be dated before the merge that it follows", async () => {
    const world = await makeGateWorld();
    const frozen = [{ kind: "exclude", from: "2026-02-01T00:00:00Z", to: "2026-02-02T00:00:00Z", tz: "UTC" }] as const;
    const { proposal } = await world.changePolicy(() => ({ defaults: { freeze: frozen } }));
    await sign(world, proposal.id, "alice");
    await hostile(world).mergeAnyway(proposal.id, {}, "2026-02-01T12:00:00Z");
    const by = hostile(world);
    const head = await by.headOf(`waybill/proposal/${await approved(world)}`);
    const { tree } = await world.store.commit(head);
    by.move(DECISIONS, await by.commitWith(tree, [await by.headOf(DECISIONS), head], "2026-01-20T00:00:00Z"));
    expect((await lookAt(world)).conditions).toEqual([expect.stringContaining("a freeze window is on")]);
  });
});

describe("a proposal id", () => {
  it("is used once in all history, by what counted and by what did not", async () => {
    const world = await makeGateWorld();
    const id = await approved(world);
    const by = hostile(world);
    const head = await by.headOf(`waybill/proposal/${id}`);
    const files = await by.filesOf(head, await by.headOf(DECISIONS));
    await by.mergeAnyway(id);
    const second = await approved(world, "2.0.0");
    await by.mergeAnyway(second);
    await by.put("waybill/proposal/prop_again", files, { onto: await by.headOf(DECISIONS) });
    await by.mergeAnyway("prop_again");
    const { version, conditions } = await lookAt(world);
    expect([version, conditions]).toEqual(["2.0.0", [expect.stringContaining("was used before")]]);
  });

  it("of a revert is not taken: the decision that was undone stays in force", async () => {
    const world = await makeGateWorld();
    await hostile(world).mergeAnyway(await approved(world));
    await hostile(world).put(DECISIONS, { [STABLE]: null, [`${STABLE}.sig`]: null });
    const { version, decisions } = await lookAt(world);
    expect(version).toBe("1.0.0");
    expect(warningsOf(decisions)).toHaveLength(1);
  });
});

describe("the root", () => {
  it("is remembered at first contact, and another history is an error", async () => {
    const world = await makeGateWorld();
    const other = await makeGateWorld();
    const foreign = { ...other.ground, cache: world.ground.cache };
    await expect(loadDecisions(foreign)).rejects.toMatchObject({ code: "state.ref.rewound" });
    const fresh = memoryFolder();
    fresh.files.set("root.json", Buffer.from(JSON.stringify({ root: (await lookAt(world)).decisions.root })));
    await expect(loadDecisions({ ...other.ground, cache: fresh })).rejects.toMatchObject({
      code: "state.root.mismatch",
    });
  });

  it("may be given, and beats what is remembered", async () => {
    const world = await makeGateWorld();
    const { decisions } = await lookAt(world);
    const given = { ...world.ground, cache: memoryFolder(), root: decisions.root };
    expect((await loadDecisions(given)).root).toBe(decisions.root);
    await hostile(world).mergeAnyway(await approved(world));
    const wrong = { ...given, root: await hostile(world).headOf(DECISIONS) };
    await expect(loadDecisions(wrong)).rejects.toMatchObject({ code: "state.root.mismatch" });
  });
});
