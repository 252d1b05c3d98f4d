import { describe, expect, it } from "vitest";
import { channelNow } from "../../../src/distribution/pointers.ts";
import { promote } from "../../../src/distribution/promote.ts";
import { ToolError, orThrow } from "../../../src/kernel/errors.ts";
import { commitFiles, printed } from "../../support/facts.ts";
import { APP, promoter, versionOn, worldWith } from "../../support/moves.ts";
import { decisionsOf, deskOf, refusalOf } from "../../support/publish-world.ts";

describe("promote", () => {
  it("moves an auto channel at once and the same again changes nothing", async () => {
    const world = await worldWith(["1.0.0", "1.1.0"]);
    const wish = promoter(world, { channel: "internal", reason: "try it" });
    const done = orThrow(await promote(deskOf(world), wish));
    expect(done.result).toMatchObject({ mode: "auto", status: "promoted", from: null, to: { version: "1.0.0" } });
    expect(world.schemas.check("dist-release-promote-result.v1", done.result, "result")).toBeTruthy();
    const again = orThrow(await promote(deskOf(world), wish));
    expect(again.result).toMatchObject({ status: "unchanged", commit: null });
    expect(await versionOn(world, "internal")).toBe("1.0.0");
  });

  it("moves a gated channel by the merge and by nothing else; the same request finds its proposal", async () => {
    const world = await worldWith(["1.0.0"]);
    const first = orThrow(await promote(deskOf(world), promoter(world)));
    expect(first.result).toMatchObject({ mode: "gated", status: "proposed", commit: null });
    expect(await versionOn(world, "stable")).toBeUndefined();
    const again = orThrow(await promote(deskOf(world), promoter(world)));
    expect(again.result).toMatchObject({ status: "waiting", proposal: { id: first.result.proposal?.id } });
    await world.merge(first.result.proposal?.id ?? "");
    expect(await versionOn(world, "stable")).toBe("1.0.0");
    expect(orThrow(await promote(deskOf(world), promoter(world))).result.status).toBe("unchanged");
    expect(await world.events()).toContain(`channel.promoted ${APP}/stable`);
  });

  it("does not believe a gated pointer that lies among facts", async () => {
    const world = await worldWith(["1.0.0", "1.1.0"], ["1.0.0"]);
    const pointer = (await channelNow(await world.facts(), await decisionsOf(world), APP, "stable")).pointer!;
    const { seen: _, state_seen: __, ...fact } = { ...pointer, version: "1.1.0" };
    await commitFiles(world.store, { [`dist/apps/${APP}/channels/stable.json`]: printed<"channel-pointer.v1">(fact) });
    expect(await versionOn(world, "stable")).toBe("1.0.0");
  });

  it("supersedes the second of two proposals from one pointer", async () => {
    const world = await worldWith(["1.0.0", "1.1.0"]);
    const one = orThrow(await promote(deskOf(world), promoter(world)));
    world.clock.advance(1000);
    const two = orThrow(await promote(deskOf(world), promoter(world, { release: `${APP}@1.1.0` })));
    await world.merge(one.result.proposal?.id ?? "");
    await expect(world.merge(two.result.proposal?.id ?? "")).rejects.toBeInstanceOf(ToolError);
    expect(await versionOn(world, "stable")).toBe("1.0.0");
  });

  it.each([
    ["a release that is not there", { release: `${APP}@9.9.9` }, "release.not_found"],
    ["an app that is not there", { release: "acme-note@1.0.0" }, "app.not_found"],
    ["an app that is a path", { release: "../x@1.0.0" }, "app.not_found"],
    ["half a percent", { rollout: 0.5 }, "usage.invalid_argument"],
    ["a channel in capitals", { channel: "Stable" }, "usage.invalid_argument"],
    ["a reason of two lines", { reason: "a\nb" }, "usage.invalid_argument"],
  ])("refuses %s", async (_, more, code) => {
    const world = await worldWith(["1.0.0"]);
    expect(refusalOf(await promote(deskOf(world), promoter(world, more)))).toBe(code);
  });

  it("refuses a release that was never published", async () => {
    const world = await worldWith(["1.0.0"]);
    const broken = { ...world.artifacts, draft: () => Promise.reject(new ToolError("file.no_space", "full")) };
    const path = world.build({ app: APP, version: "2.0.0", artifacts: [{ platform: "linux", path: "acme.bin" }] });
    await expect(world.tryPublish(path, {}, { artifacts: broken })).rejects.toMatchObject({ code: "file.no_space" });
    const wish = promoter(world, { release: `${APP}@2.0.0` });
    expect(refusalOf(await promote(deskOf(world), wish))).toBe("release.not_published");
  });

  it("refuses a release whose document was rewritten after a channel was pointed at it", async () => {
    const world = await worldWith(["1.0.0", "1.1.0"], ["1.0.0"]);
    const key = { app: APP, folder: "1.0", name: "1.0.0" };
    const release = await (await world.facts()).find("release.v1", key);
    await commitFiles(world.store, {
      [`dist/apps/${APP}/releases/1.0/1.0.0.json`]: printed({ ...release!, notes: "other" }),
    });
    for (const channel of ["stable", "internal"])
      expect(refusalOf(await promote(deskOf(world), promoter(world, { channel })))).toBe("release.digest_mismatch");
  });

  it("takes back to an earlier release only as a rollback", async () => {
    const world = await worldWith(["1.0.0", "1.1.0"], ["1.0.0", "1.1.0"]);
    const refused = await promote(deskOf(world), promoter(world));
    expect(refused).toMatchObject({
      refused: [{ code: "channel.policy.denied", data: { channel: "stable" } }],
    });
  });

  it("takes an auto channel back only as a rollback", async () => {
    const world = await worldWith(["1.0.0", "1.1.0"]);
    for (const version of ["1.0.0", "1.1.0"]) {
      world.clock.advance(1000);
      orThrow(await promote(deskOf(world), promoter(world, { release: `${APP}@${version}`, channel: "internal" })));
    }
    const back = await promote(deskOf(world), promoter(world, { channel: "internal" }));
    expect(refusalOf(back)).toBe("channel.policy.denied");
    expect(await versionOn(world, "internal")).toBe("1.1.0");
  });
});
