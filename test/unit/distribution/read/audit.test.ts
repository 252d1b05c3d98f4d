import { expect, test } from "vitest";
import { type AuditAsked, listAudit } from "../../../../src/distribution/read/audit.ts";
import { isRefused } from "../../../../src/kernel/errors.ts";
import { STATE } from "../../../../src/state/branches.ts";
import { openSnapshot } from "../../../../src/state/snapshot/open.ts";
import { commitFiles, eventDocument, eventPath, printed } from "../../../support/facts.ts";
import { snapshotWorld } from "../../../support/snapshot-world.ts";

const ALL: AuditAsked = { app: null, action: null, actor: null, target: null, after: null, limit: null };
/** From young to old; the first month lies in the core, the others in shards. */
const days = ["2026-06-30", "2026-06-29", "2026-03-02", "2026-02-02", "2026-02-01", "2025-11-01"];

test("events go on into old months, page after page, and no more months are loaded than a page needs", async () => {
  const world = await snapshotWorld();
  for (const [i, day] of days.entries()) {
    const event = eventDocument(`aud_${i}`, `${day}T00:00:00Z`);
    await commitFiles(world.store, { [eventPath(event)]: printed(event) }, STATE, "2026-07-01T00:00:00Z");
  }
  const page = async (asked: Partial<AuditAsked>) => {
    const snapshot = await openSnapshot(world.ground);
    const told = await listAudit(snapshot, { ...ALL, ...asked });
    snapshot.database.close();
    if (isRefused(told)) throw new Error("The page was refused");
    const { events, next_cursor: next } = told.result;
    return { ids: events.map(({ id }) => id), next, left: snapshot.history.rowsOf("audit_events") };
  };
  expect(await page({ limit: 1 })).toMatchObject({ ids: ["aud_0"], left: 4 });
  const first = await page({ limit: 2 });
  expect(first).toMatchObject({ ids: ["aud_0", "aud_1"], left: 3 });
  const second = await page({ limit: 2, after: first.next });
  expect(second).toMatchObject({ ids: ["aud_2", "aud_3"], left: 1 });
  // What is younger than the page is not loaded for it.
  const third = await page({ limit: 2, after: second.next });
  expect(third).toEqual({ ids: ["aud_4", "aud_5"], next: null, left: 1 });
  expect((await page({})).ids).toHaveLength(days.length);
});
