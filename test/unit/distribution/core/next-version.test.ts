import { describe, expect, it } from "vitest";
import { nextVersion } from "../../../../src/distribution/core/next-version.ts";

describe("the next version", () => {
  it("is the next build where builds count, else the last number plus one", () => {
    const next = (version: string, build: string | null = null) => nextVersion({ version, build });
    expect([next("1.4.0", "412"), next("1.4.0"), next("1.4.9-rc1"), next("2026.11", "abc"), next("one")]).toEqual([
      "1.4.0 (413)",
      "1.4.1",
      "1.4.9-rc2",
      "2026.12",
      "one.1",
    ]);
  });
});
