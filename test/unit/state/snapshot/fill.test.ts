import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { documentKinds } from "../../../../cli/compose/kinds.ts";
import { sqlEngine } from "../../../../src/platform/sql-engine.ts";
import { sqlJsEngine } from "../../../../src/platform/sql-js.ts";
import type { SqlEngine } from "../../../../src/ports/sql.ts";
import { beginFilling, endFilling } from "../../../../src/state/snapshot/fill.ts";
import { schemaOf } from "../../../../src/state/snapshot/schema.ts";

const problems = [...schemaOf(documentKinds).tables.values()].filter(({ name }) => name === "problems");
const [table] = problems;

async function filled(sql: SqlEngine, paths: readonly string[], together: number) {
  const db = await beginFilling(sql, problems);
  for (let at = 0; at < paths.length; at += together) {
    const rows = paths.slice(at, at + together).map((path) => [path, "state.document.invalid", `${path} is none`]);
    db.runMany(table?.insert ?? "", rows);
  }
  endFilling(db, problems);
  return db;
}

describe.each([
  ["the engine of this Node", sqlEngine({ detail: () => undefined })],
  ["sql.js", sqlJsEngine()],
])("a database that was filled by %s", (_, sql) => {
  test("has the same bytes in whatever order and however many at once its rows came", async () => {
    const paths = Array.from({ length: 600 }, (__, i) => `audit/${String(i).padStart(60, "0")}.json`);
    const bytes = (await filled(sql, paths, 600)).bytes();
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(paths, { minLength: paths.length }),
        fc.integer({ min: 1, max: 600 }),
        async (some, together) => {
          const db = await filled(sql, some, together);
          expect(Buffer.compare(db.bytes(), bytes)).toBe(0);
          db.close();
        },
      ),
      { numRuns: 10 },
    );
  });

  test("has full pages, no free ones, and nothing that was only for filling it", async () => {
    const paths = Array.from({ length: 5000 }, (__, i) => `audit/${String(i).padStart(60, "0")}.json`);
    const db = await filled(sql, paths, 100);
    expect(db.rows("PRAGMA freelist_count").rows).toEqual([[0]]);
    expect(db.rows("SELECT type, name FROM sqlite_schema").rows).toEqual([["table", "problems"]]);
    expect(db.rows("SELECT name FROM sqlite_temp_schema").rows).toEqual([]);
    const plain = await sql.open();
    plain.run(table?.create ?? "");
    for (const path of paths) plain.run(table?.insert ?? "", [path, "state.document.invalid", `${path} is none`]);
    expect(db.bytes().length).toBeLessThan(0.95 * plain.bytes().length);
  });
});
