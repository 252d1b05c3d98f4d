import fc from "fast-check";
import { expect, test } from "vitest";
import { STATE } from "../../../../src/state/branches.ts";
import { lineOfBytes } from "../../../../src/state/seal/segment.ts";
import {
  appDocument,
  commitFiles,
  eventDocument,
  eventPath,
  pointerDocument,
  printed,
  releaseDocument,
} from "../../../support/facts.ts";
import { snapshotWorld } from "../../../support/snapshot-world.ts";
import { sealDay } from "../../../support/seal-day.ts";

const release = (app: string, version: string) => `dist/apps/${app}/releases/${version}.json`;

const names = fc.constantFrom("ant", "bee", "cat");
const versions = fc.constantFrom("1.0.0", "1.1.0", "2.0.0");
const garbage = fc.constantFrom("", "{}", "[]", "null\n", '{\n  "schema": "app.v1"\n}\n');

const months = fc.constantFrom("01", "02", "03");
/** Times of a tip: nothing is old, a month is, all of them are. */
const times = fc.constantFrom("2026-01-01T00:00:00Z", "2026-05-02T00:00:00Z", "2026-07-15T00:00:00Z");

const write = fc.oneof(
  fc.tuple(names, fc.constantFrom("Ada", "Bob")).map(([slug, owner]) => ({
    [`dist/apps/${slug}/app.json`]: printed(appDocument(slug, owner)),
  })),
  fc
    .tuple(names, versions, fc.constantFrom("draft", "published", "abandoned"), fc.constantFrom("own", "rel_same"))
    .map(([app, version, status, id]) => ({
      [release(app, version)]: printed(releaseDocument(app, version, { status, ...(id === "own" ? {} : { id }) })),
    })),
  fc.tuple(names, fc.constantFrom("stable", "beta"), names).map(([app, channel, to]) => ({
    [`dist/apps/${app}/channels/${channel}.json`]: printed(pointerDocument(app, channel, `rel_${to}`)),
  })),
  fc.tuple(names, versions, garbage).map(([app, version, text]) => ({ [release(app, version)]: text })),
  fc.tuple(names, versions).map(([app, version]) => ({ [release(app, version)]: null })),
  fc.tuple(names, fc.constantFrom("stable", "beta")).map(([app, channel]) => ({
    [`dist/apps/${app}/channels/${channel}.json`]: null,
  })),
  fc.tuple(fc.integer({ min: 0, max: 50 }), months, fc.boolean()).map(([n, month, isThere]) => {
    const event = eventDocument(`aud_${n}`, `2026-${month}-01T00:${String(n).padStart(2, "0")}:00Z`);
    return { [eventPath(event)]: isThere ? printed(event) : "{}" };
  }),
);

const lines = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 4 }).map((ns) => {
  const events = ns.map((n) => printed(eventDocument(`aud_${n}`, `2026-01-01T00:${String(n).padStart(2, "0")}:00Z`)));
  return events.map((bytes) => `${lineOfBytes(bytes, "event")}\n`).join("");
});

const step = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ seal: true }) },
  // What somebody makes of a segment by hand: lines in any order, of files that are still there, or nothing that is one.
  {
    weight: 1,
    arbitrary: fc.record({ segment: fc.constantFrom("01", "01-2"), text: fc.oneof(lines, garbage, fc.constant(null)) }),
  },
  { weight: 5, arbitrary: fc.record({ at: times, files: fc.array(write, { minLength: 1, maxLength: 6 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      gated: fc.constantFrom([], ["stable"], ["beta", "stable"]),
      pointers: fc.uniqueArray(names, { maxLength: 3 }),
    }),
  },
);

test("brought up to date it equals one built anew, whatever happened", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const world = await snapshotWorld();
      for (const one of steps) {
        if ("seal" in one) await sealDay(world.store, "audit/2026/01/01");
        else if ("segment" in one)
          await commitFiles(world.store, { [`audit/2026/01/${one.segment}.ndjson`]: one.text });
        else if ("files" in one) for (const files of one.files) await commitFiles(world.store, files, STATE, one.at);
        else
          await world.decide(
            one.gated,
            one.pointers.map((app) => pointerDocument(app, "stable", `rel_decided_${app}`)),
          );
        expect(await world.differs()).toEqual([]);
      }
    }),
    { numRuns: 50 },
  );
});

test("rows are the same in a file and in a segment, and a sealed day is brought up to date by its difference", async () => {
  const world = await snapshotWorld();
  for (const n of [3, 1, 2]) {
    const event = eventDocument(`aud_${n}`, `2026-01-01T00:0${n}:00Z`);
    await commitFiles(world.store, { [eventPath(event)]: printed(event) });
  }
  const query = "SELECT * FROM audit_events ORDER BY created_at, id";
  const before = await world.query(query);
  expect(before).toHaveLength(3);
  await sealDay(world.store, "audit/2026/01/01");
  expect(await world.query(query)).toEqual(before);
  expect(await world.differs()).toEqual([]);
});
