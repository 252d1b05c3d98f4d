import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planRetention, removableBytes, type RetentionView } from "../../../../src/distribution/core/retention.ts";
import type { ReleaseTombstoneV1, ReleaseV1 } from "../../../../src/schema/types.gen.ts";

const actor = { kind: "human", name: "ada", id: "ada", verified: false } as const;

function digest(n: number): string {
  return n.toString(16).padStart(64, "0");
}

function release(id: string, digests: readonly number[], status: ReleaseV1["status"] = "published"): ReleaseV1 {
  return {
    schema: "release.v1",
    id,
    app_id: "acme",
    version: `1.0.${id}`,
    build: null,
    channel: null,
    notes: null,
    created_by: actor,
    created_at: "2026-01-01T00:00:00Z",
    published_at: status === "published" ? "2026-01-01T00:00:00Z" : null,
    status,
    source: { repository: null, commit: null, run_url: null },
    forge: null,
    artifacts: digests.map((n, i) => ({
      id: `art_${id}_${i}`,
      app_id: "acme",
      release_id: id,
      platform: "generic",
      variant: null,
      filename: `file-${n}`,
      content_type: "application/zip",
      size_bytes: n + 1,
      sha256: digest(n),
      storage_key: `00/${digest(n)}`,
      metadata: {},
      validation_status: "passed",
    })),
  };
}

function tombstone(id: string, removed: readonly number[]): ReleaseTombstoneV1 {
  return {
    schema: "release-tombstone.v1",
    release_id: id,
    app_id: "acme",
    version: `1.0.${id}`,
    build: null,
    removed: removed.map(digest),
    retired_by: actor,
    retired_at: "2026-01-01T00:00:00Z",
  };
}

function view(parts: Partial<RetentionView>): RetentionView {
  return { releases: [], tombstones: [], channels: [], referenced: new Set(), ...parts };
}

function channel(name: string, keep: number | null, ...placed: readonly string[]) {
  return { app: "acme", name, keep, placed };
}

function goes(parts: Partial<RetentionView>): readonly string[] {
  return planRetention(view(parts)).retire.map(({ release: { id } }) => id);
}

const three = [release("a", [1]), release("b", [2]), release("c", [3])];

describe("retention", () => {
  it("keeps the last so many releases placed on a channel", () => {
    expect(goes({ releases: three, channels: [channel("stable", 2, "c", "b", "a")] })).toEqual(["a"]);
    expect(goes({ releases: three, channels: [channel("stable", 3, "c", "b", "a")] })).toEqual([]);
  });

  it("counts a release that was placed twice once, at its last placement", () => {
    expect(goes({ releases: three, channels: [channel("stable", 2, "a", "c", "b", "a")] })).toEqual(["b"]);
  });

  it("keeps what any other channel keeps, and everything of a channel without a number", () => {
    const stable = channel("stable", 1, "c", "b", "a");
    expect(goes({ releases: three, channels: [stable, channel("beta", 1, "a")] })).toEqual(["b"]);
    expect(goes({ releases: three, channels: [stable, channel("beta", null, "a", "b")] })).toEqual([]);
  });

  it("keeps what something refers to, and what never was on a channel", () => {
    const channels = [channel("stable", 1, "c", "b")];
    expect(goes({ releases: three, channels })).toEqual(["b"]);
    expect(goes({ releases: three, channels, referenced: new Set(["b"]) })).toEqual([]);
  });

  it("keeps drafts and lets go of what was given up", () => {
    expect(goes({ releases: [release("d", [4], "draft"), release("e", [5], "abandoned")] })).toEqual(["e"]);
  });

  it("retires a release once", () => {
    const channels = [channel("stable", 1, "c", "b", "a")];
    expect(goes({ releases: three, channels, tombstones: [tombstone("a", [1]), tombstone("b", [2])] })).toEqual([]);
  });

  it("gives up only digests that neither a kept release nor a draft has", () => {
    const releases = [release("a", [1, 2, 3]), release("b", [2]), release("d", [3], "draft")];
    const plan = planRetention(view({ releases, channels: [channel("stable", 1, "b", "a")] }));
    expect(plan.retire.map(({ removed }) => removed)).toEqual([[digest(1)]]);
    expect(plan.kept).toBe(1);
  });

  it("gives up a digest that two retired releases share", () => {
    const releases = [release("a", [1]), release("b", [1]), release("c", [2])];
    const plan = planRetention(view({ releases, channels: [channel("stable", 1, "c", "b", "a")] }));
    expect(plan.retire.map(({ removed }) => removed)).toEqual([[digest(1)], [digest(1)]]);
  });
});

