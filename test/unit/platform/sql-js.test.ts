import { expect, test } from "vitest";
import { sqlJsEngine } from "../../../src/platform/sql-js.ts";
import type { Database } from "../../../src/ports/sql.ts";
import { codeOf } from "../../support/code-of.ts";

const engine = sqlJsEngine();

async function filled(): Promise<Database> {
  const db = await engine.open();
  db.run("CREATE TABLE t (a text, b integer, PRIMARY KEY (a)) WITHOUT ROWID");
  db.runMany(
    "INSERT OR IGNORE INTO t VALUES (?, ?)",
    [1, 2, 3].map((n) => [`row ${n}`, n]),
  );
  return db;
}

test("answers bound values, in order, and says when a bound left rows out", async () => {
  const db = await filled();
  expect(db.rows("SELECT a, b FROM t WHERE b > ? ORDER BY a", [1])).toEqual({
    columns: ["a", "b"],
    rows: [
      ["row 2", 2],
      ["row 3", 3],
    ],
    more: false,
  });
  expect(db.rows("SELECT b FROM t ORDER BY b", [], 2)).toEqual({ columns: ["b"], rows: [[1], [2]], more: true });
  expect(db.rows("SELECT b FROM t ORDER BY b", [], 3).more).toBe(false);
});

test("counts the rows that a statement really changed", async () => {
  const db = await filled();
  const changed = db.runMany("INSERT OR IGNORE INTO t VALUES (?, ?)", [
    ["row 3", 9],
    ["row 4", 4],
  ]);
  expect(changed).toBe(1);
});

test("keeps a database over its bytes, and goes on after them", async () => {
  const db = await filled();
  const again = await engine.open(db.bytes(), { readOnly: true });
  expect(again.rows("SELECT count(*) FROM t").rows).toEqual([[3]]);
  db.run("DELETE FROM t WHERE b = 1");
  expect(db.rows("SELECT count(*) FROM t").rows).toEqual([[2]]);
});

test("takes one statement with a comment behind it, and no second one", async () => {
  const db = await filled();
  expect(db.rows("SELECT 1; -- that was all").rows).toEqual([[1]]);
  expect(codeOf(() => db.rows("SELECT 1; DELETE FROM t"))).toBe("sql.invalid");
  expect(codeOf(() => db.rows("  "))).toBe("sql.invalid");
  expect(db.rows("SELECT count(*) FROM t").rows).toEqual([[3]]);
});

test("a read-only database refuses to be written, also after its bytes were taken", async () => {
  const bytes = (await filled()).bytes();
  for (const options of [{ readOnly: true }, { untrusted: true }]) {
    const db = await engine.open(bytes, options);
    db.bytes();
    expect(codeOf(() => db.run("DELETE FROM t"))).toBe("sql.invalid");
    expect(codeOf(() => db.rows("WITH x AS (SELECT 1) DELETE FROM t"))).toBe("sql.invalid");
    expect(db.rows("SELECT count(*) FROM t").rows).toEqual([[3]]);
  }
});

test("bytes that are no database are told apart from a wrong query", async () => {
  await expect(engine.open(new TextEncoder().encode("x".repeat(5000)))).rejects.toMatchObject({ code: "sql.damaged" });
  const db = await filled();
  expect(codeOf(() => db.rows("SELECT nothing FROM nowhere"))).toBe("sql.invalid");
});

test("a view of an untrusted database cannot call functions with effects", async () => {
  const db = await filled();
  db.run("CREATE VIEW v AS SELECT load_extension('x') AS a");
  const opened = await engine.open(db.bytes(), { untrusted: true });
  expect(codeOf(() => opened.rows("SELECT a FROM v"))).toBe("sql.invalid");
});
