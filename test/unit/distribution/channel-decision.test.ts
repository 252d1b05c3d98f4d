import { describe, expect, it } from "vitest";
import { orThrow } from "../../../src/kernel/errors.ts";
import { channelDecision } from "../../../src/distribution/channel-decision.ts";
import { releaseAt } from "../../../src/distribution/pointers.ts";
import { yank } from "../../../src/distribution/yank.ts";
import { mergeProposal } from "../../../src/gate/review/merge.ts";
import { propose } from "../../../src/gate/propose/propose.ts";
import type { GitStore } from "../../../src/ports/git-store.ts";
import type { Signer } from "../../../src/ports/signer.ts";
import type { ChannelPointerV1 } from "../../../src/schema/types.gen.ts";
import { commitFiles, printed } from "../../support/facts.ts";
import { APP, withdrawing, worldWith } from "../../support/moves.ts";
import { alice, deskOf, type PublishWorld, robot } from "../../support/publish-world.ts";

/** Proposes a pointer as somebody might write it by hand, and answers its verdict. */
async function byHand(
  world: PublishWorld,
  version: string,
  more: Partial<ChannelPointerV1>,
  from: string | null,
  actor = alice,
  signer: Signer | null = world.key,
) {
  world.clock.advance(1000);
  const known = await releaseAt(await world.facts(), APP, version, null);
  const before = from === null ? null : await releaseAt(await world.facts(), APP, from, null);
  const opened = orThrow(
    await propose(world.ground, world.acts.begin(actor, "test"), {
      kind: channelDecision,
      key: { app: APP, channel: "stable" },
      reason: "by hand",
      signer,
      draft: (header) =>
        Promise.resolve({
          ...header,
          schema: "channel-pointer.v1",
          from: header.from === null ? null : { ...header.from, release_id: before?.release.id ?? "rel_none" },
          seen: { validation: { pending: 0, passed: 0, failed: 0, warning: 0, skipped: 1 }, source: null },
          app: APP,
          channel: "stable",
          kind: "promotion",
          release_id: known!.release.id,
          version,
          build: null,
          release_digest: known!.digest,
          rollout_percent: 100,
          ...more,
        }),
    }),
  );
  return opened;
}

type Opened = Awaited<ReturnType<typeof byHand>>;

/** Rules that refuse, with their words. */
function refusals({ verdict }: Opened): readonly string[] {
  return verdict.rules.filter(({ status }) => status === "refuse").map(({ rule, message }) => `${rule}: ${message}`);
}

