import { describe, expect, test } from "vitest";
import type { Database, SqlEngine } from "../../src/ports/sql.ts";
import { codeOf } from "../support/code-of.ts";

/** Says what every engine for SQLite does: the same answers, the same refusals. */
export function describeSqlEngine(name: string, make: () => SqlEngine): void {
  describe(`${name} as an engine for SQLite`, () => {
    const engine = make();

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
      expect(db.rows("SELECT b FROM t ORDER BY b LIMIT ?", [2]).rows).toEqual([[1], [2]]);
    });

    test("answers every kind of value alike", async () => {
      const db = await engine.open();
      const { columns, rows } = db.rows(
        "SELECT 1 AS a, 2 AS a, 1.5, x'00ff' AS b, null, 1e3, 9223372036854775807, 'ä\u{1f600}', \"no column\", ? || '', typeof(?)",
        [18_000_000_000, 7],
      );
      expect(columns.slice(0, 2)).toEqual(["a", "a"]);
      const [row = []] = rows;
      expect(row[3]).toEqual(Uint8Array.from([0, 255]));
      const others = row.filter((value) => !(value instanceof Uint8Array));
      const plain = [1, 2, 1.5, null, 1000, 2 ** 63, "ä\u{1f600}", "no column"];
      expect(others.slice(0, 8)).toEqual(plain);
      expect(String(others[8])).toMatch(/^18000000000(\.0)?$/);
      expect(others[9]).toBe("integer");
    });

    test("keeps what is written, whatever it is", async () => {
      const db = await engine.open();
      db.run("CREATE TABLE v (n integer, t text, b blob)");
      const values = [18_000_000_000, "it's", Uint8Array.from([1, 2])];
      db.runMany("INSERT INTO v VALUES (?, ?, ?)", [values, [null, null, null], [-1, "", new Uint8Array()]]);
      expect(db.rows("SELECT n, t, b, typeof(n) FROM v WHERE n > ?", [0]).rows).toEqual([[...values, "integer"]]);
      expect(db.rows("SELECT t, length(b) FROM v WHERE n = ?", [-1]).rows).toEqual([["", 0]]);
    });

    test("gathers rows in a table that hides the one of its name, and keeps only what is moved to that", async () => {
      const db = await engine.open();
      db.run("CREATE TABLE t (a text, PRIMARY KEY (a)) WITHOUT ROWID");
      db.run("CREATE TEMP TABLE t (a text, PRIMARY KEY (a)) WITHOUT ROWID");
      db.run("CREATE TEMP TABLE other (a text)");
      db.runMany("INSERT OR IGNORE INTO t VALUES (?)", [["kept"], ["kept"]]);
      expect(db.rows("SELECT * FROM main.t").rows).toEqual([]);
      db.run("INSERT INTO main.t SELECT * FROM temp.t");
      db.run("DROP TABLE temp.t");
      const again = await engine.open(db.bytes());
      expect(again.rows("SELECT a FROM t").rows).toEqual([["kept"]]);
      expect(again.rows("SELECT name FROM sqlite_schema").rows).toEqual([["t"]]);
    });

    test("writes many rows as they are, whatever stands in the row before", async () => {
      const db = await engine.open();
      db.run("CREATE TABLE v (n integer PRIMARY KEY, a, b, c)");
      const values = [
        "",
        "same",
        "same",
        "ä\u{1f600}",
        "with\0zero",
        null,
        7,
        7,
        7.5,
        2 ** 40,
        -1,
        "7",
        null,
        "ä\u{1f600}",
      ];
      const at = (n: number) => values[n % values.length] ?? null;
      const rows = Array.from({ length: 1300 }, (_, n) => [
        n,
        at(n),
        at(n >> 1),
        n % 97 === 5 ? `row ${n}` : at(n >> 3),
      ]);
      expect(db.runMany("INSERT INTO v VALUES (?, ?, ?, ?)", rows)).toBe(1300);
      expect(db.rows("SELECT n, a, b, c FROM v ORDER BY n").rows).toEqual(rows);
      const bytes = rows.map(([n = null], i) => [i % 5 === 0 ? Uint8Array.of(i & 255, 0) : "text", n]);
      db.runMany("UPDATE v SET a = ? WHERE n = ?", bytes);
      expect(db.rows("SELECT a, n FROM v ORDER BY n").rows).toEqual(bytes);
    });

    test("stops at the row that is refused, and the statement can be run again", async () => {
      const db = await engine.open();
      db.run("CREATE TABLE t (a text NOT NULL)");
      const rows = Array.from({ length: 40 }, (_, n) => [n === 30 ? null : "same"]);
      expect(codeOf(() => db.runMany("INSERT INTO t VALUES (?)", rows))).toBe("sql.invalid");
      expect(db.rows("SELECT count(*) FROM t").rows).toEqual([[30]]);
      expect(
        codeOf(() =>
          db.runMany(
            "INSERT INTO t VALUES (?)",
            Array.from({ length: 40 }, () => ["a", "b"]),
          ),
        ),
      ).toBe("sql.invalid");
      expect(
        db.runMany(
          "INSERT INTO t VALUES (?)",
          Array.from({ length: 40 }, () => ["more"]),
        ),
      ).toBe(40);
      expect(db.rows("SELECT count(*) FROM t WHERE a = 'more'").rows).toEqual([[40]]);
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
      for (const one of ["SELECT 1; -- that; was all", "/* ; */ SELECT 1 ;;", "SELECT 1 /* open; "])
        expect(db.rows(one).rows).toEqual([[1]]);
      expect(db.rows("SELECT ';' AS \"a;b\", [b] FROM t AS `t;` WHERE b = 1").rows).toEqual([[";", 1]]);
      const many = ["SELECT 1; DELETE FROM t", "SELECT '1'';'; DELETE FROM t", "SELECT 1;/**/DELETE FROM t"];
      for (const bad of [...many, "  ", "-- SELECT 1", ";", "SELECT 1\0; DELETE FROM t"])
        expect(codeOf(() => db.rows(bad))).toBe("sql.invalid");
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
      const db = await engine.open(bytes);
      db.run("PRAGMA query_only=ON");
      db.bytes();
      expect(codeOf(() => db.run("DELETE FROM t"))).toBe("sql.invalid");
    });

    test("bytes that are no database are told apart from a wrong query", async () => {
      const noise = new TextEncoder().encode("x".repeat(5000));
      await expect(engine.open(noise)).rejects.toMatchObject({ code: "sql.damaged" });
      const db = await filled();
      expect(codeOf(() => db.rows("SELECT nothing FROM nowhere"))).toBe("sql.invalid");
      expect(codeOf(() => db.rows("SELECT ?", [1, 2, 3]))).toBe("sql.invalid");
    });

    test("a view of an untrusted database cannot call functions with effects", async () => {
      const db = await filled();
      db.run("CREATE VIEW v AS SELECT load_extension('x') AS a");
      const opened = await engine.open(db.bytes(), { untrusted: true });
      expect(codeOf(() => opened.rows("SELECT a FROM v"))).toBe("sql.invalid");
    });

    test("takes rows of another database in, and is read-only again", async () => {
      const other = await engine.open();
      other.run("CREATE TABLE t (a text, b integer, PRIMARY KEY (a)) WITHOUT ROWID");
      other.run("INSERT INTO t VALUES ('row 0', 0)");
      const db = await engine.open((await filled()).bytes(), { readOnly: true });
      db.adopt(other.bytes(), "t");
      expect(db.rows("SELECT b FROM t ORDER BY a").rows).toEqual([[0], [1], [2], [3]]);
      expect(codeOf(() => db.run("DELETE FROM t"))).toBe("sql.invalid");
      for (const bad of [new Uint8Array(), new TextEncoder().encode("x".repeat(5000)), (await engine.open()).bytes()])
        expect(codeOf(() => db.adopt(bad, "t"))).toBe("sql.damaged");
      expect(db.rows("SELECT name FROM pragma_database_list").rows).toEqual([["main"]]);
      expect(codeOf(() => db.run("DELETE FROM t"))).toBe("sql.invalid");
    });
  });
}
