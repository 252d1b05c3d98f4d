import { beforeEach, describe, expect, test } from "vitest";
import { isOid } from "../../../src/kernel/oid.ts";
import { recordedRows } from "../../../src/distribution/checks.ts";
import { sqlJsEngine } from "../../../src/platform/sql-js.ts";
import type { StateVerifyResultV1 } from "../../../src/schema/types.gen.ts";
import { writeCached } from "../../../src/state/snapshot/cache.ts";
import { openSnapshot } from "../../../src/state/snapshot/open.ts";
import { schemaOf } from "../../../src/state/snapshot/schema.ts";
import { snapshotEquals } from "../../../src/state/verify/snapshot-equals.ts";
import { loadDecisions } from "../../../src/gate/view.ts";
import { appDocument, commitFiles, eventDocument, eventPath, printed } from "../../support/facts.ts";
import { type HonestWorld, honestHistory } from "../../support/honest-history.ts";

let world: HonestWorld;

beforeEach(async () => {
  world = await honestHistory();
});

type Result = Omit<StateVerifyResultV1, "artifacts">;

const rulesOf = ({ violations }: Result) => violations.map(({ rule }) => rule);

/** An event of this repository, to go with a change. */
function event(id: string): Readonly<Record<string, Uint8Array>> {
  const document = { ...eventDocument(id, "2026-01-05T10:30:00Z"), tenant_id: "tenant", repo_id: "repo" };
  return { [eventPath(document)]: printed(document) };
}

describe("a remembered walk", () => {
  test("is gone on from, says so, and is not used with --full", async () => {
    const first = await world.verify();
    expect(await world.verify()).toMatchObject({
      facts: { commits: first.facts!.commits, remembered: first.facts!.commits },
    });
    await world.write({ name: "app.v1", key: { slug: "more" }, document: appDocument("more") });
    const commits = first.facts!.commits + 1;
    expect(await world.verify()).toMatchObject({ status: "verified", facts: { commits, remembered: commits - 1 } });
    expect(await world.verify({ full: true })).toMatchObject({ facts: { commits, remembered: 0 } });
  });

  test("still finds what was broken after it, and remembers nothing of that", async () => {
    await world.verify();
    await commitFiles(world.store, { [world.paths.release]: null, ...event("aud_x") });
    for (const _ of [1, 2]) expect(rulesOf(await world.verify())).toEqual(["release.frozen"]);
  });

  test("does not count on another history", async () => {
    await world.verify();
    const other = await honestHistory();
    const result = await other.verify({ ground: { cache: world.ground.cache } });
    expect(result.facts?.remembered).toBe(0);
  });
});

test("a row of a published release without a record is missing", async () => {
  const result = await world.verify({ ending: [recordedRows] });
  expect(result.violations).toMatchObject([{ rule: "artifact.missing", path: world.paths.release }]);
  expect(isOid(result.violations[0]?.commit ?? "")).toBe(true);
});

test("a snapshot with other rows than the branches is named", async () => {
  const { ground } = world;
  const decisions = () => loadDecisions(ground);
  const on = { ...ground, sql: sqlJsEngine(), version: "test", schemas: async () => ground.schemas, decisions };
  const { database, asOf } = await openSnapshot(on);
  const bytes = database.bytes();
  database.close();
  const ending = [snapshotEquals(on)];
  expect((await world.verify({ ending })).status).toBe("verified");
  const poisoned = await on.sql.open(bytes);
  poisoned.run("UPDATE apps SET owner = 'Eve'");
  const key = { version: "test", schema: schemaOf(ground.kinds).digest, root: null };
  await writeCached(ground.cache, key, asOf, poisoned.bytes());
  expect((await world.verify({ ending })).violations).toMatchObject([
    { rule: "snapshot.differs", data: { tables: ["apps"] } },
  ]);
});
