import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { afterKey, clauses, cursorOf, equals, readPage, type Sorted } from "../../../../src/distribution/read/page.ts";
import { ask } from "../../../../src/distribution/read/record.ts";
import { isRefused } from "../../../../src/kernel/errors.ts";
import { sqlJsEngine } from "../../../../src/platform/sql-js.ts";

const columns = ["a", "b", "c"] as const;
const words = fc.constantFrom("", "a", "A", "ab", "b", "é", "'", '"; DROP TABLE t; --', "\u{1f600}", "z");
const rows = fc.uniqueArray(fc.tuple(words, words, words), { selector: (row) => row.join("\n"), maxLength: 30 });
const orders = fc
  .tuple(fc.boolean(), fc.boolean(), fc.boolean())
  .map((down): readonly Sorted[] =>
    columns.map((column, i) => (down[i] === true ? { column, descending: true } : { column })),
  );

describe("pages", () => {
  it("joined are the whole list, whatever the order, the limit and the words in it", async () => {
    const engine = sqlJsEngine();
    await fc.assert(
      fc.asyncProperty(
        rows,
        orders,
        fc.integer({ min: 1, max: 9 }),
        fc.option(words, { nil: null }),
        async (all, order, limit, only) => {
          const database = await engine.open();
          database.run("CREATE TABLE t (a text, b text, c text, PRIMARY KEY (a, b, c)) WITHOUT ROWID");
          database.runMany("INSERT INTO t VALUES (?, ?, ?)", all);
          const read = (after: string | null) => {
            const page = readPage({ limit, after }, order);
            if (isRefused(page)) throw new Error("refused");
            const { sql, values } = clauses([...equals("a", only), ...afterKey(order, page.after)], order);
            return ask(database, `SELECT * FROM t ${sql}`, values, page.limit);
          };
          const found: string[] = [];
          let after: string | null = null;
          do {
            const page = read(after);
            const keys = page.rows.map((row) => columns.map((column) => row.text(column)));
            found.push(...keys.map((key) => key.join("\n")));
            after = page.more ? cursorOf(keys.at(-1) ?? []) : null;
          } while (after !== null);
          const whole = clauses(equals("a", only), order);
          const expected = ask(database, `SELECT * FROM t ${whole.sql}`, whole.values).rows;
          expect(found).toEqual(expected.map((row) => columns.map((column) => row.text(column)).join("\n")));
          database.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  it("refuses cursors that are none of this list", () => {
    const order = [{ column: "a" }, { column: "b" }];
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json().map((text) => Buffer.from(text).toString("base64url")),
        ),
        (after) => {
          const page = readPage({ limit: null, after }, order);
          expect(isRefused(page) || page.after?.length === 2).toBe(true);
        },
      ),
    );
    expect(isRefused(readPage({ limit: null, after: cursorOf(["one"]) }, order))).toBe(true);
    expect(readPage({ limit: null, after: cursorOf(["1", "2"]) }, order)).toMatchObject({ after: ["1", "2"] });
  });

  it.each([0, -1, 1.5, 1001, Number.NaN])("refuses the limit %d", (limit) => {
    expect(isRefused(readPage({ limit, after: null }, [{ column: "a" }]))).toBe(true);
  });
});
