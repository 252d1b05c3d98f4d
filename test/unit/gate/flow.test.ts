import { describe, expect, it, vi } from "vitest";
import { isRefused, orThrow, ToolError } from "../../../src/kernel/errors.ts";
import { approveProposal } from "../../../src/gate/review/approve.ts";
import { initialise } from "../../../src/gate/setup/initialise.ts";
import { listProposals } from "../../../src/gate/review/list.ts";
import { rejectProposal } from "../../../src/gate/review/reject.ts";
import { rejectResult } from "../../../src/gate/results.ts";
import { showProposal } from "../../../src/gate/review/show.ts";
import { syncGate } from "../../../src/gate/sync/sync.ts";
import { loadDecisions } from "../../../src/gate/view/view.ts";
import type { AuditEventV1 } from "../../../src/schema/types.gen.ts";
import { DECISIONS, STATE } from "../../../src/state/branches.ts";
import { type GateWorld, keysWith, makeGateWorld, makeKey } from "../../support/gate-world.ts";
import { decide, lookAt, merge, sign, STABLE } from "../../support/gate-steps.ts";
import { hostile } from "../../support/hostile.ts";

/** Every event on facts, in no particular order. */
async function events(world: GateWorld): Promise<readonly AuditEventV1[]> {
  const found: AuditEventV1[] = [];
  for await (const { path } of world.store.diff(null, (await world.store.head(STATE))!)) {
    if (!path.startsWith("audit/")) continue;
    const [file] = await world.store.read((await world.store.head(STATE))!, [path]);
    if (file && "bytes" in file) found.push(world.ground.schemas.parse("audit-event.v1", file.bytes, path));
  }
  return found;
}

async function actions(world: GateWorld): Promise<readonly string[]> {
  return (await events(world)).map(({ action }) => action).toSorted();
}

function codeOf(answer: unknown): string | undefined {
  return isRefused(answer) ? answer.refused[0].code : undefined;
}

describe("the gate of one person", () => {
  it("takes a promotion from proposal to force, self-approved", async () => {
    const world = await makeGateWorld();
    const proposed = await world.promote("1.0.0");
    expect(proposed).toMatchObject({ created: true, verdict: { colour: "red" } });
    expect((await lookAt(world)).version).toBeNull();
    expect(codeOf(await merge(world, proposed.proposal.id))).toBe("gate.merge.waiting");
    const approved = orThrow(await sign(world, proposed.proposal.id, "alice"));
    expect(approved).toMatchObject({ person: "alice", created: true, verdict: { colour: "green" } });
    expect(orThrow(await sign(world, proposed.proposal.id, "alice")).created).toBe(false);
    const merged = orThrow(await merge(world, proposed.proposal.id));
    expect(merged.decision).toMatchObject({ grade: "signed", selfApproved: true, approvers: ["alice"] });
    expect((await lookAt(world)).version).toBe("1.0.0");
    expect(merged.synced?.recorded).toHaveLength(1);
    expect(merged.synced?.finished).toEqual([proposed.proposal.id]);
  });

  it("does everything once, however often it runs", async () => {
    const world = await makeGateWorld();
    const { decision } = await decide(world, "1.0.0");
    const before = [await world.store.head(STATE), await world.store.head(DECISIONS)];
    const again = orThrow(await merge(world, decision.proposalId));
    expect(again).toMatchObject({ created: false, synced: { recorded: [], finished: [], alarms: [], warnings: [] } });
    await syncGate(world.ground, world.act());
    expect([await world.store.head(STATE), await world.store.head(DECISIONS)]).toEqual(before);
    expect(await actions(world)).toEqual([
      "channel.promoted",
      "decision.recorded",
      "promotion.proposed",
      "state.initialized",
    ]);
  });

  it("needs one more than there is for a request that nobody signed, and says so", async () => {
    const world = await makeGateWorld();
    const { proposal, verdict } = await world.promote("1.0.0", { by: null });
    expect(verdict.rules.find(({ rule }) => rule === "approvals")).toMatchObject({ status: "refuse" });
    await sign(world, proposal.id, "alice");
    expect(codeOf(await merge(world, proposal.id))).toBe("gate.merge.refused");
  });
});

