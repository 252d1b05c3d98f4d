import { expect, it } from "vitest";
import type { Lists } from "../../../../src/kernel/in-flight.ts";
import type { Oid } from "../../../../src/kernel/oid.ts";
import { STATE } from "../../../../src/state/branches.ts";
import { kindFinder } from "../../../../src/state/document-kind.ts";
import { filesTogether, readFiles } from "../../../../src/state/verify/changed-files.ts";
import { appDocument, commitFiles, printed, schemas, testKinds } from "../../../support/facts.ts";
import { makeGateWorld } from "../../../support/gate-world.ts";

it("reads a document once, although every later one is compared with it", async () => {
  const { store } = await makeGateWorld();
  const path = "dist/apps/notes/app.json";
  const tips: Oid[] = [];
  for (const owner of ["Ada", "Ben", "Cleo"]) {
    await commitFiles(store, { [path]: printed(appDocument("notes", owner)) });
    tips.push((await store.head(STATE))!);
  }
  const asked: Oid[] = [];
  const counting = {
    ...store,
    async *blobs(oids: Lists<Oid>) {
      for await (const some of store.blobs(oids)) {
        asked.push(...some.map(({ oid }) => oid));
        yield some;
      }
    },
  };
  const on = readFiles({ store: counting, kinds: testKinds, schemas }, kindFinder(testKinds, "state"));
  const files = [];
  for (const [i, tip] of tips.entries()) files.push(await filesTogether(on, [[tips[i - 1] ?? null, tip]]));
  const seen = files.map((some) => some[0]?.find((file) => file.path === path));
  expect(seen.map((file) => file?.after?.document)).toMatchObject([
    { owner: "Ada" },
    { owner: "Ben" },
    { owner: "Cleo" },
  ]);
  expect(seen.map((file) => file?.before?.document ?? null)).toMatchObject([null, { owner: "Ada" }, { owner: "Ben" }]);
  const documents = new Set(seen.map((file) => file?.after?.oid));
  expect(asked.filter((oid) => documents.has(oid))).toHaveLength(3);
});
