import fc from "fast-check";
import { expect, test } from "vitest";
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

const release = (app: string, version: string) => `dist/apps/${app}/releases/${version}.json`;

const names = fc.constantFrom("ant", "bee", "cat");
const versions = fc.constantFrom("1.0.0", "1.1.0", "2.0.0");
const garbage = fc.constantFrom("", "{}", "[]", "null\n", '{\n  "schema": "app.v1"\n}\n');

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
  fc.integer({ min: 0, max: 50 }).map((n) => {
    const event = eventDocument(`aud_${n}`, `2026-01-01T00:${String(n).padStart(2, "0")}:00Z`);
    return { [eventPath(event)]: printed(event) };
  }),
);

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ files: fc.array(write, { minLength: 1, maxLength: 6 }) }) },
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
        if ("files" in one) for (const files of one.files) await commitFiles(world.store, files);
        else
          await world.decide(
            one.gated,
            one.pointers.map((app) => pointerDocument(app, "stable", `rel_decided_${app}`)),
          );
        expect(await world.differs()).toEqual([]);
      }
    }),
    { numRuns: 60 },
  );
});
