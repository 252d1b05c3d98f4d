import { describe, expect, it } from "vitest";
import { promote } from "../../../src/distribution/promote.ts";
import { rollback } from "../../../src/distribution/rollback.ts";
import { yank } from "../../../src/distribution/yank.ts";
import { orThrow } from "../../../src/kernel/errors.ts";
import { APP, automation, backwards, promoter, versionOn, withdrawing, worldWith } from "../../support/moves.ts";
import { deskOf, refusalOf } from "../../support/publish-world.ts";

describe("rollback", () => {
  it("goes to the previous release, sets a hold, and says what clients do", async () => {
    const world = await worldWith(["1.0.0", "1.1.0", "1.2.0"], ["1.0.0", "1.1.0"]);
    const preview = orThrow(await rollback(deskOf(world), backwards(world, { preview: true })));
    expect(preview.result).toMatchObject({
      status: "preview",
      from: { version: "1.1.0" },
      to: { version: "1.0.0" },
      proposal: null,
    });
    expect(preview.result.consequences).toMatchObject([{ platform: "linux", new_clients_get: "1.0.0" }]);
    expect(world.schemas.check("dist-release-rollback-result.v1", preview.result, "result")).toBeTruthy();
    const opened = orThrow(await rollback(deskOf(world), backwards(world)));
    expect(opened.result.status).toBe("proposed");
    await world.merge(opened.result.proposal?.id ?? "");
    expect(await versionOn(world, "stable")).toBe("1.0.0");
    expect(await world.events()).toContain(`channel.rolled_back ${APP}/stable`);
    const robotWish = promoter(world, { release: `${APP}@1.2.0`, signer: () => Promise.resolve(null) });
    expect(refusalOf(await promote(automation(world), robotWish))).toBe("channel.held");
  });

  it("does not go further back when the same request runs again", async () => {
    const world = await worldWith(["1.0.0", "1.1.0", "1.2.0"], ["1.0.0", "1.1.0", "1.2.0"]);
    const opened = orThrow(await rollback(deskOf(world), backwards(world)));
    expect(orThrow(await rollback(deskOf(world), backwards(world))).result).toMatchObject({
      status: "waiting",
      proposal: { id: opened.result.proposal?.id },
    });
    await world.merge(opened.result.proposal?.id ?? "");
    expect(orThrow(await rollback(deskOf(world), backwards(world))).result.status).toBe("unchanged");
    world.clock.advance(1000);
    const further = orThrow(await rollback(deskOf(world), backwards(world, { reason: "that one crashes too" })));
    expect(further.result.to.version).toBe("1.0.0");
  });

  it("skips a yanked release, and refuses it by name", async () => {
    const world = await worldWith(["1.0.0", "1.1.0", "1.2.0"], ["1.0.0", "1.1.0", "1.2.0"]);
    const withdrawn = orThrow(await yank(deskOf(world), withdrawing(world, { release: `${APP}@1.1.0` })));
    await world.merge(withdrawn.result.proposal?.id ?? "");
    const preview = orThrow(await rollback(deskOf(world), backwards(world, { preview: true })));
    expect(preview.result.to.version).toBe("1.0.0");
    expect(refusalOf(await rollback(deskOf(world), backwards(world, { to: "1.1.0" })))).toBe("release.yanked");
  });

  it.each([
    ["a channel with one release", ["1.0.0"], {}, "rollback.no_previous"],
    ["a channel that points nowhere", [], {}, "rollback.no_previous"],
    ["a release that was never there", ["1.0.0", "1.1.0"], { to: "1.2.0" }, "rollback.not_earlier"],
    ["a channel that nobody knows", [], { channel: "stabel" }, "channel.not_found"],
  ])("refuses for %s", async (_, on, more, code) => {
    const world = await worldWith(["1.0.0", "1.1.0", "1.2.0"], on);
    // A channel exists when policy names it.
    await world.policy((policy) => ({ apps: { ...policy.apps, [APP]: { channels: { stable: {} } } } }));
    expect(refusalOf(await rollback(deskOf(world), backwards(world, more)))).toBe(code);
  });

  it("walks back step by step on an auto channel and ends at the first release", async () => {
    const world = await worldWith(["1.0.0", "1.1.0", "1.2.0"]);
    for (const version of ["1.0.0", "1.1.0", "1.2.0"]) {
      world.clock.advance(1000);
      orThrow(await promote(deskOf(world), promoter(world, { release: `${APP}@${version}`, channel: "internal" })));
    }
    const seen: string[] = [];
    for (const reason of ["first", "second"]) {
      world.clock.advance(1000);
      seen.push(
        orThrow(await rollback(deskOf(world), backwards(world, { channel: "internal", reason }))).result.to.version,
      );
    }
    expect(seen).toEqual(["1.1.0", "1.0.0"]);
    expect(refusalOf(await rollback(deskOf(world), backwards(world, { channel: "internal", reason: "third" })))).toBe(
      "rollback.no_previous",
    );
  });
});
