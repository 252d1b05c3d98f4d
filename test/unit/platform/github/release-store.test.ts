import { describe, expect, it } from "vitest";
import { describeArtifactStore } from "../../../contract/artifact-store.ts";
import { startAcme } from "../../../github/acme.ts";
import { githubPublishWorld, storeOf } from "../../../support/github-publish.ts";

describeArtifactStore("GitHub releases", async () => {
  const acme = await startAcme();
  return { store: storeOf(acme), remove: () => acme.github.stop() };
});

describe("publishing to GitHub", () => {
  it("makes one release with every file, its tag at the commit, and records where they lie", async () => {
    const world = await githubPublishWorld();
    const done = await world.again();
    expect(done).toMatchObject({ result: { outcome: "created" } });
    console.log(world.asked().join("\n"));
    console.log(world.said.join("\n"));
  });
});
