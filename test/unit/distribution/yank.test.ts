import { describe, expect, it } from "vitest";
import { abandon } from "../../../src/distribution/abandon.ts";
import { setChannel } from "../../../src/distribution/channel-set.ts";
import { promote } from "../../../src/distribution/promote.ts";
import { yank } from "../../../src/distribution/yank.ts";
import { ToolError, orThrow } from "../../../src/kernel/errors.ts";
import { APP, promoter, withdrawing, worldWith } from "../../support/moves.ts";
import { deskOf, refusalOf } from "../../support/publish-world.ts";

describe("yank", () => {
  it("withdraws by a decision: promotions refuse, and the reason is shown", async () => {
    const world = await worldWith(["1.0.0", "1.1.0"]);
    const wish = withdrawing(world, { replacement: "1.1.0" });
    const opened = orThrow(await yank(deskOf(world), wish));
    expect(opened.result).toMatchObject({
      status: "proposed",
      severity: "high",
      replacement: { version: "1.1.0" },
      channels: [],
    });
    expect(world.schemas.check("dist-release-yank-result.v1", opened.result, "result")).toBeTruthy();
    await world.merge(opened.result.proposal?.id ?? "");
    const refused = await promote(deskOf(world), promoter(world));
    expect(refused).toMatchObject({
      refused: [{ code: "release.yanked", message: `${APP} 1.0.0 is withdrawn: loses notes` }],
    });
    expect(orThrow(await yank(deskOf(world), wish)).result.status).toBe("unchanged");
    expect((await world.events()).some((event) => event.startsWith("release.yanked"))).toBe(true);
  });
});

describe("what a yank says of channels", () => {
  it("is refused where the release is on others by now", async () => {
    const world = await worldWith(["1.0.0"]);
    const opened = orThrow(await yank(deskOf(world), withdrawing(world)));
    await world.release("1.0.0", { channel: "internal" });
    await expect(world.merge(opened.result.proposal?.id ?? "")).rejects.toThrow(
      /is on no channel, and it is on internal/,
    );
    const again = orThrow(await yank(deskOf(world), withdrawing(world)));
    expect(again.result.channels).toEqual(["internal"]);
  });
});

describe("abandon", () => {
  it("gives up a draft, and never what is published", async () => {
    const world = await worldWith(["1.0.0"]);
    const broken = { ...world.artifacts, draft: () => Promise.reject(new ToolError("file.no_space", "full")) };
    const path = world.build({ app: APP, version: "2.0.0", artifacts: [{ platform: "linux", path: "acme.bin" }] });
    await expect(world.tryPublish(path, {}, { artifacts: broken })).rejects.toMatchObject({ code: "file.no_space" });
    const done = orThrow(await abandon(deskOf(world), { release: `${APP}@2.0.0`, app: undefined }));
    expect(done.result.changed).toBe(true);
    expect(orThrow(await abandon(deskOf(world), { release: `${APP}@2.0.0`, app: undefined })).result.changed).toBe(
      false,
    );
    expect(refusalOf(await abandon(deskOf(world), { release: `${APP}@1.0.0`, app: undefined }))).toBe(
      "dist.release.already_published",
    );
    expect((await world.publish(path)).result.outcome).toBe("created");
  });
});

describe("channel set", () => {
  it("proposes a policy that says so, and finds it unchanged afterwards", async () => {
    const world = await worldWith(["1.0.0"]);
    const wish = {
      app: APP,
      channel: "beta",
      rule: { mode: "auto" as const },
      reason: "faster",
      signer: () => Promise.resolve(world.key),
    };
    const opened = orThrow(await setChannel(deskOf(world), wish));
    expect(opened.result).toMatchObject({ status: "proposed", rule: { mode: "auto" } });
    await world.merge(opened.result.proposal?.id ?? "");
    expect(orThrow(await setChannel(deskOf(world), wish)).result.status).toBe("unchanged");
    expect(orThrow(await promote(deskOf(world), promoter(world, { channel: "beta" }))).result.status).toBe("promoted");
  });
});

describe("a withdrawn release", () => {
  it("is not brought to a channel by an old job that runs again", async () => {
    const world = await worldWith(["1.0.0"]);
    const opened = orThrow(await yank(deskOf(world), withdrawing(world)));
    await world.merge(opened.result.proposal?.id ?? "");
    const { result } = await world.release("1.0.0", { channel: "internal" });
    expect(result).toMatchObject({ outcome: "unmodified", commit: null, channels: [{ status: "refused" }] });
    const gated = await world.release("1.0.0", { channel: "stable" });
    expect(gated.result.channels).toMatchObject([{ status: "refused", proposal: null }]);
  });
});
