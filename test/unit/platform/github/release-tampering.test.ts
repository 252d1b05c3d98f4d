import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../../../src/kernel/digest.ts";
import { isRefused, orThrow } from "../../../../src/kernel/errors.ts";
import {
  clientOf,
  githubPublishWorld,
  type GithubPublishWorld,
  meddled,
  type Meddling,
} from "../../../support/github-publish.ts";
import { sourceOf } from "../../../support/inspect-bytes.ts";
import { refusalOf } from "../../../support/publish-world.ts";

const where = { owner: "acme", repo: "notes" };
const TAG = "acme-notes-v1.4.0";

/** Bob may write to the repository and does what nobody asked him for. */
function bobIn({ acme, ...world }: GithubPublishWorld) {
  const releases = () => world.releases();
  const bob = clientOf(acme, acme.tokens.bob);
  const upload = async (name: string, text: string) => {
    const bytes = Buffer.from(text);
    const file = {
      name,
      contentType: "text/plain",
      sizeBytes: bytes.length,
      sha256: sha256Hex(bytes),
      from: sourceOf(bytes),
    };
    const url = `${acme.github.uploadsUrl}/repos/acme/notes/releases/${releases()[0]!.id}/assets?name=${name}`;
    await bob.upload(url, { ...file, onBytes: () => undefined });
  };
  return {
    extra: () => upload("extra.bin", "more"),
    async swap() {
      const [asset] = releases()[0]!.assets;
      await bob.request("DELETE /repos/{owner}/{repo}/releases/assets/{asset_id}", { ...where, asset_id: asset!.id });
      await upload(asset!.name, "evil bytes");
    },
    async remove() {
      const [asset] = releases()[0]!.assets;
      await bob.request("DELETE /repos/{owner}/{repo}/releases/assets/{asset_id}", { ...where, asset_id: asset!.id });
    },
    /** Another commit than the one that was built. */
    async otherCommit() {
      const tree = (await acme.repo.git(["rev-parse", `${acme.code}^{tree}`])).trim();
      const { data } = await bob.request("POST /repos/{owner}/{repo}/git/commits", {
        ...where,
        message: "evil",
        tree,
        parents: [acme.code],
      });
      return data.sha;
    },
    async tag() {
      await bob.request("POST /repos/{owner}/{repo}/git/refs", {
        ...where,
        ref: `refs/tags/${TAG}`,
        sha: await this.otherCommit(),
      });
    },
    async moveTag() {
      await bob.request("PATCH /repos/{owner}/{repo}/git/refs/{ref}", {
        ...where,
        ref: `tags/${TAG}`,
        sha: await this.otherCommit(),
        force: true,
      });
    },
  };
}

async function releaseNow(world: GithubPublishWorld) {
  return (await world.facts()).find("release.v1", { app: "acme-notes", folder: "1.4", name: "1.4.0" });
}

async function actions(world: GithubPublishWorld) {
  return (await world.events()).map((event) => event.split(" ")[0]);
}

type Deed = "extra" | "swap" | "remove" | "tag" | "moveTag";

/** What is refused, and when it is noticed: before publishing nothing is shown, afterwards the release is given up with an alarm. */
const windows: readonly (readonly [window: keyof Meddling, deed: Deed, code: string, isShown: boolean])[] = [
  ["beforeCompare", "extra", "dist.upload.unexpected_asset", false],
  ["beforeCompare", "swap", "dist.upload.verify_failed", false],
  ["beforeUpload", "tag", "dist.release.tag_mismatch", false],
  ["beforePublish", "extra", "dist.upload.unexpected_asset", true],
  ["beforePublish", "swap", "dist.upload.verify_failed", true],
  ["beforePublish", "remove", "dist.upload.verify_failed", true],
  ["beforePublish", "tag", "dist.release.tag_mismatch", true],
  ["afterPublish", "extra", "dist.upload.unexpected_asset", true],
  ["afterPublish", "swap", "dist.upload.verify_failed", true],
  ["afterPublish", "remove", "dist.upload.verify_failed", true],
  ["afterPublish", "moveTag", "dist.release.tag_mismatch", true],
];

