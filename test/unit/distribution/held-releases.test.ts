import { describe, expect, it } from "vitest";
import type { RetentionView } from "../../../src/distribution/core/retention.ts";
import { heldToDrop } from "../../../src/distribution/held-releases.ts";
import type { HeldRelease } from "../../../src/ports/artifact-store.ts";
import type { ReleaseV1 } from "../../../src/schema/types.gen.ts";

const AT = "2026-03-03T12:00:00Z";

function held(id: string, more: Partial<HeldRelease> = {}): HeldRelease {
  return { ref: "7", id, tag: "t", state: "draft", createdAt: "2026-03-01T12:00:00Z", sizeBytes: 5, ...more };
}

function release(id: string, more: Partial<ReleaseV1> = {}): ReleaseV1 {
  const row = { sha256: id.padEnd(64, "0"), filename: `${id}.zip`, size_bytes: 5, release_id: id, app_id: "acme" };
  return {
    schema: "release.v1",
    id,
    app_id: "acme",
    version: "1.0.0",
    build: null,
    channel: null,
    notes: null,
    created_by: { kind: "human", name: "alice", id: "a", verified: false },
    created_at: AT,
    published_at: null,
    status: "draft",
    source: { repository: null, commit: null, run_url: null },
    forge: { release_id: "7", tag: "t" },
    artifacts: [
      {
        ...row,
        id: "art_1",
        platform: "linux",
        variant: null,
        content_type: "application/zip",
        storage_key: "x",
        metadata: {},
        validation_status: "passed",
      },
    ],
    ...more,
  };
}

function view(
  releases: readonly ReleaseV1[],
  retired: readonly string[] = [],
  referenced: readonly string[] = [],
): RetentionView {
  const tombstones = releases
    .filter(({ id }) => retired.includes(id))
    .map(({ id, artifacts }) => ({ release_id: id, removed: artifacts.map(({ sha256 }) => sha256) }));
  return { releases, tombstones, channels: [], referenced: new Set(referenced) };
}

const refs = (releases: readonly HeldRelease[]) => releases.map(({ ref }) => ref);

describe("what a forge holds in vain", () => {
  it("is a draft of a release that is given up, forgotten, or has another draft", () => {
    const abandoned = release("rel_a", { status: "abandoned" });
    const other = release("rel_b", { forge: { release_id: "8", tag: "t" } });
    const drafts = [held("rel_a"), held("rel_b"), held("rel_gone")];
    for (const draft of drafts) expect(refs(heldToDrop([draft], view([abandoned, other]), AT).drafts)).toEqual(["7"]);
  });

  it("is no draft that an intent refers to or may be about to, and none of the last day", () => {
    const recorded = release("rel_a");
    const fresh = release("rel_b", { forge: null });
    const drafts = [held("rel_a"), held("rel_b"), held("rel_gone", { createdAt: "2026-03-02T12:00:01Z" })];
    expect(heldToDrop(drafts, view([recorded, fresh]), AT).drafts).toEqual([]);
  });

  it("is a published release that is retired, where it is the recorded one and nothing needs it", () => {
    const published = { status: "published", published_at: AT } as const;
    const one = release("rel_a", published);
    const shown = held("rel_a", { state: "published" });
    const going = heldToDrop([shown], view([one], ["rel_a"]), AT);
    expect([refs(going.published), going.bytes.map(({ filename }) => filename)]).toEqual([["7"], ["rel_a.zip"]]);
    const kept = [
      heldToDrop([shown], view([one]), AT),
      heldToDrop([shown], view([one], ["rel_a"], ["rel_a"]), AT),
      heldToDrop([{ ...shown, ref: "9" }], view([one], ["rel_a"]), AT),
      heldToDrop([{ ...shown, tag: "u" }], view([one], ["rel_a"]), AT),
      heldToDrop([shown], view([release("rel_a", { status: "abandoned" })], ["rel_a"]), AT),
      heldToDrop([held("rel_x", { state: "published" })], view([one], ["rel_a"]), AT),
    ];
    for (const { drafts, published: gone, bytes } of kept) expect([drafts, gone, bytes]).toEqual([[], [], []]);
  });
});
