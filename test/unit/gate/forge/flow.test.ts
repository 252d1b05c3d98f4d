import { describe, expect, it } from "vitest";
import { isRefused, orThrow, ToolError } from "../../../../src/kernel/errors.ts";
import { approveProposal } from "../../../../src/gate/review/approve.ts";
import { listProposals } from "../../../../src/gate/review/list.ts";
import { rejectProposal } from "../../../../src/gate/review/reject.ts";
import { rejectResult, syncResult } from "../../../../src/gate/results.ts";
import { showProposal } from "../../../../src/gate/review/show.ts";
import { evidenceKey } from "../../../../src/gate/documents.ts";
import { DECISIONS, STATE } from "../../../../src/state/branches.ts";
import { openState } from "../../../../src/state/transact.ts";
import { makeForgeWorld } from "../../../support/forge-world.ts";
import { keysWith } from "../../../support/gate-world.ts";
import { merge, sign } from "../../../support/gate-steps.ts";

describe("a proposal on a forge", () => {
  it("is a pull request with a page and a first status, and the same request finds it", async () => {
    const world = await makeForgeWorld();
    const first = await world.promote("1.0.0");
    expect(first).toMatchObject({ created: true, notOpened: null, proposal: { number: 1 } });
    expect(first.proposal.url).toContain("/pull/1");
    const pull = world.github.pull(first.proposal.id);
    expect(pull.page?.title).toBe("Promote notes 1.0.0 to stable");
    expect(pull.statuses).toMatchObject([{ state: "pending" }]);
    const again = await world.promote("1.0.0");
    expect([again.created, again.proposal.number, world.github.pulls.length]).toEqual([false, 1, 1]);
    expect(pull.statuses).toHaveLength(1);
  });

  it("that the forge does not permit is a pushed branch with a link, and is opened when it may be", async () => {
    const world = await makeForgeWorld();
    world.github.faults.mayOpen = false;
    const first = await world.promote("1.0.0");
    expect(first.notOpened).toMatchObject({ why: { code: "forge.pull_request.not_permitted" } });
    expect(first.notOpened?.compareUrl).toContain(`compare/waybill/decisions...waybill/proposal/${first.proposal.id}`);
    expect(first.verdict.rules).toContainEqual(expect.objectContaining({ rule: "origin", status: "wait" }));
    const shown = await showProposal(world.ground, world.act(), first.proposal.id);
    world.ground.schemas.check("gate-show-result.v1", shown.result, "show");
    expect(shown.result.proposal.not_opened?.compare_url).toBe(first.notOpened?.compareUrl);
    const waits = await merge(world, first.proposal.id);
    expect(isRefused(waits) && waits.refused[0].hints[0]).toBe(first.notOpened?.compareUrl);
    const again = await world.promote("1.0.0");
    expect([again.created, again.notOpened === null]).toEqual([false, false]);
    world.github.faults.mayOpen = true;
    await world.sync();
    expect(world.github.pull(first.proposal.id).statuses).toHaveLength(1);
  });

  it("is approved by review, merged by the tool, proven, and its branch removed; doing it again changes nothing", async () => {
    const world = await makeForgeWorld();
    const { proposal } = await world.promote("1.0.0");
    const waiting = await merge(world, proposal.id);
    expect(isRefused(waiting) && waiting.refused[0].code).toBe("gate.merge.waiting");
    expect(isRefused(waiting) && waiting.refused[0].hints[0]).toBe(proposal.url);
    const keyless = approveProposal(world.ground, world.act("bob"), "1", { keys: keysWith(null), keyFile: null });
    const said = await keyless.catch((cause: unknown) =>
      cause instanceof ToolError ? [cause.code, cause.hints[0]] : cause,
    );
    expect(said).toEqual(["gate.approve.no_key", `Approve it without a key, by a review of its head: ${proposal.url}`]);
    await world.github.review(1, world.bob);
    const merged = orThrow(await merge(world, "1"));
    expect(merged.decision).toMatchObject({ grade: "recorded", approvers: ["bob"], selfApproved: false });
    expect(merged.synced).toMatchObject({ alarms: [], unknown: [], finished: [proposal.id] });
    expect(await world.version()).toBe("1.0.0");
    const evidence = await (await openState(world.ground)).find("decision-evidence.v1", evidenceKey(proposal.id));
    expect(evidence).toMatchObject({
      pull_request: 1,
      forge_repository_id: 81,
      merged_by: { id: "101", verified: true },
      approvals: [{ person: "bob", id: "102", login: "bob", method: "review", commit: proposal.head }],
      requesters: ["alice"],
      requester_verified: true,
    });
    const before = [await world.store.head(STATE), await world.store.head(DECISIONS)];
    const again = await world.sync();
    expect(again).toMatchObject({ recorded: [], alarms: [], unknown: [], warnings: [] });
    expect(orThrow(await merge(world, proposal.id)).created).toBe(false);
    expect([await world.store.head(STATE), await world.store.head(DECISIONS)]).toEqual(before);
  });

  it("is as good when a person merges it on the forge, once gate sync has run", async () => {
    const world = await makeForgeWorld();
    const { proposal } = await world.promote("1.0.0");
    await world.github.review(1, world.bob);
    await world.github.mergeInUi(1, world.carol);
    expect(await world.fates()).toEqual(["pending proof"]);
    const { result } = await syncResult({ ground: world.ground, act: world.act(), dryRun: false });
    world.ground.schemas.check("gate-sync-result.v1", result, "sync");
    expect(result.recorded).toMatchObject([{ proposal_id: proposal.id, title: "Promote notes 1.0.0 to stable" }]);
    expect([await world.version(), await world.fates()]).toEqual(["1.0.0", []]);
  });

  it("adds signatures and reviews up, and counts a person once", async () => {
    const world = await makeForgeWorld({ defaults: { min_approvals: 2, requester_may_approve: false } });
    const { proposal } = await world.promote("1.0.0");
    orThrow(await sign(world, proposal.id, "bob"));
    await world.github.review(1, world.bob);
    const shown = (await showProposal(world.ground, world.act(), "1")).result;
    expect(shown.approvals).toMatchObject({ needed: 2, counted: [{ person: "bob", method: "signature" }] });
    await world.github.review(1, world.carol);
    const merged = orThrow(await merge(world, proposal.id));
    expect(merged.decision).toMatchObject({ grade: "recorded", approvers: ["bob", "carol"] });
    expect(await world.version()).toBe("1.0.0");
  });

  it("that asks for signatures counts no review and no signature of who opened the pull request", async () => {
    const world = await makeForgeWorld({ defaults: { proof: "signed" } });
    world.github.token = world.bob;
    const { proposal } = await world.promote("1.0.0");
    orThrow(await sign(world, proposal.id, "carol"));
    await world.github.review(1, world.bob);
    const waits = (await showProposal(world.ground, world.act(), "1")).result;
    expect(waits.approvals).toMatchObject({ counted: [{ person: "carol" }], requesters: ["alice", "bob"] });
    expect(waits.approvals?.not_counted).toEqual([
      { who: "bob", why: "approved by review, and policy asks for a signature" },
    ]);
    expect(waits.verdict?.colour).toBe("green");
  });

  it("is listed and shown with number and address, and rejected by number with a comment", async () => {
    const world = await makeForgeWorld();
    const { proposal } = await world.promote("1.0.0");
    const list = await listProposals(world.ground, world.act());
    world.ground.schemas.check("gate-list-result.v1", list.result, "list");
    expect(list.result.proposals).toMatchObject([{ proposal: { id: proposal.id, number: 1, url: proposal.url } }]);
    const shown = await showProposal(world.ground, world.act(), "#1");
    world.ground.schemas.check("gate-show-result.v1", shown.result, "show");
    const run = { ground: world.ground, act: world.act(), dryRun: false };
    expect((await rejectResult(run, "1", "wrong build @everyone #1")).result.proposal_id).toBe(proposal.id);
    expect(world.github.pull(1)).toMatchObject({ state: "closed", comments: [{ event: "rejected" }] });
    expect(await world.store.head(`waybill/proposal/${proposal.id}`)).toBeNull();
    await expect(merge(world, "1")).rejects.toMatchObject({ code: "gate.proposal.closed" });
    await expect(merge(world, "1")).rejects.toThrow(/was rejected: wrong build/);
  });

  it("of strangers is closed by its number, with a comment", async () => {
    const world = await makeForgeWorld();
    await world.promote("1.0.0");
    await world.github.openByHand("feature", world.github.pull(1).head, world.mallory, 4242);
    await rejectProposal(world.ground, world.act(), "2", "not ours");
    expect(world.github.pull(2)).toMatchObject({ state: "closed", comments: [{ event: "rejected" }] });
    expect(world.github.pull(1).state).toBe("open");
  });

  it("that lost is told so with winner and command, closed, and its branch removed", async () => {
    const world = await makeForgeWorld();
    const [first, second] = [await world.promote("1.0.0"), await world.promote("2.0.0")];
    await world.github.review(1, world.bob);
    await world.github.review(2, world.bob);
    const { synced } = orThrow(await merge(world, first.proposal.id));
    expect(synced?.superseded).toMatchObject([{ id: second.proposal.id, winner: first.proposal.id }]);
    const pull = world.github.pull(2);
    expect(pull.comments.map(({ event }) => event)).toEqual(["superseded"]);
    expect(pull.comments[0]?.text).toContain("#1");
    expect(pull.comments[0]?.text).toContain("dist release promote notes@2.0.0 --channel stable");
    expect([pull.state, pull.statuses.at(-1)?.state]).toEqual(["closed", "failure"]);
    await expect(merge(world, "2")).rejects.toMatchObject({ code: "gate.proposal.closed" });
    await expect(merge(world, "2")).rejects.toThrow(`was superseded: ${first.proposal.id} was merged first`);
  });

  it("that a person closed on the forge is rejected", async () => {
    const world = await makeForgeWorld();
    const { proposal } = await world.promote("1.0.0");
    world.github.pull(1).state = "closed";
    expect((await world.sync()).finished).toEqual([proposal.id]);
    await expect(showProposal(world.ground, world.act(), proposal.id)).rejects.toMatchObject({
      code: "gate.proposal.closed",
    });
  });

  it("gets a new status when a freeze window ends, and no second one while nothing changes", async () => {
    const window = { kind: "exclude", from: "2026-01-05T10:00:00Z", to: "2026-01-05T12:00:00Z", tz: "UTC" } as const;
    const world = await makeForgeWorld({ defaults: { freeze: [window] } });
    await world.promote("1.0.0");
    await world.github.review(1, world.bob);
    await world.sync();
    await world.sync();
    world.pass(60);
    await world.sync();
    expect(world.github.pull(1).statuses.map(({ state }) => state)).toEqual(["pending", "pending", "success"]);
  });
});
