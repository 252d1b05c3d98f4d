import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../../../src/kernel/digest.ts";
import { isRefused } from "../../../../src/kernel/errors.ts";
import { uploadOf, WISH } from "../../../contract/artifact-store.ts";
import { acmeForTest, githubPublishWorld, meddled, storeOf } from "../../../support/github-publish.ts";

const silent = { step: () => undefined, end: () => undefined };
const firstOf = (bytes: AsyncIterable<Uint8Array>) => bytes[Symbol.asyncIterator]().next();

describe("stored assets", () => {
  it("are read over the address that GitHub redirects to, which never sees the token", async () => {
    const acme = await acmeForTest();
    const store = storeOf(acme);
    const { location } = await (await store.draft(WISH)).put(uploadOf("a.bin", "hello"), silent);
    const chunks: Uint8Array[] = [];
    for await (const chunk of store.open(sha256Hex("hello"), location)) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe("hello");
    const download = acme.github.world.requests.find(({ kind }) => kind === "download");
    expect(download).toMatchObject({ token: "none", status: 200 });
  });

  it("are not there where a document names no asset, another one, or something that is none", async () => {
    const acme = await acmeForTest();
    const store = storeOf(acme);
    const { location } = await (await store.draft(WISH)).put(uploadOf("a.bin", "hello"), silent);
    for (const asset_id of [null, "999999"]) {
      expect(await store.stat("0", { ...location, asset_id })).toBeNull();
      await expect(firstOf(store.open("0", { ...location, asset_id }))).rejects.toMatchObject({
        code: "artifact.missing",
      });
    }
    await expect(store.stat("0", { ...location, asset_id: "../1" })).rejects.toMatchObject({
      code: "usage.invalid_argument",
    });
    await expect(firstOf(store.open("0", { ...location, asset_id: "../1" }))).rejects.toMatchObject({
      code: "usage.invalid_argument",
    });
  });

  it("are told with GitHub's digest, whatever is asked for", async () => {
    const acme = await acmeForTest();
    const store = storeOf(acme);
    const { location } = await (await store.draft(WISH)).put(uploadOf("a.bin", "hello"), silent);
    expect(await store.stat("f".repeat(64), location)).toMatchObject({ sha256: sha256Hex("hello"), sizeBytes: 5 });
  });

  it("let other releases alone when one is removed", async () => {
    const acme = await acmeForTest();
    const store = storeOf(acme);
    const [one, two] = [await store.draft(WISH), await store.draft({ ...WISH, id: "rel_2", tag: "app-v2" })];
    const { location } = await one.put(uploadOf("a.bin", "hello"), silent);
    await two.put(uploadOf("a.bin", "hello"), silent);
    expect((await store.held()).map(({ id, state, sizeBytes }) => [id, state, sizeBytes])).toEqual([
      ["rel_2", "draft", 5],
      ["rel_1", "draft", 5],
    ]);
    await store.remove(sha256Hex("hello"), location);
    expect((await store.held()).map(({ id }) => id)).toEqual(["rel_2"]);
    // Another account's releases are none of ours, whatever they say.
    expect(await storeOf(acme, acme.tokens.alice).held()).toEqual([]);
  });

  it("may be 1,000 of just under 2 GiB", async () => {
    expect(storeOf(await acmeForTest())).toMatchObject({ maxFiles: 1000, maxFileBytes: 2 ** 31 - 1 });
  });
});

describe("the token", () => {
  it("is not sent to a host for uploads or downloads that the forge names and that is none of its own", async () => {
    const acme = await acmeForTest();
    const { world } = acme.github;
    const store = storeOf(acme);
    const { location } = await (await store.draft(WISH)).put(uploadOf("a.bin", "hello"), silent);
    world.urls = { ...world.urls, uploads: "https://uploads.elsewhere.example", objects: "http://elsewhere.example" };
    const draft = await store.draft({ ...WISH, id: "rel_2" });
    await expect(draft.put(uploadOf("b.bin", "hello"), silent)).rejects.toMatchObject({ code: "forge.foreign_host" });
    await expect(firstOf(store.open(sha256Hex("hello"), location))).rejects.toMatchObject({ code: "forge.insecure" });
  });
});

describe("a server that says no digests", () => {
  it("is read instead, before and after publishing", async () => {
    for (const [text, code] of [
      [null, "done"],
      ["FIRST FILE", "dist.upload.verify_failed"],
    ] as const) {
      const world = await githubPublishWorld();
      const beforeCompare = async () => {
        for (const asset of world.releases()[0]!.assets) asset.digest = null;
        const [asset] = world.releases()[0]!.assets;
        if (text !== null) asset!.stored = await world.acme.github.world.objects.put(piecesOf(text));
      };
      const done = await world.again({}, meddled(world.fresh(), { beforeCompare }));
      expect(isRefused(done) ? done.refused[0].code : "done").toBe(code);
      expect(world.asked().filter((operation) => operation === "repos/get-release-asset").length).toBeGreaterThan(2);
    }
  });
});

async function* piecesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
