import { describe, expect, it } from "vitest";
import { orThrow } from "../../../../src/kernel/errors.ts";
import { githubClient } from "../../../../src/platform/github/client.ts";
import { githubArtifactStore } from "../../../../src/platform/github/release-store.ts";
import { clientOf, githubPublishWorld } from "../../../support/github-publish.ts";
import { refusalOf } from "../../../support/publish-world.ts";

const TAG = "acme-notes-v1.4.0";
const where = { owner: "acme", repo: "notes" };

describe("before anything is written", () => {
  const nothing = async (world: Awaited<ReturnType<typeof githubPublishWorld>>, before: number) => {
    expect([world.releases().length, await world.commits()]).toEqual([0, before]);
  };

  it("a token that may not write, and none, refuse", async () => {
    const world = await githubPublishWorld();
    const before = await world.commits();
    const { github, repo } = world.acme;
    const reader = github.addAccount("dave");
    repo.roles.set(reader.id, "read");
    expect(refusalOf(await world.again({}, world.fresh(github.token(reader))))).toBe("forge.forbidden");
    await nothing(world, before);
    const { apiUrl, serverUrl } = github;
    const client = githubClient({ at: { ...where, apiUrl, serverUrl }, token: null, clock: world.clock });
    expect(refusalOf(await world.again({}, githubArtifactStore({ client, clock: world.clock })))).toBe(
      "forge.unauthorised",
    );
    await nothing(world, before);
  });

  it("a tag at another commit refuses; at this commit it is used", async () => {
    const world = await githubPublishWorld();
    const before = await world.commits();
    const tree = (await world.acme.repo.git(["rev-parse", `${world.acme.code}^{tree}`])).trim();
    const alice = clientOf(world.acme, world.acme.tokens.alice);
    const { data } = await alice.request("POST /repos/{owner}/{repo}/git/commits", {
      ...where,
      message: "other",
      tree,
    });
    await world.acme.repo.compareAndSwap(`refs/tags/${TAG}`, null, data.sha);
    expect(refusalOf(await world.again())).toBe("dist.release.tag_mismatch");
    await nothing(world, before);
    await world.acme.repo.compareAndSwap(`refs/tags/${TAG}`, data.sha, world.acme.code);
    expect(orThrow(await world.again()).result.outcome).toBe("created");
  });

  it("an annotated tag counts by its commit", async () => {
    const world = await githubPublishWorld();
    const { repo, code } = world.acme;
    const identity = ["-c", "user.name=A", "-c", "user.email=a@acme.example"];
    await repo.git([...identity, "tag", "-a", "-m", "one", TAG, code]);
    expect(orThrow(await world.again()).result.outcome).toBe("created");
  });

  it("a commit that GitHub does not have refuses when the tag would be made", async () => {
    const world = await githubPublishWorld();
    const source = { repository: "acme/notes", commit: "d".repeat(40), run_url: null };
    const path = world.build(
      { app: "acme-notes", version: "1.4.0", artifacts: [{ platform: "linux", path: "a.bin" }] },
      { "a.bin": "a" },
    );
    const done = world.tryPublish(path, { source }, { artifacts: world.fresh() });
    await expect(done).rejects.toMatchObject({ code: "dist.release.tag_mismatch" });
  });
});
