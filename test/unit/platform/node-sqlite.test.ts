import { describe, expect, test } from "vitest";
import { nodeSqliteEngine } from "../../../src/platform/node-sqlite.ts";
import { sqlEngine } from "../../../src/platform/sql-engine.ts";
import { sqlJsEngine } from "../../../src/platform/sql-js.ts";
import { describeSqlEngine } from "../../contract/sql-engine.ts";
import { codeOf } from "../../support/code-of.ts";

const sandboxed = sqlJsEngine();
const own = nodeSqliteEngine(sandboxed);
// Where this Node has none, the suite runs over what takes its place.
const engine = own ?? sandboxed;

describeSqlEngine(own === null ? "what takes the place of node:sqlite" : "node:sqlite", () => engine);

test("is used where it is there, which is so in Node 24 and not before, and a log says so", async () => {
  const said: string[] = [];
  const db = await sqlEngine({ detail: (text) => said.push(text) }).open();
  expect(db.rows("SELECT 1").rows).toEqual([[1]]);
  expect(said).toEqual([own === null ? "SQLite: sql.js, in WebAssembly" : "SQLite: node:sqlite"]);
  expect(own !== null).toBe(Number(process.versions.node.split(".")[0]) >= 24);
});

describe.skipIf(own === null)("node:sqlite", () => {
  test("lets no statement reach a file", async () => {
    const db = await engine.open();
    for (const file of ["'/tmp/x'", "'/tmp/' || 'x'", "?"])
      expect(codeOf(() => db.rows(`ATTACH ${file} AS x`))).toBe("sql.invalid");
    expect(codeOf(() => db.rows("SELECT load_extension('x')"))).toBe("sql.invalid");
    for (const vacuum of ["VACUUM INTO '/tmp/waybill-no-such-file'", "VACUUM"])
      expect(codeOf(() => db.run(vacuum))).toBe("sql.invalid");
  });

  test("leaves what somebody else built to the other engine", async () => {
    const asked: unknown[] = [];
    const other = { open: async (_: unknown, options: unknown) => (asked.push(options), await sandboxed.open()) };
    await nodeSqliteEngine(other)?.open(undefined, { untrusted: true });
    expect(asked).toEqual([{ untrusted: true }]);
  });
});
