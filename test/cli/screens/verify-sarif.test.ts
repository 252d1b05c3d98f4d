import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { sarifText } from "../../../cli/screens/verify-sarif.ts";
import { verifyRules } from "../../../cli/verify-rules.ts";
import { isData } from "../../../src/kernel/json.ts";
import { loadSchemas } from "../../../src/schema/documents.ts";
import type { StateVerifyResultV1, VerifyViolation } from "../../../src/schema/types.gen.ts";

/** The schema of the OASIS standard. Source: sarif-schema-2.1.0.json of oasis-tcs/sarif-spec. */
const official: unknown = JSON.parse(readFileSync("test/fixtures/sarif-schema-2.1.0.json", "utf8"));
const isSarif = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile<Sarif>(
  isData(official) ? official : false,
);
const schemas = loadSchemas();

interface Sarif {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly invocations: readonly [{ readonly executionSuccessful: boolean; readonly exitCode: number }];
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly level: string;
        readonly message: { readonly text: string };
        readonly locations: readonly [
          { readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } } },
        ];
        readonly partialFingerprints: Readonly<Record<string, string>>;
      }[];
    },
  ];
}

/** Prints a result and holds that it is valid SARIF. */
function sarifOf(result: StateVerifyResultV1) {
  const value: unknown = JSON.parse(sarifText(result, verifyRules));
  if (!isSarif(value)) throw new Error(JSON.stringify(isSarif.errors));
  const [run] = value.runs;
  return { ...run, rules: run.tool.driver.rules };
}

function example(name: string): StateVerifyResultV1 {
  const path = `schemas/examples/state-verify-result.v1/valid/${name}.json`;
  const value: unknown = JSON.parse(readFileSync(path, "utf8"));
  return schemas.check("state-verify-result.v1", value, path);
}

const violated = example("violated");

/** The example with one violation, changed. */
function withViolation(change: Partial<VerifyViolation>): StateVerifyResultV1 {
  const [first] = violated.violations;
  return { ...violated, warnings: [], violations: [{ ...first!, ...change }] };
}

const fingerprints = (result: StateVerifyResultV1) =>
  sarifOf(result).results.map(({ partialFingerprints }) => partialFingerprints["primaryLocationLineHash"]);

describe("verifying, for code scanning", () => {
  test("a violation is an error of its rule, a warning a warning", () => {
    const { results, rules, invocations } = sarifOf(violated);
    expect(results.map(({ ruleId, level }) => `${level} ${ruleId}`)).toEqual([
      "error release.frozen",
      "error state.ref.rewound",
      "warning time.backwards",
      "warning ref.homonym",
    ]);
    expect(results.map(({ ruleIndex }) => rules[ruleIndex]?.id)).toEqual(results.map(({ ruleId }) => ruleId));
    expect(invocations[0].exitCode).toBe(1);
  });

  test("what is missing makes the run unsuccessful: no results is not the same as nothing wrong", () => {
    expect(sarifOf(example("incomplete"))).toMatchObject({
      results: [],
      invocations: [{ executionSuccessful: false, exitCode: 4 }],
    });
    const whole = { ...example("incomplete"), status: "verified", missing: [] } as const;
    expect(sarifOf(whole).invocations).toMatchObject([{ executionSuccessful: true, exitCode: 0 }]);
  });

  test("names a place that is no file of the code", () => {
    const [first] = sarifOf(violated).results;
    expect(first?.locations[0].physicalLocation.artifactLocation.uri).toMatch(/^waybill\/state\/dist\/apps\//);
  });

  test.each([
    ["../../etc/passwd", "waybill/state/%2E%2E/%2E%2E/etc/passwd"],
    ["/etc/passwd", "waybill/state/etc/passwd"],
    ["a b/%2e#?\u202e\u0000.json", "waybill/state/a%20b/%252e%23%3F%5Cu%7B202e%7D%5Cu%7B0%7D.json"],
    ["https://evil.example/x", "waybill/state/https%3A/evil.example/x"],
    ["\ud800", "waybill/state/%5Cu%7Bd800%7D"],
  ])("a path cannot lead elsewhere: %j", (path, uri) => {
    const [result] = sarifOf(withViolation({ path })).results;
    expect(result?.locations[0].physicalLocation.artifactLocation.uri).toBe(uri);
  });

  test("text from outside makes no link, no placeholder, and nothing invisible", () => {
    const message = "[click](https://evil.example) {0} \u202egnp \u0007 \\[x](y)";
    const text = sarifOf(withViolation({ message })).results[0]?.message.text ?? "";
    expect(text).toContain("\\[click\\](https://evil.example) {{0}} \\\\u{{202e}}gnp \\\\u{{7}} \\\\\\[x\\](y)");
    expect(text).toMatch(/The commit says that it is by Mallory\./);
    expect(text).not.toContain("mallory@example.com");
  });

  test("a finding keeps its fingerprint while words and tips change, and has one of its own", () => {
    const same = fingerprints(withViolation({}));
    expect(fingerprints(withViolation({ message: "other words", next: "other" }))).toEqual(same);
    expect(fingerprints(withViolation({ commit: "9f3e2d1c00000000000000000000000000000000" }))).not.toEqual(same);
    expect(fingerprints(withViolation({ path: "state.json" }))).not.toEqual(same);
    const rewound = { rule: "state.ref.rewound", path: null } as const;
    const before = fingerprints(withViolation({ ...rewound, commit: null }));
    expect(fingerprints(withViolation({ ...rewound, commit: "9f3e2d1c00000000000000000000000000000000" }))).toEqual(
      before,
    );
    const [first] = violated.violations;
    expect(new Set(fingerprints({ ...violated, violations: [first!, first!] })).size).toBe(4);
  });
});