describe("a proposal", () => {
  it("is not signed with a key of nobody in policy, whose owner would be asked for nothing", async () => {
    const world = await makeGateWorld(["alice", "mallory"]);
    const asked = vi.spyOn(world.keys["mallory"]!, "sign");
    const { proposal, path } = await world.promote("1.0.0", { by: "mallory" });
    expect(asked).not.toHaveBeenCalled();
    expect(await world.store.read(proposal.head, [`${path}.sig`])).toEqual([null]);
  });

  it("is found again by the same request, and is another for another target", async () => {
    const world = await makeGateWorld();
    const first = await world.promote("1.0.0");
    world.pass(60);
    const second = await world.promote("1.0.0");
    expect([second.created, second.proposal.id]).toEqual([false, first.proposal.id]);
    const other = await world.promote("2.0.0");
    expect(other.created).toBe(true);
    expect((await actions(world)).filter((action) => action === "promotion.proposed")).toHaveLength(2);
  });

  it("of a dry run is judged and not written", async () => {
    const world = await makeGateWorld();
    const before = await world.store.head(STATE);
    const planned = await world.promote("1.0.0", { dryRun: true });
    expect(planned.verdict.rules.map(({ rule, status }) => `${rule} ${status}`)).toContain("approvals wait");
    expect([await world.store.head(STATE), await world.store.branches("waybill/proposal/")]).toEqual([
      before,
      new Map(),
    ]);
  });

  it("whose event was lost in a crash gets it from the next run", async () => {
    const world = await makeGateWorld();
    const before = (await world.store.head(STATE))!;
    await world.promote("1.0.0");
    hostile(world).move(STATE, before);
    await world.ground.cache.remove("tip-waybill-state.json");
    await world.promote("1.0.0");
    expect(await actions(world)).toEqual(["promotion.proposed", "state.initialized"]);
  });

  it("that was rejected is gone, with an event, and one that is merged cannot be rejected", async () => {
    const world = await makeGateWorld();
    const { proposal } = await world.promote("1.0.0");
    await rejectProposal(world.ground, world.act(), proposal.id, "wrong build");
    expect(await actions(world)).toContain("proposal.rejected");
    await expect(sign(world, proposal.id, "alice")).rejects.toMatchObject({ code: "gate.proposal.closed" });
    const { decision } = await decide(world, "1.0.0");
    await expect(rejectProposal(world.ground, world.act(), decision.proposalId, "late")).rejects.toMatchObject({
      code: "gate.proposal.closed",
    });
  });

  it("that was signed before it is rejected may still be merged by who kept it, and the answer says so", async () => {
    const world = await makeGateWorld(["alice", "bob"], 2);
    const { proposal } = await world.promote("1.0.0");
    const run = { ground: world.ground, act: world.act(), dryRun: false };
    expect((await rejectResult(run, proposal.id, "no")).warnings).toEqual([]);
    const signed = await world.promote("1.1.0");
    await sign(world, signed.proposal.id, "bob");
    const { warnings } = await rejectResult({ ...run, act: world.act() }, signed.proposal.id, "no");
    expect(warnings).toMatchObject([{ code: "gate.approval.standing", data: { signers: ["bob"] } }]);
  });

  it("has no number where no forge is asked, and the answer says what gives it one", async () => {
    const world = await makeGateWorld(["alice", "bob"], 2);
    const asked = await rejectProposal(world.ground, world.act(), "#4", "late").catch((cause: unknown) => cause);
    expect(asked instanceof ToolError && [asked.code, asked.hints[0]]).toEqual([
      "gate.proposal.not_found",
      'Numbers are of pull requests on GitHub: GITHUB_TOKEN="$(gh auth token)" finds them',
    ]);
  });

  it("is listed and shown with who asked, who approved and what it waits for", async () => {
    const world = await makeGateWorld(["alice", "bob"], 2);
    const { proposal } = await world.promote("1.0.0");
    const list = await listProposals(world.ground, world.act());
    world.ground.schemas.check("gate-list-result.v1", list.result, "list");
    expect(list.result.proposals).toMatchObject([
      {
        proposal: { id: proposal.id, state: "open", title: "Promote notes 1.0.0 to stable" },
        verdict: { colour: "red" },
        approvals: { counted: [], needed: 1 },
      },
    ]);
    await sign(world, proposal.id, "bob");
    const open = await showProposal(world.ground, world.act(), proposal.id);
    world.ground.schemas.check("gate-show-result.v1", open.result, "show");
    expect(open.result).toMatchObject({ verdict: { colour: "green" }, approvals: { counted: [{ person: "bob" }] } });
    await merge(world, proposal.id);
    const merged = await showProposal(world.ground, world.act(), proposal.id);
    world.ground.schemas.check("gate-show-result.v1", merged.result, "show");
    expect(merged.result).toMatchObject({ proposal: { state: "in_force" }, decision: { grade: "signed" } });
    await decide(world, "2.0.0", "bob");
    expect((await showProposal(world.ground, world.act(), proposal.id)).result.proposal.state).toBe("earlier");
  });
});

describe("a proposal that is out of order", () => {
  it("may not stand under another's id", async () => {
    const world = await makeGateWorld();
    const { proposal } = await world.promote("1.0.0");
    orThrow(await sign(world, proposal.id, "alice"));
    hostile(world).move("waybill/proposal/prop_other", (await world.store.head(`waybill/proposal/${proposal.id}`))!);
    const answer = await merge(world, "prop_other");
    expect(isRefused(answer) && answer.refused[0].message).toContain("the branch of prop_other holds");
  });

  it("may not be merged over what changed since", async () => {
    const world = await makeGateWorld();
    const { proposal } = await world.promote("1.0.0");
    orThrow(await sign(world, proposal.id, "alice"));
    await hostile(world).put(DECISIONS, { [STABLE]: "{}\n" });
    const answer = await merge(world, proposal.id);
    expect(isRefused(answer) && answer.refused[0].message).toContain("has changed since this was proposed");
  });
});

