import { describe, expect, it } from "vitest";
import type { Oid } from "../../../../src/kernel/oid.ts";
import { type Algorithm, objectId } from "../../../../src/platform/git/objects.ts";
import { createMemoryGitStore, createMemoryRepository } from "../../../../src/platform/memory/git-store.ts";
import { describeGitStore } from "../../../contract/git-store.ts";
import { BRANCH, bytes, changeOf, soon, type StoreUnderTest } from "../../../support/store-under-test.ts";

async function makeMemory(algorithm: Algorithm): Promise<StoreUnderTest> {
  const repository = createMemoryRepository(algorithm);
  const held = new Set<string>();
  const beforeSwap = (branch: string): void => {
    const tip = repository.branches.get(branch);
    if (!held.has(branch) || tip === undefined) return;
    // Another writer is always quicker: the tip gets a child before each move.
    const { content } = repository.objects.get(tip)!;
    const text = new TextDecoder().decode(content);
    const child = bytes(
      text.replace(/^(tree .*\n)(?:parent .*\n)?/, `$1parent ${tip}\n`).replace(/Waybill-Operation: .*/, "Other: x"),
    );
    const oid = objectId(algorithm, "commit", child);
    repository.objects.set(oid, { kind: "commit", content: child });
    repository.branches.set(branch, oid);
  };
  const open = () => createMemoryGitStore({ repository, beforeSwap });
  return {
    algorithm,
    store: open(),
    another: async () => open(),
    async put(kind, content): Promise<Oid> {
      const oid = objectId(algorithm, kind, content);
      repository.objects.set(oid, { kind, content });
      return oid;
    },
    async setBranch(branch, tip) {
      repository.branches.set(branch, tip);
    },
    async damage(oid) {
      const object = repository.objects.get(oid)!;
      repository.objects.set(oid, { ...object, content: bytes("damaged") });
    },
    async hold(branch) {
      held.add(branch);
      return async () => void held.delete(branch);
    },
    close: async () => {},
  };
}

describeGitStore("memory", () => makeMemory("sha1"));
describeGitStore("memory, SHA-256", () => makeMemory("sha256"));

describe("memory git store", () => {
  it("lets a test fail a move, and the same change lands once afterwards", async () => {
    let failures = 1;
    const store = createMemoryGitStore({
      beforeSwap: () => {
        failures -= 1;
        if (failures === 0) throw new Error("killed");
      },
    });
    await expect(store.apply(BRANCH, changeOf("a", { x: "1" }), soon())).rejects.toThrow("killed");
    expect(await store.head(BRANCH)).toBeNull();
    expect(await store.apply(BRANCH, changeOf("a", { x: "1" }), soon())).toEqual({ commit: await store.head(BRANCH) });
  });
});
