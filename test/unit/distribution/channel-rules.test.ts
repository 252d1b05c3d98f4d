import { describe, expect, it } from "vitest";
import type { PolicyV1 } from "../../../src/schema/types.gen.ts";
import { hold, unhold } from "../../../src/distribution/hold.ts";
import { promote } from "../../../src/distribution/promote.ts";
import { rollback } from "../../../src/distribution/rollback.ts";
import { orThrow } from "../../../src/kernel/errors.ts";
import { APP, automation, backwards, promoter, versionOn, worldWith } from "../../support/moves.ts";
import { deskOf, refusalOf, robot } from "../../support/publish-world.ts";

describe("soak, freeze and hold", () => {
  const rule = (more: object) => (policy: PolicyV1) => ({
    apps: { [APP]: { channels: { beta: { mode: "auto" as const }, stable: more } } },
    defaults: policy.defaults,
  });

  it("asks for the time on the source channel, also of a person", async () => {
    const world = await worldWith(["1.0.0"]);
    await world.policy(rule({ soak: { source: "beta", minutes: 60 } }));
    const none = orThrow(await promote(deskOf(world, { dryRun: true }), promoter(world)));
    expect(none.result.verdict?.rules).toContainEqual({
      rule: "soak",
      status: "wait",
      message: "the release is not on beta",
    });
    orThrow(await promote(deskOf(world), promoter(world, { channel: "beta" })));
    world.clock.advance(30 * 60_000);
    const early = orThrow(await promote(deskOf(world), promoter(world)));
    expect(early.result.verdict?.rules.find(({ rule: name }) => name === "soak")?.status).toBe("wait");
    await expect(world.merge(early.result.proposal?.id ?? "")).rejects.toMatchObject({ code: "gate.merge.waiting" });
    world.clock.advance(30 * 60_000);
    await world.merge(early.result.proposal?.id ?? "");
    expect(await versionOn(world, "stable")).toBe("1.0.0");
  });

  it("waits in a freeze window, also for a person, but not for a rollback", async () => {
    const world = await worldWith(["1.0.0", "1.1.0", "1.2.0"], ["1.0.0", "1.1.0"]);
    const freeze = [{ kind: "exclude", from: "2026-11-01T00:00:00Z", to: "2026-12-01T00:00:00Z", tz: "UTC" }];
    await world.policy(rule({ freeze }));
    const frozen = orThrow(await promote(deskOf(world), promoter(world, { release: `${APP}@1.2.0` })));
    expect(frozen.result.verdict).toMatchObject({ colour: "red" });
    expect(frozen.result.verdict?.rules.find(({ rule: name }) => name === "freeze")?.status).toBe("wait");
    const back = orThrow(await rollback(deskOf(world), backwards(world)));
    await world.merge(back.result.proposal?.id ?? "");
    expect(await versionOn(world, "stable")).toBe("1.0.0");
  });

  it("stops automation where a hold was set, until it is lifted, and never a rollback", async () => {
    const world = await worldWith(["1.0.0", "1.1.0", "1.2.0"]);
    for (const version of ["1.0.0", "1.1.0"]) {
      world.clock.advance(1000);
      orThrow(await promote(deskOf(world), promoter(world, { release: `${APP}@${version}`, channel: "internal" })));
    }
    const key = { app: APP, channel: "internal" };
    expect(orThrow(await hold(deskOf(world), key, "incident 12")).result.changed).toBe(true);
    expect(orThrow(await hold(deskOf(world), key, "again")).result).toMatchObject({ changed: false, commit: null });
    const wish = promoter(world, { release: `${APP}@1.2.0`, channel: "internal" });
    expect(refusalOf(await promote(automation(world), wish))).toBe("channel.held");
    const { result } = await world.publish(
      world.build(
        { app: APP, version: "2.0.0", channel: "internal", artifacts: [{ platform: "linux", path: "acme.bin" }] },
        { "acme.bin": "2" },
      ),
      {},
      { caller: { token: undefined, actor: robot } },
    );
    expect(result).toMatchObject({ outcome: "created", channels: [{ status: "refused" }] });
    expect(orThrow(await rollback(automation(world), backwards(world, { channel: "internal" }))).result.status).toBe(
      "rolled_back",
    );
    orThrow(await unhold(deskOf(world), key));
    // The rollback holds too, and lifting the fact does not lift that.
    expect(refusalOf(await promote(automation(world), wish))).toBe("channel.held");
    expect(orThrow(await promote(deskOf(world), wish)).result.status).toBe("promoted");
    expect(await world.events()).toEqual(
      expect.arrayContaining([`channel.held ${APP}/internal`, `channel.unheld ${APP}/internal`]),
    );
  });

  it("turns the verdict red for a promotion that automation requested while a gated channel is held", async () => {
    const world = await worldWith(["1.0.0"], ["1.0.0"]);
    await world.release("1.1.0");
    orThrow(await hold(deskOf(world), { app: APP, channel: "stable" }, "incident 12"));
    const wish = promoter(world, { release: `${APP}@1.1.0`, signer: () => Promise.resolve(null) });
    const asked = orThrow(await promote(automation(world), wish));
    expect(
      asked.result.verdict?.rules.filter(({ rule: name }) => name === "hold").map(({ status }) => status),
    ).toContain("refuse");
  });
});
