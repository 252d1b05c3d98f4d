import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/kernel/digest.ts";
import type { ArtifactStore, Draft, DraftWish, Upload } from "../../src/ports/artifact-store.ts";
import type { Task } from "../../src/ports/log.ts";
import { sourceOf } from "../support/inspect-bytes.ts";

/** A store to test, and the way to get rid of it. */
export interface StoreCase {
  readonly store: ArtifactStore;
  readonly remove: () => Promise<void>;
}

const silent: Task = { step: () => undefined, end: () => undefined };

/** A draft that nobody made before. */
export const WISH: DraftWish = {
  id: "rel_1",
  tag: "app-v1",
  target: null,
  ref: null,
  title: "app 1",
  notes: null,
  isNew: false,
};

/** An upload of a text without a staged copy. */
export function uploadOf(name: string, text: string): Upload {
  const bytes = Buffer.from(text);
  const contentType = "application/octet-stream";
  return {
    name,
    label: name,
    contentType,
    sizeBytes: bytes.length,
    sha256: sha256Hex(bytes),
    staged: null,
    from: sourceOf(bytes),
  };
}

/** Behaviour that every artifact store shares: see `ArtifactStore`. */
export function describeArtifactStore(name: string, make: () => Promise<StoreCase>): void {
  describe(`artifact store ${name}`, () => {
    let made: StoreCase;
    let draft: Draft;
    beforeEach(async () => {
      made = await make();
      draft = await made.store.draft(WISH);
    });
    afterEach(() => made.remove());

    const textOf = async (sha256: string, location: Parameters<ArtifactStore["open"]>[1]) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of made.store.open(sha256, location)) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    };

    it("gives back the bytes that were put", async () => {
      const file = uploadOf("a.bin", "hello");
      const stored = await draft.put(file, silent);
      await draft.publish();
      expect(stored).toMatchObject({ name: "a.bin", sizeBytes: 5, sha256: file.sha256, state: "stored" });
      expect(stored.location).toMatchObject({ driver: made.store.driver, asset_name: "a.bin" });
      expect(await textOf(file.sha256, stored.location)).toBe("hello");
      expect(await made.store.stat(file.sha256, stored.location)).toMatchObject({ sizeBytes: 5, state: "stored" });
    });

    it("lists what the draft holds, and is found again by its reference", async () => {
      const stored = await draft.put(uploadOf("a.bin", "hello"), silent);
      expect(await draft.list()).toEqual([stored]);
      const again = await made.store.draft({ ...WISH, ref: draft.ref });
      expect(again.ref).toBe(draft.ref);
    });

    it("keeps equal bytes that are there already", async () => {
      const first = await draft.put(uploadOf("a.bin", "hello"), silent);
      expect(await draft.put(uploadOf("a.bin", "hello"), silent)).toEqual(first);
      expect(await draft.list()).toHaveLength(1);
    });

    it("refuses other bytes under a name of the draft", async () => {
      const first = await draft.put(uploadOf("a.bin", "hello"), silent);
      await expect(draft.put(uploadOf("a.bin", "other"), silent)).rejects.toMatchObject({
        code: "dist.upload.name_taken",
      });
      expect(await textOf(first.sha256 ?? "", first.location)).toBe("hello");
    });

    it("refuses bytes that are not those that were hashed", async () => {
      const file = { ...uploadOf("a.bin", "hello"), from: sourceOf(Buffer.from("hullo")) };
      await expect(draft.put(file, silent)).rejects.toMatchObject({ code: "dist.upload.verify_failed" });
      expect(await draft.list()).toEqual([]);
    });

    it("says how far it is", async () => {
      const steps: number[] = [];
      await draft.put(uploadOf("a.bin", "hello"), { ...silent, step: (done) => steps.push(done) });
      expect(steps.at(-1)).toBe(5);
    });

    it("does not have what was removed, and removes it twice", async () => {
      const file = uploadOf("a.bin", "hello");
      const { location } = await draft.put(file, silent);
      await made.store.remove(file.sha256, location);
      await made.store.remove(file.sha256, location);
      expect(await made.store.stat(file.sha256, location)).toBeNull();
      await expect(textOf(file.sha256, location)).rejects.toMatchObject({ code: "artifact.missing" });
    });
  });
}
