import { describe, expect, it } from "vitest";
import { draftsStale } from "../../../../src/distribution/doctor/drafts-stale.ts";
import type { ReleaseV1 } from "../../../../src/schema/types.gen.ts";
import { containing, examineBy } from "../../../support/examine.ts";
import { appWrite, readingWorld, releaseOf, releaseWrite } from "../../../support/reading-world.ts";

async function found(more: Partial<ReleaseV1>) {
  const world = await readingWorld();
  await world.write([appWrite("acme-notes"), releaseWrite(releaseOf("1.4.1", { build: "420", ...more }))]);
  return examineBy(draftsStale, world);
}

describe("drafts.stale", () => {
  it("leaves alone what is published, given up or just begun", async () => {
    expect(await found({})).toEqual([]);
    expect(await found({ status: "abandoned" })).toEqual([]);
    expect(await found({ status: "draft", created_at: "2026-11-19T10:40:00Z" })).toEqual([]);
  });

  it("warns of a publish that was begun an hour ago and left", async () => {
    const [draft] = await found({ status: "draft", created_at: "2026-11-19T10:39:59Z" });
    expect(draft).toMatchObject({ status: "warn", fix: containing("abandon acme-notes@1.4.1+420") });
  });
});
