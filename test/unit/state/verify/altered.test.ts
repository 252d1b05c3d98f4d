import { beforeEach, expect, it } from "vitest";
import { documentKinds } from "../../../../cli/compose/kinds.ts";
import { type Json, isData } from "../../../../src/kernel/json.ts";
import { printCanonical } from "../../../../src/kernel/canonical-json.ts";
import type { DocumentName } from "../../../../src/schema/types.gen.ts";
import { type DocumentKind, pathOf } from "../../../../src/state/document-kind.ts";
import { altered } from "../../../../src/state/verify/altered.ts";
import { frozen } from "../../../../src/state/verify/frozen.ts";
import { sealed } from "../../../../src/state/verify/sealed.ts";
import { commitFiles, schemas } from "../../../support/facts.ts";
import { type HonestWorld, honestHistory } from "../../../support/honest-history.ts";
import { examplesOf } from "../../../trust/examples.ts";

type Document = { readonly [key: string]: Json };

let world: HonestWorld;

beforeEach(async () => {
  world = await honestHistory();
});

/** Rules that a change of an example breaks; null removes it. */
async function changed(name: DocumentName, over: Document | null, before: Document = {}) {
  const [example] = examplesOf(name);
  if (!isData(example)) throw new Error("no example");
  const was: Document = { ...example, ...before };
  const kind: DocumentKind = documentKinds.find((one) => one.name === name && one.branch === "state")!;
  const path = pathOf(kind, kind.keyOf(schemas.check(name, was, name)));
  await commitFiles(world.store, { [path]: printCanonical(was) });
  await commitFiles(world.store, { [path]: over === null ? null : printCanonical({ ...was, ...over }) });
  const { violations } = await world.verify({ ground: { kinds: documentKinds }, checks: [altered, frozen, sealed] });
  return violations.map(({ rule, path: at, message }) => [
    rule,
    at === path,
    message.split(" on ")[0]!.split(" ").slice(1).join(" "),
  ]);
}

it.each<DocumentName>(["app.v1", "artifact.v1", "channel-pointer.v1", "token.v1"])(
  "finds that %s was removed",
  async (name) => {
    expect(await changed(name, null)).toEqual([["record.altered", true, "was removed"]]);
  },
);

it("finds that a token may do more or lives longer", async () => {
  const live = { revoked_at: null };
  expect(await changed("token.v1", { expires_at: "2099-01-01T00:00:00Z", apps: null }, live)).toEqual([
    ["record.altered", true, "changed in apps, expires_at"],
  ]);
});

it("lets a token be revoked, and finds that it was brought back", async () => {
  const revoked = { revoked_at: "2026-02-01T00:00:00Z" };
  expect(await changed("token.v1", revoked, { revoked_at: null })).toEqual([]);
  expect((await changed("token.v1", { revoked_at: null }, revoked)).map(([rule]) => rule)).toEqual(["token.frozen"]);
});

it("finds that the record of an artifact says something else of it, and lets it be found in another place", async () => {
  expect(await changed("artifact.v1", { locations: [] })).toEqual([]);
  expect(await changed("artifact.v1", { size_bytes: 1 })).toEqual([["record.altered", true, "changed in size_bytes"]]);
});

it("lets a hold go", async () => {
  expect(await changed("channel-hold.v1", null)).toEqual([]);
});
