import { describe, expect, it, vi } from "vitest";
import { systemClock } from "../../src/platform/clock.ts";
import { mergeAs, openPull } from "../github/people.ts";
import { asBob, expectNotHonoured, freezeNow, promoted, rowOf } from "../support/github-decisions.ts";
import { at, type Line, makeStage, promotion, proposalOf, publish } from "../support/github-stage.ts";

describe("a runner whose clock is off by a day", () => {
  const DAY_MS = 86_400_000;

  /** Does something while this machine's clock is off; the forge's own clock is not. */
  async function off<T>(ms: number, work: () => Promise<T>): Promise<T> {
    const clock = vi.spyOn(systemClock, "now").mockImplementation(() => new Date(Date.now() + ms));
    try {
      return await work();
    } finally {
      clock.mockRestore();
    }
  }

  it("comes to the same verdicts, and can neither open nor close a freeze window", async () => {
    const stage = await makeStage();
    const { acme } = stage;
    await publish(stage, "1.0.0");
    await publish(stage, "2.0.0");
    const early = proposalOf(await off(-DAY_MS, () => stage.alice.sure(promotion("1.0.0"), 3)));
    await asBob(stage, early.number);
    await off(DAY_MS, () => stage.bob.sure(["waybill", "gate", "merge", early.id]));

    const window = await freezeNow(stage);
    await asBob(stage, window.number);
    await stage.bob.sure(["waybill", "gate", "merge", window.id]);
    const late = proposalOf(await off(DAY_MS, () => stage.alice.sure(promotion("2.0.0"), 3)));
    await asBob(stage, late.number);
    const seen: unknown[] = [];
    for (const ms of [0, -DAY_MS, DAY_MS]) {
      const shown = await off(ms, () => stage.seat(acme.tokens.carol).sure(["waybill", "gate", "show", late.id]));
      seen.push(at(shown, "result", "verdict"));
      expect(rowOf(shown, "freeze")).toMatchObject({ status: "wait" });
      expect(await off(ms, () => stage.bob.type("waybill", "gate", "merge", late.id))).toMatchObject({ exit: 3 });
    }
    expect(seen).toEqual([seen[0], seen[0], seen[0]]);

    const merged = await mergeAs(acme.github, acme.repo, late.number, acme.people.alice);
    await off(DAY_MS, () => stage.job().sure(["waybill", "gate", "sync"]));
    for (const ms of [DAY_MS, -DAY_MS]) {
      const listed = await off(ms, () =>
        stage.seat(acme.tokens.carol).sure(["dist", "channel", "list", "--app", "acme-notes"]),
      );
      expect(at(listed, "result", "channels")).toMatchObject([{ version: "1.0.0" }]);
    }
    const commit = String(merged.fields["sha"]);
    await expectNotHonoured(stage, { commit, condition: "freeze", says: /a freeze window is on/, version: "1.0.0" });
  });
});

describe("a repository that has the branches of another", () => {
  it("is written to by no command, whether it is a fork or registered the name again; a renamed one goes on", async () => {
    const stage = await makeStage();
    const { acme } = stage;
    const { github, repo } = acme;
    await publish(stage, "1.0.0");
    const proposal = proposalOf(await stage.alice.sure(promotion("1.0.0"), 3));
    repo.name = "memo";
    const again = await github.addRepository({ owner: repo.owner, name: "notes", forkOf: repo });
    const dave = github.addAccount("dave");
    const fork = await github.addRepository({ owner: dave, name: "notes", forkOf: repo });
    for (const [id, role] of repo.roles) again.roles.set(id, role);
    for (const [server, token, copy] of [
      ["acme/notes", acme.tokens.alice, again],
      ["dave/notes", github.token(dave), fork],
    ] as const) {
      const seat = stage.seat(token, { DIST_SERVER: server });
      await seat.sure(["waybill", "keys", "new", "alice", "--no-passphrase"]);
      const before = await copy.refs();
      const lines: readonly Line[] = [
        ["dist", "ci", "publish", "--manifest", stage.build(seat.machine, "1.1.0", "internal")],
        promotion("1.0.0"),
        ["dist", "release", "yank", "acme-notes@1.0.0", "--reason", "no"],
        ["waybill", "gate", "open", "policy", "--min-approvals", "2", "--reason", "no"],
        ["waybill", "gate", "sync"],
        ["waybill", "gate", "approve", proposal.id],
        ["waybill", "gate", "merge", proposal.id],
        ["waybill", "gate", "reject", proposal.id, "--reason", "no"],
        ["dist", "app", "create", "other", "--name", "Other"],
        ["dist", "channel", "hold", "internal", "--app", "acme-notes", "--reason", "no"],
      ];
      for (const line of lines) {
        const answer = await seat.type(...line);
        expect([server, line.slice(0, 4), at(answer, "error", "code")]).toEqual([
          server,
          line.slice(0, 4),
          "scope.foreign",
        ]);
      }
      expect(await copy.refs()).toEqual(before);
      const { releases, pulls } = copy.features;
      expect([releases.all, pulls.all]).toEqual([[], []]);
    }
    const moved = stage.seat(acme.tokens.alice, { DIST_SERVER: "acme/memo" });
    const line = ["dist", "ci", "publish", "--manifest", stage.build(moved.machine, "1.1.0")] as const;
    await moved.sure(line);
  });
});

describe("a pull request of a fork with the commits of a proposal", () => {
  it("does not take the verdict of that proposal away", async () => {
    const stage = await makeStage();
    const { acme, carol } = stage;
    await publish(stage, "1.0.0");
    const proposal = await promoted(stage);
    const dave = acme.github.addAccount("dave");
    await acme.github.addRepository({ owner: dave, name: "notes", forkOf: acme.repo });
    const head = `dave:waybill/proposal/${proposal.id}`;
    await openPull(acme.github, acme.repo, dave, { head, base: "waybill/decisions" });
    await asBob(stage, proposal.number);
    for (const _ of [1, 2]) await stage.job().sure(["waybill", "gate", "sync"]);
    expect(rowOf(await carol.sure(["waybill", "gate", "show", proposal.id]), "origin")).toMatchObject({ status: "ok" });
    // A status belongs to a commit, whichever pull request it is in.
    const { pulls, statuses } = acme.repo.features;
    expect(statuses.of(pulls.get(proposal.number)!.headSha).map(({ state }) => state)).toEqual(["success", "pending"]);
  });
});