describe("an approval", () => {
  it("is refused where it would not count", async () => {
    const world = await makeGateWorld(["alice", "bob", "carol"], 2);
    const { proposal } = await world.promote("1.0.0", { by: "alice" });
    for (const by of ["alice", "carol"])
      expect(codeOf(await sign(world, proposal.id, by))).toBe("gate.approve.refused");
    const stranger = { keys: keysWith(makeKey()), keyFile: null };
    expect(codeOf(await approveProposal(world.ground, world.act("bob"), proposal.id, stranger))).toBe(
      "gate.approve.refused",
    );
    const none = { keys: keysWith(null), keyFile: null };
    await expect(approveProposal(world.ground, world.act("bob"), proposal.id, none)).rejects.toMatchObject({
      code: "gate.approve.no_key",
    });
  });

  it("is of the bytes: an edit afterwards takes it away", async () => {
    const world = await makeGateWorld(["alice", "bob"], 2);
    const { proposal } = await world.promote("1.0.0");
    await sign(world, proposal.id, "bob");
    const [found] = await world.store.read((await world.store.head(`waybill/proposal/${proposal.id}`))!, [STABLE]);
    const text = found && "bytes" in found ? Buffer.from(found.bytes).toString() : "";
    await hostile(world).put(`waybill/proposal/${proposal.id}`, { [STABLE]: text.replace("1.0.0", "6.6.6") });
    const answer = await merge(world, proposal.id);
    expect(codeOf(answer)).toBe("gate.merge.refused");
    expect((await lookAt(world)).version).toBeNull();
  });

  it("of two people at once is on the proposal twice", async () => {
    const world = await makeGateWorld(["alice", "bob", "carol"], 3);
    const { proposal } = await world.promote("1.0.0");
    await Promise.all([sign(world, proposal.id, "bob"), sign(world, proposal.id, "carol")]);
    const { result } = await showProposal(world.ground, world.act(), proposal.id);
    expect(result.approvals?.counted.map(({ person }) => person).toSorted()).toEqual(["bob", "carol"]);
  });
});

describe("two proposals for one path", () => {
  it("end with the first merge: the other is superseded once, with the command to repeat it", async () => {
    const world = await makeGateWorld();
    const [first, second] = [await world.promote("1.0.0"), await world.promote("2.0.0")];
    await sign(world, first.proposal.id, "alice");
    await sign(world, second.proposal.id, "alice");
    const { synced } = orThrow(await merge(world, first.proposal.id));
    expect(synced?.superseded).toMatchObject([
      {
        id: second.proposal.id,
        winner: first.proposal.id,
        command: "dist release promote notes@2.0.0 --channel stable",
      },
    ]);
    await syncGate(world.ground, world.act());
    expect((await actions(world)).filter((action) => action === "promotion.superseded")).toHaveLength(1);
    await expect(merge(world, second.proposal.id)).rejects.toMatchObject({ code: "gate.proposal.closed" });
    const repeated = await world.promote("2.0.0");
    expect([repeated.created, repeated.document.from?.proposal_id]).toEqual([true, first.proposal.id]);
  });

  it("may be of different paths and are both merged", async () => {
    const world = await makeGateWorld();
    const [one, two] = [await world.promote("1.0.0"), await world.promote("1.0.0", { channel: "lts" })];
    for (const { proposal } of [one, two]) {
      await sign(world, proposal.id, "alice");
      orThrow(await merge(world, proposal.id));
    }
    const decisions = await loadDecisions(world.ground);
    expect(decisions.list("channels/").map(({ path }) => path)).toEqual(["channels/notes/lts.json", STABLE]);
    expect(decisions.dishonoured).toEqual([]);
  });
});

describe("init", () => {
  it("changes nothing the second time, and finishes what a crash left", async () => {
    const world = await makeGateWorld();
    const again = { founders: null, proof: "signed", tenantId: null, repoId: null, forgeRepositoryId: null } as const;
    const before = [await world.store.head(STATE), await world.store.head(DECISIONS)];
    const second = await initialise(world.ground, world.act(), again);
    expect(second).toMatchObject({
      created: [],
      state: { repo_id: "repo" },
      policy: { governance: { requester_may_approve: true } },
    });
    expect([await world.store.head(STATE), await world.store.head(DECISIONS)]).toEqual(before);
    world.repository.branches.delete(DECISIONS);
    for (const name of await world.ground.cache.names("")) await world.ground.cache.remove(name);
    const founders = [{ person: "bob", publicKey: makeKey().publicKey }] as const;
    const finished = await initialise(world.ground, world.act(), { ...again, founders });
    expect(finished).toMatchObject({ created: [DECISIONS], policy: { people: { bob: {} } } });
    expect((await loadDecisions(world.ground)).policy.document.repo_id).toBe("repo");
  });
});
