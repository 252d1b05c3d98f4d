import { describe, expect, it } from "vitest";
import { documentKinds } from "../../cli/compose/kinds.ts";
import { decisionKinds } from "../../cli/compose/decision-kinds.ts";
import { isData } from "../../src/kernel/json.ts";
import type { DocumentName } from "../../src/schema/types.gen.ts";
import { carriesSecret } from "../../src/state/secrets.ts";
import { schemas } from "../support/facts.ts";
import { examplesOf } from "./examples.ts";

const names: readonly DocumentName[] = [
  ...new Set([...documentKinds.map(({ name }) => name), ...decisionKinds.map(({ schema }) => schema)]),
];

type Path = readonly (string | number)[];

/** Members of an object or a list, by key or place. */
function membersOf(value: unknown): readonly (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return value.map((one: unknown, i) => [i, one]);
  return isData(value) ? Object.entries(value) : [];
}

/** Places of texts in a document. */
function texts(value: unknown, at: Path = []): readonly Path[] {
  return typeof value === "string" ? [at] : membersOf(value).flatMap(([key, one]) => texts(one, [...at, key]));
}

function textAt(value: unknown, [first, ...rest]: Path): string {
  if (first === undefined) return typeof value === "string" ? value : "";
  return textAt(membersOf(value).find(([key]) => key === first)?.[1], rest);
}

function withText(value: unknown, [first, ...rest]: Path, text: string): unknown {
  if (first === undefined) return text;
  const members = membersOf(value).map(([key, one]) => [key, key === first ? withText(one, rest, text) : one] as const);
  return Array.isArray(value) ? members.map(([, one]) => one) : Object.fromEntries(members);
}

/** Every text in an example of a document, and the document with another one in its place, printed; null where that is no document. */
function eachText(name: DocumentName) {
  return examplesOf(name).flatMap((example) =>
    texts(example).map((path) => ({
      field: path.filter((part) => typeof part === "string").join("."),
      last: path.at(-1),
      before: textAt(example, path),
      printWith: (text: string): string | null => {
        try {
          const document = schemas.check<DocumentName>(name, withText(example, path, text), name);
          return Buffer.from(schemas.print(name, document)).toString();
        } catch {
          return null;
        }
      },
    })),
  );
}

/** Texts of several lines, which people read as they were written. */
const LONG = /^(?:notes|reason|description)$/;

/** Texts that are kept as they came, and are escaped where they are shown: what inspectors found, and armoured signatures. */
const VERBATIM = /(?:^|\.)metadata\.|^inspection\.|^(?:signature|bundle)$/;

describe.each(names)("texts of %s", (name) => {
  it("take no character that hides, turns or ends a line", () => {
    const taken = [];
    for (const { field, last, before, printWith } of eachText(name).filter((text) => !VERBATIM.test(text.field))) {
      for (const bad of [
        "\u0000",
        "\u0007",
        "\u001b[2J",
        "\u007f",
        "\u0085",
        "\u00ad",
        "\u200b",
        "\u2028",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\ud800",
        "\ue000",
        "\u0378",
        "e\u0301",
      ])
        if (printWith(`${before}${bad}`) !== null || printWith(bad + before) !== null)
          taken.push(`${field} ${JSON.stringify(bad)}`);
      if (!LONG.test(String(last)) && printWith(`${before}\n`) !== null) taken.push(`${field} line break`);
    }
    expect([...new Set(taken)]).toEqual([]);
  });

  it("name versions and builds in plain letters only", () => {
    const taken = [];
    for (const { field, last, printWith } of eachText(name)) {
      if (!/^(?:version|build|replacement_version)$/.test(String(last))) continue;
      for (const bad of [
        "1.0.\u0430",
        "1.0.\u043e",
        "1.0.0\u200b",
        "\u202e0.0.1",
        "1.0.0 ",
        " 1.0.0",
        "1.0/0",
        "-1",
        ".1",
        "",
        "1\u0660",
        "１.0",
        "a".repeat(129),
      ])
        if (printWith(bad) !== null) taken.push(`${field} ${JSON.stringify(bad)}`);
    }
    expect(taken).toEqual([]);
  });

  it("carry no secret past the writer, wherever it stands", () => {
    const joined = (...parts: readonly string[]) => parts.join("");
    const shapes = [
      joined("dist_", "0a".repeat(32)),
      joined("-----BEGIN OPENSSH ", "PRIVATE KEY-----"),
      joined("gh", "p_", "a1B2".repeat(9)),
      joined("github_", "pat_", "a1B2".repeat(6)),
      joined("gl", "pat-", "a1B2".repeat(5)),
      joined("AK", "IA", "ABCD".repeat(4)),
      joined("xo", "xb-", "1234567890"),
      joined("np", "m_", "a1B2".repeat(9)),
      joined("ey", "J", "a".repeat(12), ".ey", "J", "b".repeat(12), ".", "c".repeat(12)),
    ];
    const passed = [];
    for (const { field, before, printWith } of eachText(name)) {
      for (const secret of shapes)
        for (const text of [secret, `${before} ${secret}`, `${secret}"quoted"`]) {
          const printed = printWith(text);
          if (printed === null) continue;
          if (!carriesSecret(printed)) passed.push(`${field} ${secret}`);
        }
    }
    expect(passed).toEqual([]);
  });
});
