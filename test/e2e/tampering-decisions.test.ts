import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorOf, expectFound, expectKept, stableOf, verify, warningsOf } from "../support/tampering-checks.ts";
import { changePolicy, DECISIONS, makeTemplate, proposalsOf, stageFrom } from "../support/tampering-stage.ts";
import {
  changeProposal,
  expectDishonoured,
  mergeByHand,
  mergeIn,
  POINTER as pointer,
} from "../support/tampering-steps.ts";

let template: Awaited<ReturnType<typeof makeTemplate>>;
beforeAll(async () => {
  template = await makeTemplate();
}, 120_000);
afterAll(() => template.remove());

const dishonoured = "gate.decision.dishonoured";

describe("a gated pointer moved with plain git", () => {
  it("by a push", async () => {
    const stage = stageFrom(template);
    const proposal = stage.proposal();
    const text = stage.git("show", `waybill/proposal/${proposal}:${pointer}`);
    const commit = stage.push(DECISIONS, (clone) => clone.write(pointer, `${text}\n`));
    await expectDishonoured(stage, commit, "shape");
  });

  it("by a merge without a signature; a promotion that replaces it recovers the channel", async () => {
    const stage = stageFrom(template);
    const commit = mergeByHand(stage, stage.proposal());
    await expectDishonoured(stage, commit, "approvals");
    const proposed = await stage.ask(
      "alice",
      "dist",
      "release",
      "promote",
      "acme@1.1.0",
      "--channel",
      "stable",
      "--reason",
      "again",
    );
    expect([proposed["exit"], warningsOf(proposed)]).toEqual([3, [dishonoured]]);
    const proposal = proposalsOf(stage).find(
      (id) =>
        !stage.git("log", "-1", "--format=%B", commit).includes(id) &&
        stage.git("show", `waybill/proposal/${id}:${pointer}`).includes('"replaces"'),
    );
    await stage.sure("bob", "waybill", "gate", "approve", proposal!);
    await stage.sure("bob", "waybill", "gate", "merge", proposal!);
    const list = await stage.ask("bob", "dist", "channel", "list", "--app", "acme");
    expect([stableOf(list)["version"], warningsOf(list)]).toEqual(["1.1.0", []]);
    // History keeps what was done.
    await expectFound(stage, { rule: "decision.conforming", commit, path: pointer });
  });

  it("by a fast-forward to the head of the proposal, though it is signed", async () => {
    const stage = stageFrom(template);
    const proposal = stage.proposal();
    await stage.sure("bob", "waybill", "gate", "approve", proposal);
    // The signature came in a commit after that of the decision.
    const signed = mergeByHand(stage, proposal, "--ff-only");
    await expectDishonoured(stage, stage.git("rev-parse", `${signed}^`), "shape");
  });

  it("by a squash merge, though it is signed", async () => {
    const stage = stageFrom(template);
    const proposal = stage.proposal();
    await stage.sure("bob", "waybill", "gate", "approve", proposal);
    const commit = stage.push(DECISIONS, (clone) => mergeIn(clone, proposal, "--squash"));
    await expectDishonoured(stage, commit, "shape");
  });

  it("by a revert of the last merge", async () => {
    const stage = stageFrom(template);
    const commit = stage.push(DECISIONS, (clone) => clone.git("revert", "--no-edit", "--mainline", "1", "HEAD"), {
      commit: false,
    });
    await expectDishonoured(stage, commit, "shape");
  });

  it("by a merge that brings another file", async () => {
    const stage = stageFrom(template);
    const proposal = stage.proposal();
    await stage.sure("bob", "waybill", "gate", "approve", proposal);
    changeProposal(stage, proposal, (clone) => clone.write("channels/acme/beta.json", "{}\n"));
    const refused = await stage.ask("bob", "waybill", "gate", "merge", proposal);
    expect([refused["exit"], errorOf(refused)["code"]]).toEqual([1, "gate.merge.refused"]);
    await expectDishonoured(stage, mergeByHand(stage, proposal), "shape", "channels/acme/beta.json");
  });

  it("by a merge that changes another file than the proposal did", async () => {
    const stage = stageFrom(template);
    const proposal = stage.proposal();
    await stage.sure("bob", "waybill", "gate", "approve", proposal);
    const commit = stage.push(DECISIONS, (clone) => {
      mergeIn(clone, proposal, "--no-ff", "--no-commit");
      clone.write("README.md", "Nothing to see here\n");
    });
    await expectDishonoured(stage, commit, "shape");
  });

  it("by a proposal that was edited after its approval", async () => {
    const stage = stageFrom(template);
    const proposal = stage.proposal();
    await stage.sure("bob", "waybill", "gate", "approve", proposal);
    changeProposal(stage, proposal, (clone) =>
      clone.edit(pointer, (text) => text.replace('"rollout_percent": 100', '"rollout_percent": 1')),
    );
    await expectDishonoured(stage, mergeByHand(stage, proposal), "shape");
  });

  it("inside a freeze window, though it is signed", async () => {
    const stage = stageFrom(template);
    const proposal = stage.proposal();
    await changePolicy(stage, "alice", (policy) => ({
      ...policy,
      apps: {
        acme: {
          channels: {
            stable: { mode: "gated", freeze: [{ kind: "exclude", cron: "0 0 * * *", minutes: 1440, tz: "UTC" }] },
          },
        },
      },
    }));
    await stage.sure("bob", "waybill", "gate", "approve", proposal);
    const refused = await stage.ask("bob", "waybill", "gate", "merge", proposal);
    expect([refused["exit"], errorOf(refused)["code"]]).toEqual([3, "gate.merge.waiting"]);
    await expectDishonoured(stage, mergeByHand(stage, proposal), "freeze");
  });

  it("with a tag and branches of the same names elsewhere", async () => {
    const stage = stageFrom(template);
    const git = (...argv: string[]) => stage.git(...argv);
    const evil = git("commit-tree", git("rev-parse", `${DECISIONS}^{tree}`), "-m", "evil");
    for (const name of ["waybill/state", "waybill/decisions", "heads/waybill/decisions", "refs/heads/waybill/state"])
      git("update-ref", `refs/tags/${name}`, evil);
    git("update-ref", "refs/heads/refs/heads/waybill/decisions", evil);
    git("update-ref", "refs/replace/".concat(git("rev-parse", "refs/heads/waybill/decisions")), evil);
    const answer = await verify(stage, "bob");
    expect([answer["exit"], errorOf(answer)]).toEqual([0, {}]);
    await expectKept(stage, null);
  });
});