describe("bytes to remove", () => {
  const releases = [release("a", [1, 2]), release("b", [2])];

  it("are those of tombstones", () => {
    expect(removableBytes(view({ releases, tombstones: [tombstone("a", [1])] }))).toEqual([
      { sha256: digest(1), sizeBytes: 2, filename: "file-1" },
    ]);
    expect(removableBytes(view({ releases }))).toEqual([]);
  });

  it("stay where a later release or draft has the digest again", () => {
    const later = [...releases, release("d", [1], "draft")];
    expect(removableBytes(view({ releases: later, tombstones: [tombstone("a", [1])] }))).toEqual([]);
  });

  it("stay where something refers to the retired release after all", () => {
    const referenced = new Set(["a"]);
    expect(removableBytes(view({ releases, tombstones: [tombstone("a", [1])], referenced }))).toEqual([]);
  });
});

const ids = ["a", "b", "c", "d", "e", "f"];
const anyView = fc.record({
  releases: fc.tuple(
    ...ids.map((id) =>
      fc
        .tuple(
          fc.array(fc.nat(6), { minLength: 1, maxLength: 3 }),
          fc.constantFrom<ReleaseV1["status"]>("published", "published", "draft", "abandoned"),
        )
        .map(([digests, status]) => release(id, digests, status)),
    ),
  ),
  tombstones: fc.uniqueArray(fc.constantFrom(...ids), { maxLength: 2 }),
  channels: fc.array(
    fc.record({
      keep: fc.option(fc.integer({ min: 1, max: 3 })),
      placed: fc.array(fc.constantFrom(...ids), { maxLength: 8 }),
    }),
    { maxLength: 3 },
  ),
  referenced: fc.uniqueArray(fc.constantFrom(...ids), { maxLength: 2 }),
});

describe("retention on any view", () => {
  it("never removes a digest that something kept, drafted or referred to has, and settles after one run", () => {
    fc.assert(
      fc.property(anyView, (made) => {
        const before: RetentionView = {
          releases: made.releases,
          tombstones: made.tombstones.map((id) => tombstone(id, [])),
          channels: made.channels.map(({ keep, placed }, i) => channel(`c${i}`, keep, ...placed)),
          referenced: new Set(made.referenced),
        };
        const { retire } = planRetention(before);
        const later = retire.map(({ release: { id }, removed }) => ({ ...tombstone(id, []), removed: [...removed] }));
        const after = { ...before, tombstones: [...before.tombstones, ...later] };
        const gone = new Set(after.tombstones.map(({ release_id }) => release_id));
        const removed = new Set(removableBytes(after).map(({ sha256 }) => sha256));
        const isSafe = ({ id, status }: ReleaseV1) =>
          before.referenced.has(id) || !gone.has(id) || (status === "draft" && !made.tombstones.includes(id));
        const lost = before.releases
          .filter(isSafe)
          .filter(({ artifacts }) => artifacts.some((row) => removed.has(row.sha256)));
        expect(lost).toEqual([]);
        expect(retire.filter(({ release: { id } }) => before.referenced.has(id))).toEqual([]);
        const alive = new Set(made.releases.flatMap((r) => (r.status === "published" ? [r.id] : [])));
        for (const id of made.tombstones) alive.delete(id);
        const last = before.channels.flatMap(({ placed }) => placed.find((id) => alive.has(id)) ?? []);
        expect(last.filter((id) => gone.has(id))).toEqual([]);
        expect(planRetention(after).retire).toEqual([]);
      }),
    );
  });
});
