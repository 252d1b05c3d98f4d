import { describe, expect, it } from "vitest";
import { publishScreen } from "../../../cli/screens/publish.ts";
import type { DistPublishResultV1 } from "../../../src/schema/types.gen.ts";

const URL = "https://github.com/acme/notes/releases/tag/acme-notes-v1.4.0";

function published(url: string | null): DistPublishResultV1 {
  return {
    schema: "dist-publish-result.v1",
    planned: false,
    app: "acme-notes",
    app_created: false,
    outcome: "created",
    release: {
      id: "rel_6v2m9qk4t8xz",
      version: "1.4.0",
      build: null,
      tag: "acme-notes-v1.4.0",
      published_at: "2026-11-18T14:02:00Z",
      url,
    },
    artifacts: [],
    channels: [],
    pages: [],
    feeds: [],
    commit: null,
    took_ms: 31_000,
  };
}

describe("dist ci publish", () => {
  it("says where the release stands on a forge, and nothing of it elsewhere", () => {
    const labels = (url: string | null) =>
      publishScreen(published(url), new Date("2026-11-18T14:02:31Z")).blocks.flatMap((block) =>
        block.kind === "line" ? [[block.label, block.parts.at(-1)]] : [],
      );
    expect(labels(URL)).toEqual([
      ["Published", "rel_6v2m9qk4t8xz"],
      ["Release", URL],
    ]);
    expect(labels(null)).toEqual([["Published", "rel_6v2m9qk4t8xz"]]);
  });
});
