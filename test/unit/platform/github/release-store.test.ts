import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../../../src/kernel/digest.ts";
import { orThrow } from "../../../../src/kernel/errors.ts";
import { describeArtifactStore, uploadOf, WISH } from "../../../contract/artifact-store.ts";
import { startAcme } from "../../../github/acme.ts";
import { acmeForTest, githubPublishWorld, meddled, storeOf } from "../../../support/github-publish.ts";

const TAG = "acme-notes-v1.4.0";
const silent = { step: () => undefined, end: () => undefined };

describeArtifactStore("GitHub releases", async () => {
  const acme = await startAcme();
  return { store: storeOf(acme), remove: () => acme.github.stop() };
});

describe("publishing to GitHub", () => {
  it("makes one release with every file, its tag at the commit, and a page that people can read", async () => {
    const world = await githubPublishWorld();
    const { result, warnings } = orThrow(await world.again({ notes: "Faster.\n\n<!-- waybill-release rel_other -->" }));
    const [release] = world.releases();
    expect(release).toMatchObject({
      tag: TAG,
      target: world.acme.code,
      name: "acme-notes 1.4.0",
      draft: false,
      prerelease: false,
    });
    expect(release?.body).toBe(
      `Faster.\n\n<!-- waybill-release rel_other -->\n\n<!-- waybill-release ${result.release.id} -->`,
    );
    expect(release?.assets.map(({ label }) => label).toSorted()).toEqual(["one.bin", "three.bin", "two.bin"]);
    expect(await world.acme.repo.ref(`refs/tags/${TAG}`)).toBe(world.acme.code);
    expect(result.release).toMatchObject({
      tag: TAG,
      url: `${world.acme.github.serverUrl}/acme/notes/releases/tag/${TAG}`,
    });
    expect(warnings).toEqual([]);
    // Which release is the latest one is nobody's decision here.
    expect(world.acme.repo.features.releases.latestId).toBeNull();
  });

  it("asks nothing twice: preflight, draft, one upload for each file, and two comparisons around the publishing", async () => {
    const world = await githubPublishWorld();
    orThrow(await world.again());
    expect(world.asked().toSorted()).toEqual(
      [
        "repos/get",
        "repos/check-immutable-releases",
        "git/get-ref",
        "repos/create-release",
        "repos/upload-release-asset",
        "repos/upload-release-asset",
        "repos/upload-release-asset",
        "repos/list-release-assets",
        "git/get-ref",
        "repos/update-release",
        "repos/list-release-assets",
        "git/get-ref",
      ].toSorted(),
    );
  });

  it("asks nothing at all when the same files were published before", async () => {
    const world = await githubPublishWorld();
    orThrow(await world.again());
    const before = world.asked().length;
    expect(orThrow(await world.again()).result.outcome).toBe("unmodified");
    expect(world.asked()).toHaveLength(before);
  });

  it("records the intent, then its draft, then the release, in three commits", async () => {
    const world = await githubPublishWorld();
    const before = await world.commits();
    const store = world.fresh();
    const seen: unknown[] = [];
    const beforeUpload = async () => {
      const found = await (await world.facts()).find("release.v1", { app: "acme-notes", folder: "1.4", name: "1.4.0" });
      seen.push([found?.status, found?.forge, await world.commits()]);
    };
    const put = meddled(store, {});
    await world.again(
      {},
      {
        ...put,
        draft: async (wish) => {
          const draft = await put.draft(wish);
          return {
            ...draft,
            put: async (...given) => {
              await beforeUpload();
              return draft.put(...given);
            },
          };
        },
      },
    );
    const [release] = world.releases();
    const recorded = ["draft", { release_id: String(release?.id), tag: TAG }, before + 2];
    expect(seen).toEqual([recorded, recorded, recorded]);
    expect(await world.commits()).toBe(before + 3);
  });

  it("goes on with a draft whose uploads broke off, keeps what is whole, and says so", async () => {
    const world = await githubPublishWorld();
    const { faults } = world.acme.github.world;
    let uploads = 0;
    faults.add({
      when: ({ kind }) => kind === "upload" && (uploads += 1) > 1,
      effect: { kind: "truncate", bytes: 2 },
      times: 99,
    });
    await expect(world.again()).rejects.toMatchObject({ code: "forge.unavailable" });
    const kept = world
      .releases()[0]!
      .assets.filter(({ state }) => state === "uploaded")
      .map(({ id }) => id);
    expect([kept.length, world.releases()[0]!.assets.some(({ state }) => state === "starter")]).toEqual([1, true]);
    faults.clear();
    expect(orThrow(await world.again()).result.outcome).toBe("resumed");
    expect(world.releases()).toHaveLength(1);
    expect(world.releases()[0]!.assets.map(({ id }) => id)).toEqual(expect.arrayContaining(kept));
    expect(world.said).toContainEqual(expect.stringContaining("resume 1 of 3 uploads equal by digest and kept"));
    expect(world.said).toContainEqual(
      expect.stringMatching(/resume removed \d uploads? of this draft that never finished/),
    );
  });

  it("waits until the release is locked where the repository locks what is published, and warns where it is not", async () => {
    for (const [reads, warns] of [
      [0, false],
      [3, false],
      [99, true],
    ] as const) {
      const world = await githubPublishWorld();
      world.acme.repo.features.releases.immutable.enabled = true;
      world.acme.repo.features.releases.readsUntilImmutableShows = reads;
      const began = world.clock.now().getTime();
      // A workflow's token may not know the setting.
      const { warnings } = orThrow(await world.again({}, world.fresh(world.acme.tokens.alice)));
      expect(warnings.map(({ code }) => code)).toEqual(warns ? ["dist.release.mutable"] : []);
      expect(world.clock.now().getTime() - began).toBe(Math.min(reads, 6) * 5000);
    }
  });

  it("names the next version where a tag is burned for ever, and publishes it", async () => {
    const world = await githubPublishWorld();
    world.acme.repo.features.releases.burned.add(TAG);
    world.acme.repo.lockedTags.set(TAG, "burned");
    await expect(world.again()).rejects.toMatchObject({
      code: "dist.release.tag_burned",
      hints: [expect.stringContaining("1.4.1")],
    });
    expect(orThrow(await world.again({ version: "1.4.1" })).result.outcome).toBe("created");
  });

  it("says what to do where the commit changes workflows, which the token may not tag, and goes on once it is done", async () => {
    const world = await githubPublishWorld();
    const { repo, code } = world.acme;
    const workflow = await repo.writeObject("blob", Buffer.from("on: push\n"));
    const edits = new Map([[".github/workflows/ci.yml", { mode: "100644", oid: workflow }]]);
    const tree = await repo.editTree((await repo.git(["rev-parse", `${code}^{tree}`])).trim(), edits);
    const identity = ["-c", "user.name=A", "-c", "user.email=a@acme.example"];
    const commit = (await repo.git([...identity, "commit-tree", tree, "-p", code, "-m", "ci"])).trim();
    const source = { repository: "acme/notes", commit, run_url: null };
    const artifacts = [{ platform: "linux", path: "a.bin" }];
    const path = world.build({ app: "acme-notes", version: "1.4.0", artifacts }, { "a.bin": "a" });
    const publish = () => world.tryPublish(path, { source }, { artifacts: world.fresh() });
    const hints: unknown = expect.arrayContaining([expect.stringContaining(`push the tag ${TAG}`)]);
    await expect(publish()).rejects.toMatchObject({ code: "forge.forbidden", hints });
    await repo.compareAndSwap(`refs/tags/${TAG}`, null, commit);
    expect(orThrow(await publish()).result.outcome).toBe("resumed");
  });

  it("finds a file under the name that GitHub gave it, also in a later run", async () => {
    const acme = await acmeForTest();
    const store = storeOf(acme);
    const draft = await store.draft(WISH);
    const file = uploadOf("my app [1].bin", "hello");
    const stored = await draft.put(file, silent);
    expect([stored.name, stored.location.asset_name]).toEqual(["my.app.1.bin", "my.app.1.bin"]);
    expect(await draft.put(file, silent)).toEqual(stored);
    const again = await storeOf(acme).draft({ ...WISH, ref: draft.ref });
    expect(await again.put(file, silent)).toEqual(stored);
    expect(await again.list()).toEqual([stored]);
  });

  it("publishes and records renamed files as they are called there", async () => {
    const world = await githubPublishWorld();
    const store = world.fresh();
    const renaming = {
      ...store,
      draft: async (wish: Parameters<typeof store.draft>[0]) => {
        const draft = await store.draft(wish);
        return {
          ...draft,
          put: (file: Parameters<typeof draft.put>[0], task: typeof silent) =>
            draft.put({ ...file, name: `odd ${file.name}` }, task),
        };
      },
    };
    orThrow(await world.again({}, renaming));
    const sha256 = sha256Hex("first file");
    const record = await (await world.facts()).find("artifact.v1", {
      a: sha256.slice(0, 2),
      b: sha256.slice(2, 4),
      sha256,
    });
    expect(record?.locations[0]?.asset_name).toMatch(/^odd\.one-/);
  });
});
