import { describe, expect, test } from "vitest";
import { ToolError } from "../../../src/kernel/errors.ts";
import { loadSchemas } from "../../../src/schema/documents.ts";
import { appDocument, eventDocument } from "../../support/facts.ts";
import { codeOf } from "../../support/code-of.ts";

const schemas = loadSchemas();
const bytes = (text: string) => new TextEncoder().encode(text);

function thrown(work: () => unknown): ToolError {
  try {
    work();
  } catch (cause) {
    if (cause instanceof ToolError) return cause;
  }
  throw new Error("no error of ours");
}

test("prints a document and reads it back, byte for byte", () => {
  const printed = schemas.print("app.v1", appDocument("notes"));
  expect(schemas.parse("app.v1", printed, "app.json")).toEqual(appDocument("notes"));
  expect(schemas.print("app.v1", schemas.parse("app.v1", printed, "app.json"))).toEqual(printed);
});

test("an invalid document is named with the pointer to its first problem, and the others are counted", () => {
  const error = thrown(() =>
    schemas.check("app.v1", { ...appDocument("notes"), visibility: "secret", extra: 1 }, "x.json"),
  );
  expect(error.code).toBe("schema.invalid");
  expect(error.message).toMatch(/^x\.json#.*\(and 1 more\)$/);
  const problems = JSON.stringify(error.data["problems"]);
  expect(problems).toContain(
    '"pointer":"/visibility","message":"must be equal to one of the allowed values: public, unlisted, private"',
  );
  expect(problems).toContain('\\"extra\\"');
});

test("the same document on a branch is invalid there, and one of another form is none", () => {
  const text = '{\n  "schema": "app.v1"\n}\n';
  expect(codeOf(() => schemas.parse("app.v1", bytes(text), "x"))).toBe("state.document.invalid");
  expect(codeOf(() => schemas.parse("app.v1", bytes('{"schema":"app.v1"}'), "x"))).toBe("document.not_canonical");
  expect(codeOf(() => schemas.parse("app.v1", Uint8Array.of(0xff), "x"))).toBe("text.invalid_utf8");
});

test("a name from outside is escaped before it is shown", () => {
  const error = thrown(() => schemas.check("app.v1", { ...appDocument("notes"), "\u202egnp": 1 }, "x.json"));
  expect(error.message).toContain("\\u{202e}gnp");
});

test("problems are bounded, however many there are", () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`extra_${i}`, 1]));
  const { data } = thrown(() => schemas.check("app.v1", { ...appDocument("notes"), ...many }, "x.json"));
  expect(data["problems"]).toHaveLength(20);
});

describe("text", () => {
  const refused = new Map([
    ["a line break", "a\nb"],
    ["a bidirectional control", "a\u202eb"],
    ["a zero-width character", "a\u200bb"],
    ["a form that is not composed", "u\u0308"],
    ["an unassigned character", "\u0378"],
  ]);

  test.each([...refused])("of one line does not hold %s", (_, owner) => {
    expect(codeOf(() => schemas.check("app.v1", appDocument("notes", owner), "x"))).toBe("schema.invalid");
  });

  test.each([
    "2026-02-30T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01",
    "2026-01-01T00:00:00+01:00",
  ])("%s is no time", (created_at) => {
    expect(codeOf(() => schemas.check("audit-event.v1", { ...eventDocument("aud_1"), created_at }, "x"))).toBe(
      "schema.invalid",
    );
  });

  test.each(["2024-02-29T23:59:59Z", "2026-12-31T00:00:00Z", "2026-01-01T00:00:00.123456789Z"])(
    "%s is one",
    (created_at) => {
      expect(schemas.check("audit-event.v1", { ...eventDocument("aud_1"), created_at }, "x").created_at).toBe(
        created_at,
      );
    },
  );
});
