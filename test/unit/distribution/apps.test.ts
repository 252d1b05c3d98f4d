import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRefused, orThrow } from "../../../src/kernel/errors.ts";
import { createApp, planAppSet, setApp } from "../../../src/distribution/apps.ts";
import { planAbandon } from "../../../src/distribution/abandon.ts";
import { planHold, planUnhold } from "../../../src/distribution/hold.ts";
import { type AppChange, newApp } from "../../../src/distribution/core/app-plan.ts";
import { PLATFORMS } from "../../../src/distribution/core/platform.ts";
import { testAct } from "../../support/git-repo.ts";
import { alice, deskOf, publishWorld, refusalOf } from "../../support/publish-world.ts";
import { releaseDocument } from "../../support/facts.ts";

describe("apps", () => {
  it("are made once: the same again changes nothing, another one of that slug is refused", async () => {
    const world = await publishWorld();
    const change: AppChange = { displayName: "Acme Notes", bundleIds: new Map([["ios", "com.acme.notes"]]) };
    const made = orThrow(await createApp(deskOf(world), "acme-notes", change));
    expect(made).toMatchObject({
      changed: true,
      app: {
        id: "acme-notes",
        visibility: "private",
        ios_mode: "artifact_only",
        bundle_ids: { ios: "com.acme.notes" },
      },
    });
    expect(orThrow(await createApp(deskOf(world), "acme-notes", change))).toMatchObject({
      changed: false,
      commit: null,
    });
    expect(refusalOf(await createApp(deskOf(world), "acme-notes", { displayName: "Other" }))).toBe("app.exists");
    expect(await world.events()).toContain("app.created acme-notes");
  });

  it("change what is said and nothing else, with an event", async () => {
    const world = await publishWorld();
    orThrow(
      await createApp(deskOf(world), "acme-notes", {
        bundleIds: new Map([
          ["ios", "a"],
          ["macos", "b"],
        ]),
      }),
    );
    world.clock.advance(60_000);
    const set = orThrow(
      await setApp(deskOf(world), "acme-notes", { bundleIds: new Map([["ios", null]]), visibility: "public" }),
    );
    expect(set.app).toMatchObject({
      visibility: "public",
      bundle_ids: { macos: "b" },
      created_at: "2026-11-19T11:40:00Z",
      updated_at: "2026-11-19T11:41:00Z",
    });
    expect(orThrow(await setApp(deskOf(world), "acme-notes", { visibility: "public" })).commit).toBeNull();
    expect(await world.events()).toContain("app.updated acme-notes");
  });

  it.each([
    ["an unknown app", "acme-note", {}, "app.not_found"],
    ["TestFlight without a link", "acme-notes", { iosMode: "testflight" }, "dist.ios.mode_unavailable"],
    ["enterprise without a bundle id", "acme-notes", { iosMode: "enterprise" }, "dist.ios.mode_unavailable"],
    [
      "a link that is not TestFlight's",
      "acme-notes",
      { testflightUrl: "https://example.com" },
      "usage.invalid_argument",
    ],
    ["a name of two lines", "acme-notes", { displayName: "a\nb" }, "usage.invalid_argument"],
  ] as const)("refuse %s", async (_, slug, change, code) => {
    const world = await publishWorld();
    orThrow(await createApp(deskOf(world), "acme-notes", {}));
    expect(refusalOf(await setApp(deskOf(world), slug, change))).toBe(code);
  });

  it.each(["Acme", "-a", "a/b", "con", "create", "a".repeat(64), ""])("refuse the slug %j", async (slug) => {
    const world = await publishWorld();
    expect(refusalOf(await createApp(deskOf(world), slug, {}))).toBe("usage.invalid_argument");
  });
});

describe("a plan applied twice", () => {
  const act = testAct("plan");

  it("changes an app once", () => {
    const change = fc.record(
      {
        displayName: fc.stringMatching(/^[a-z ]{1,10}$/),
        visibility: fc.constantFrom("public", "unlisted", "private"),
        platforms: fc.uniqueArray(fc.constantFrom(...PLATFORMS)),
        bundleIds: fc
          .array(fc.tuple(fc.constantFrom(...PLATFORMS), fc.option(fc.stringMatching(/^[a-z.]{1,8}$/))))
          .map((pairs) => new Map(pairs)),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(change, (asked) => {
        const once = planAppSet(newApp("acme", {}, act), asked, act);
        const twice = isRefused(once) ? once : planAppSet(once.result.app, asked, act);
        expect(isRefused(twice) || twice.writes.length === 0).toBe(true);
      }),
    );
  });

  it("holds, lets go and abandons once", () => {
    const key = { app: "acme", channel: "stable" };
    const found = { schema: "channel-hold.v1", ...key, reason: "why", held_by: alice, held_at: act.at } as const;
    expect(planHold(undefined, key, "why", act).writes.map(({ name }) => name)).toEqual(["channel-hold.v1"]);
    expect(planHold(found, key, "why", act).writes).toEqual([]);
    expect(planUnhold(found, key).writes.map(({ document }) => document)).toEqual([null]);
    expect(planUnhold(undefined, key).writes).toEqual([]);
    const draft = releaseDocument("acme", "1.0.0", { status: "draft" });
    const once = orThrow(planAbandon(draft));
    expect(orThrow(planAbandon(once.result.release)).writes).toEqual([]);
  });
});
