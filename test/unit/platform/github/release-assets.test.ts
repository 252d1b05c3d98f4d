import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../../../src/kernel/digest.ts";
import { uploadOf, WISH } from "../../../contract/artifact-store.ts";
import { acmeForTest, storeOf } from "../../../support/github-publish.ts";

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
});
