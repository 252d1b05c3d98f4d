import fc from "fast-check";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ToolError } from "../../../../src/kernel/errors.ts";
import { lastOf, parseSettings } from "../../../../src/platform/portable/config.ts";
import { codeOf } from "../../../support/code-of.ts";
import { gitBytes, makeFolder } from "../../../support/git-repo.ts";

it("reads sections, subsections, quotes, comments and continued lines as git does", () => {
  const text = [
    "; a comment",
    "[Core] bare = true",
    '\tName = a "b ; c"  d # e',
    '[remote "Or\\"igin.x"] url = https://x.example/a;b',
    "\turl = one\\",
    " two\\t\\\\ \r",
    "\tempty =",
    "\talone",
    "[a.B]",
    '\tkey-1="  kept  "',
    '[url "https://x.example/"]\n\tinsteadOf = "y:"#z',
  ].join("\n");
  const folder = makeFolder();
  const path = join(folder.path, "config");
  writeFileSync(path, text);
  const git = gitBytes(folder.path, ["config", "--file", path, "--null", "--list"]).toString("utf8");
  const theirs = git
    .split("\0")
    .filter((entry) => entry !== "")
    .map((entry) => {
      const end = entry.indexOf("\n");
      return end < 0 ? [entry, "true"] : [entry.slice(0, end), entry.slice(end + 1)];
    });
  expect(parseSettings(text, path)).toEqual(theirs);
  folder.remove();
});

it("takes the last value, and nothing that is no configuration", () => {
  expect(lastOf(parseSettings("[a]\nb=1\n[A]\nB=2", "f"), "a.b")).toBe("2");
  for (const text of ["b = 1", "[a", "[a]\nb c", '[a]\nb = "open', "[a]\n1 = 2", '[a "b]\nc = d'])
    expect([text, codeOf(() => parseSettings(text, "f"))]).toEqual([text, "state.repository.unsupported"]);
});

it("ends on any text with settings or its own code", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'[]"\\\n\r\t =;#aB.1-'.split("")), maxLength: 60 }), (text) => {
      expect(["settings", "state.repository.unsupported"]).toContain(outcomeOf(() => parseSettings(text, "f")));
    }),
  );
});

function outcomeOf(work: () => unknown): unknown {
  try {
    work();
    return "settings";
  } catch (error) {
    return error instanceof ToolError ? error.code : error;
  }
}
