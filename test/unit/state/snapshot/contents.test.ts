import { expect, test } from "vitest";
import type { Oid } from "../../../../src/kernel/oid.ts";
import { createMemoryGitStore, createMemoryRepository } from "../../../../src/platform/memory/git-store.ts";
import { objectId } from "../../../../src/platform/git/objects.ts";
import { stateKinds } from "../../../../src/state/documents.ts";
import { contents, type FactFile, factFinder, PLAIN } from "../../../../src/state/snapshot/facts.ts";

const LINK = "120000";

test("files that no reader takes are told as they are listed, however many lie between two that are read", async () => {
  const repository = createMemoryRepository();
  const content = Buffer.from("{}\n");
  const oid: Oid = objectId("sha1", "blob", content);
  repository.objects.set(oid, { kind: "blob", content });
  const place = factFinder(stateKinds)("audit/2026/01/05/10/30/aud_x.json")!;
  const fileOf = (path: string, mode: string): FactFile => ({ path, oid, place, mode, month: null });
  let listed = 0;
  let told = 0;
  const lists = function* () {
    for (let list = 0; list < 50; list += 1) {
      // What was listed before is nobody's burden any more.
      expect(told).toBe(listed);
      const links = Array.from({ length: 100 }, (_, i) => fileOf(`${list}/${i}`, LINK));
      listed += links.length;
      yield list % 25 === 24 ? [...links, fileOf(`${list}/read`, PLAIN)] : links;
    }
  };
  const unread = ({ bytes }: { readonly bytes: Uint8Array | null }) => {
    expect(bytes).toBeNull();
    told += 1;
  };
  const found: string[] = [];
  for await (const some of contents(createMemoryGitStore({ repository }), lists(), unread))
    for (const { file, bytes } of some) found.push(`${file.path} ${bytes?.length}`);
  expect([found, told]).toEqual([["24/read 3", "49/read 3"], 5000]);
});