describe("a release that somebody else touches while it is published", () => {
  for (const [window, deed, code, isShown] of windows) {
    it(`is refused: ${deed}, ${window}`, async () => {
      const world = await githubPublishWorld();
      const bob = bobIn(world);
      const done = await world.again({}, meddled(world.fresh(), { [window]: () => bob[deed]() }));
      expect(refusalOf(done)).toBe(code);
      expect(world.releases().map(({ draft }) => draft)).toEqual([!isShown]);
      const release = await releaseNow(world);
      expect([release?.status, release?.published_at]).toEqual([isShown ? "abandoned" : "draft", null]);
      const told = await actions(world);
      expect(told.filter((action) => action === "release.alarm")).toHaveLength(isShown ? 1 : 0);
      expect(told).not.toContain("release.published");
      const hints = isRefused(done) ? done.refused[0].hints.join() : "";
      expect(hints.includes("publish 1.4.1")).toBe(isShown);
      // Nothing of what the other one did is undone: the same command goes on refusing, and the next version is the way on.
      expect(isRefused(await world.again().catch(() => ({ refused: [] })))).toBe(true);
      expect(isRefused(await world.again({ version: "1.4.1" }))).toBe(false);
    });
  }

  it("is recorded as given up by the next run, where the first one died before it noticed", async () => {
    const world = await githubPublishWorld();
    const bob = bobIn(world);
    const dies = { afterPublish: () => Promise.reject(new Error("killed")) };
    await expect(world.again({}, meddled(world.fresh(), dies))).rejects.toThrow("killed");
    await bob.extra();
    expect(refusalOf(await world.again())).toBe("dist.upload.unexpected_asset");
    expect((await releaseNow(world))?.status).toBe("abandoned");
  });

  it("is published all the same when a file is removed before the comparison: it is uploaded again", async () => {
    const world = await githubPublishWorld();
    const bob = bobIn(world);
    const done = await world.again({}, meddled(world.fresh(), { beforeCompare: () => bob.remove() }));
    expect(isRefused(done)).toBe(false);
    expect(world.releases().map(({ draft, assets }) => [draft, assets.length])).toEqual([[false, 3]]);
  });

  it("is published all the same when what was there too many goes away again", async () => {
    const world = await githubPublishWorld();
    const bob = bobIn(world);
    const store = meddled(world.fresh(), { beforeCompare: () => bob.extra() });
    expect(refusalOf(await world.again({}, store))).toBe("dist.upload.unexpected_asset");
    const extra = world.releases()[0]!.assets.find(({ name }) => name === "extra.bin");
    await clientOf(world.acme, world.acme.tokens.bob).request(
      "DELETE /repos/{owner}/{repo}/releases/assets/{asset_id}",
      { ...where, asset_id: extra!.id },
    );
    expect(orThrow(await world.again()).result.outcome).toBe("resumed");
  });
});

describe("a draft of somebody else", () => {
  const draftBy = async (world: GithubPublishWorld, token: string, more: object) => {
    const { data } = await clientOf(world.acme, token).request("POST /repos/{owner}/{repo}/releases", {
      ...where,
      tag_name: TAG,
      target_commitish: world.acme.code,
      draft: true,
      ...more,
    });
    return data.id;
  };
  /** An intent whose draft was never recorded, as a run leaves it that dies while it makes the draft. */
  const intended = async (world: GithubPublishWorld) => {
    world.acme.github.world.faults.add({
      when: ({ operation }) => operation === "repos/create-release",
      effect: { kind: "status", status: 403 },
    });
    await expect(world.again()).rejects.toMatchObject({ code: "forge.forbidden" });
    return (await releaseNow(world))!.id;
  };

  it("is never taken for ours: not by its tag, not with our mark, not with another tag or target", async () => {
    const world = await githubPublishWorld();
    const id = await intended(world);
    const { alice, bob, workflow } = world.acme.tokens;
    const body = `<!-- waybill-release ${id} -->`;
    const foreign = [
      await draftBy(world, alice, {}),
      await draftBy(world, bob, { body }),
      await draftBy(world, workflow, {}),
      await draftBy(world, workflow, { body: `${body}\nmore` }),
      await draftBy(world, workflow, { body: "<!-- waybill-release rel_other -->" }),
      await draftBy(world, workflow, { body, tag_name: "v1" }),
      await draftBy(world, workflow, { body, target_commitish: "main" }),
    ];
    orThrow(await world.again());
    const shown = world.releases().filter(({ draft }) => !draft);
    expect(shown.map(({ assets }) => assets.length)).toEqual([3]);
    expect(foreign).not.toContain(shown[0]!.id);
    for (const one of foreign)
      expect(world.releases().find((release) => release.id === one)).toMatchObject({ draft: true, assets: [] });
  });

  it("is not resumed where it is the recorded one, and the new one is recorded in its place", async () => {
    const world = await githubPublishWorld();
    await world
      .again({}, meddled(world.fresh(), { beforeCompare: () => Promise.reject(new Error("killed")) }))
      .catch(() => undefined);
    const [ours] = world.releases();
    const changed = { target: "main", author: world.acme.people.bob, tag: "v9" } as const;
    for (const [name, value] of Object.entries(changed)) {
      const before = Reflect.get(ours!, name) as unknown;
      Reflect.set(ours!, name, value);
      const store = world.fresh();
      const draft = await store.draft({
        id: "rel_x",
        tag: TAG,
        target: world.acme.code,
        ref: String(ours!.id),
        title: "t",
        notes: null,
        isNew: false,
      });
      expect([name, draft.ref === String(ours!.id)]).toEqual([name, false]);
      Reflect.set(ours!, name, before);
    }
    Reflect.set(ours!, "author", world.acme.people.bob);
    orThrow(await world.again());
    const release = await releaseNow(world);
    expect(release?.forge?.release_id).not.toBe(String(ours!.id));
    expect(ours).toMatchObject({ draft: true });
    expect((await actions(world)).filter((action) => action === "release.draft_opened")).toHaveLength(2);
  });

  it("that was published with our tag by another account refuses, and names the next version", async () => {
    const world = await githubPublishWorld();
    const steal = async () => {
      const id = await draftBy(world, world.acme.tokens.bob, {});
      await clientOf(world.acme, world.acme.tokens.bob).request("PATCH /repos/{owner}/{repo}/releases/{release_id}", {
        ...where,
        release_id: id,
        draft: false,
      });
    };
    const done = world.again({}, meddled(world.fresh(), { beforePublish: steal }));
    await expect(done).rejects.toMatchObject({
      code: "dist.release.tag_taken",
      hints: [expect.stringContaining("1.4.1")],
    });
    // From then on it is known before anything is uploaded.
    expect(refusalOf(await world.again())).toBe("dist.release.tag_taken");
  });
});