describe("a channel decision written by hand", () => {
  it("waits for nothing but people when it says what is so", async () => {
    const world = await worldWith(["1.0.0", "1.1.0"], ["1.0.0"]);
    const opened = await byHand(world, "1.1.0", {}, "1.0.0");
    expect(refusals(opened)).toEqual([]);
    await world.merge(opened.proposal.id);
  });

  it.each([
    ["calls a move forward a rollback", "1.2.0", { kind: "rollback" }, "1.1.0", /no rollback/],
    ["calls a move back a promotion", "1.0.0", { kind: "promotion" }, "1.1.0", /is a rollback and no promotion/],
    ["comes from another release", "1.2.0", {}, "1.0.0", /from names another release/],
    ["goes back to other bytes", "1.0.0", { kind: "rollback", release_digest: "0".repeat(64) }, "1.1.0", /other bytes/],
    ["names other bytes", "1.2.0", { release_digest: "0".repeat(64) }, "1.1.0", /is not the one/],
    ["names another id", "1.2.0", { release_id: "rel_other" }, "1.1.0", /is not the one/],
    [
      "saw another validation",
      "1.2.0",
      { seen: { validation: { pending: 0, passed: 9, failed: 0, warning: 0, skipped: 0 }, source: null } },
      "1.1.0",
      /validation is another/,
    ],
    [
      "brings a failed artifact to a strict channel",
      "1.2.0",
      { seen: { validation: { pending: 0, passed: 0, failed: 1, warning: 0, skipped: 0 }, source: null } },
      "1.1.0",
      /strict refuses/,
    ],
  ] as const)("is refused when it %s", async (_, version, more, from, expected) => {
    const world = await worldWith(["1.0.0", "1.1.0", "1.2.0"], ["1.0.0", "1.1.0"]);
    const opened = await byHand(world, version, more, from);
    expect(refusals(opened).join("; ")).toMatch(expected);
    await expect(world.merge(opened.proposal.id)).rejects.toThrow(/prop_/);
  });

  it("is refused when its target was withdrawn", async () => {
    const world = await worldWith(["1.0.0", "1.1.0"], ["1.0.0", "1.1.0"]);
    const withdrawn = orThrow(await yank(deskOf(world), withdrawing(world)));
    await world.merge(withdrawn.result.proposal?.id ?? "");
    expect(refusals(await byHand(world, "1.0.0", { kind: "rollback" }, "1.1.0")).join("; ")).toMatch(
      /release: 1\.0\.0 is withdrawn/,
    );
  });

  it("is refused when it claims a longer soak than there was", async () => {
    const world = await worldWith(["1.0.0"]);
    const rule = { stable: { soak: { source: "internal", minutes: 60 } } };
    await world.policy(() => ({ apps: { [APP]: { channels: rule } } }));
    await world.release("1.0.0", { channel: "internal" });
    const validation = { pending: 0, passed: 0, failed: 0, warning: 0, skipped: 1 };
    const claim = (since: string) => ({ seen: { validation, source: { channel: "internal", since } } });
    const opened = await byHand(world, "1.0.0", claim("2026-11-01T00:00:00Z"), null);
    expect(refusals(opened).join("; ")).toMatch(/later than it says/);
    const elsewhere = {
      rollout_percent: 50,
      seen: { validation, source: { channel: "nightly", since: "2026-11-01T00:00:00Z" } },
    };
    expect(refusals(await byHand(world, "1.0.0", elsewhere, null)).join("; ")).toMatch(/soak on internal/);
  });

  it("is refused when the pointer of its soak was dated back, or brought by a commit that was", async () => {
    const world = await worldWith(["1.0.0"]);
    const rule = { stable: { soak: { source: "internal", minutes: 60 } } };
    await world.policy(() => ({ apps: { [APP]: { channels: rule } } }));
    await world.release("1.0.0", { channel: "internal" });
    const path = `dist/apps/${APP}/channels/internal.json`;
    const facts = await world.facts();
    const pointer = await facts.find("channel-pointer.v1", { app: APP, channel: "internal" });
    const since = "2026-11-01T00:00:00Z";
    const backdated = { ...pointer!, proposal_id: "prop_backdated", requested_at: since };
    const tip = await commitFiles(world.store, { [path]: printed(backdated) });
    const validation = { pending: 0, passed: 0, failed: 0, warning: 0, skipped: 1 };
    const claim = { seen: { validation, source: { channel: "internal", since } } };
    expect(refusals(await byHand(world, "1.0.0", claim, null)).join("; ")).toMatch(/later than it says/);
    const log: GitStore["log"] = async function* (from, to) {
      for await (const commit of world.store.log(from, to))
        yield commit.commit === tip ? { ...commit, at: since } : commit;
    };
    const told = { ...world, ground: { ...world.ground, store: { ...world.store, log } } };
    expect(refusals(await byHand(told, "1.0.0", claim, null)).join("; ")).toMatch(/later than it says/);
  });

  it("is refused for an auto channel, and for one that inherits from a laxer one", async () => {
    const world = await worldWith(["1.0.0"]);
    await world.policy((policy) => ({
      apps: { [APP]: { channels: { stable: { mode: "auto" } } } },
      defaults: policy.defaults,
    }));
    expect(refusals(await byHand(world, "1.0.0", {}, null)).join("; ")).toMatch(/moved by facts/);
  });

  it("is refused for automation under the hold of a rollback, and taken from a person", async () => {
    const world = await worldWith(["1.0.0", "1.1.0"], ["1.0.0", "1.1.0"]);
    const back = await byHand(world, "1.0.0", { kind: "rollback" }, "1.1.0");
    await world.merge(back.proposal.id);
    expect(refusals(await byHand(world, "1.1.0", {}, "1.0.0", robot)).join("; ")).toMatch(
      /^hold: automation may not move/,
    );
    const claimed = await byHand(world, "1.1.0", { rollout_percent: 20 }, "1.0.0", alice, null);
    expect(refusals(claimed).join("; ")).toMatch(/^hold: automation may not move/);
    const asked = await byHand(world, "1.1.0", { rollout_percent: 50 }, "1.0.0");
    await world.merge(asked.proposal.id);
  });

  it("leaves its event once, however often it is derived", async () => {
    const world = await worldWith(["1.0.0"], ["1.0.0"]);
    const opened = await byHand(world, "1.0.0", { rollout_percent: 10 }, "1.0.0");
    await world.merge(opened.proposal.id);
    orThrow(await mergeProposal(world.ground, world.acts.begin(alice, "test"), opened.proposal.id));
    const moves = (await world.events()).filter((event) => event.startsWith("channel.promoted"));
    expect(moves).toHaveLength(2);
  });
});
