import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { toolkitRunner } from "../../../cli/action/toolkit.ts";
import { commandIn, outputsIn } from "../../support/runner-files.ts";

/** Cases of actions/runner, src/Test/L0/Worker/SetOutputFileCommandL0.cs: lines of the file and what the runner reads; the file has a BOM. */
const cases: readonly (readonly [string, readonly string[], Readonly<Record<string, string>>])[] = [
  ["DirectoryNotFound", [], {}],
  ["NotFound", [], {}],
  ["EmptyFile", [], {}],
  ["Simple", ["MY_OUTPUT=MY VALUE"], { MY_OUTPUT: "MY VALUE" }],
  [
    "Simple_SkipEmptyLines",
    ["", "MY_OUTPUT=my value", "", "MY_OUTPUT_2=my second value", ""],
    { MY_OUTPUT: "my value", MY_OUTPUT_2: "my second value" },
  ],
  ["Simple_EmptyValue", ["MY_OUTPUT="], { MY_OUTPUT: "" }],
  [
    "Simple_MultipleValues",
    ["MY_OUTPUT=my value", "MY_OUTPUT_2=", "MY_OUTPUT_3=my third value"],
    { MY_OUTPUT: "my value", MY_OUTPUT_2: "", MY_OUTPUT_3: "my third value" },
  ],
  [
    "Simple_SpecialCharacters",
    ["MY_OUTPUT==abc", "MY_OUTPUT_2=def=ghi", "MY_OUTPUT_3=jkl="],
    { MY_OUTPUT: "=abc", MY_OUTPUT_2: "def=ghi", MY_OUTPUT_3: "jkl=" },
  ],
  [
    "Heredoc",
    ["MY_OUTPUT<<EOF", "line one", "line two", "line three", "EOF"],
    { MY_OUTPUT: "line one\nline two\nline three" },
  ],
  ["Heredoc_EmptyValue", ["MY_OUTPUT<<EOF", "EOF"], { MY_OUTPUT: "" }],
  [
    "Heredoc_SkipEmptyLines",
    ["", "MY_OUTPUT<<EOF", "hello", "world", "EOF", "", "MY_OUTPUT_2<<EOF", "HELLO", "AGAIN", "EOF", ""],
    { MY_OUTPUT: "hello\nworld", MY_OUTPUT_2: "HELLO\nAGAIN" },
  ],
  [
    "Heredoc_SpecialCharacters",
    (
      "MY_OUTPUT<<=EOF|hello|one|=EOF|MY_OUTPUT_2<<<EOF|hello|two|<EOF|" +
      "MY_OUTPUT_3<<EOF|hello||three||EOF|MY_OUTPUT_4<<EOF|hello=four|EOF|MY_OUTPUT_5<<EOF| EOF|EOF"
    ).split("|"),
    {
      MY_OUTPUT: "hello\none",
      MY_OUTPUT_2: "hello\ntwo",
      MY_OUTPUT_3: "hello\n\nthree\n",
      MY_OUTPUT_4: "hello=four",
      MY_OUTPUT_5: " EOF",
    },
  ],
  ["Heredoc_PreservesNewline", ["MY_OUTPUT<<EOF", "hello", "world", "EOF"], { MY_OUTPUT: "hello\nworld" }],
];

const broken: readonly (readonly [string, readonly string[], string])[] = [
  [
    "Heredoc_MissingNewLine",
    ["MY_OUTPUT<<EOF", "line one", "line two", "line three", "EOF"],
    "Matching delimiter not found",
  ],
  [
    "Heredoc_MissingNewLineMultipleLines",
    ["MY_OUTPUT<<EOF", "line one\nline two\nline three", "EOF"],
    "EOF marker missing new line",
  ],
];

/** A step's files, named in the environment as a runner names them. */
function step(): {
  readonly outputs: () => ReadonlyMap<string, string>;
  readonly summary: () => string;
  readonly env: Map<string, string>;
} {
  const folder = mkdtempSync(join(tmpdir(), "waybill-step-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
    vi.unstubAllEnvs();
  });
  const env = new Map([["GITHUB_ACTIONS", "true"]]);
  for (const name of ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"]) {
    const file = join(folder, name);
    writeFileSync(file, "");
    env.set(name, file);
    vi.stubEnv(name, file);
  }
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  return { outputs: () => outputsIn(read("GITHUB_OUTPUT")), summary: () => read("GITHUB_STEP_SUMMARY"), env };
}

function captured(act: () => void): string {
  let log = "";
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    log += String(text);
    return true;
  });
  try {
    act();
  } finally {
    spy.mockRestore();
  }
  return log;
}

describe("output file", () => {
  it.each(cases)("is read as the runner reads it: %s", (_, lines, outputs) => {
    expect(Object.fromEntries(outputsIn(`\u{feff}${lines.join("\n")}`))).toEqual(outputs);
  });

  it.each(broken)("is refused as the runner refuses it: %s", (_, lines, why) => {
    expect(() => outputsIn(`\u{feff}${lines.join(" ")}`)).toThrow(why);
  });

  it.each(cases)("is written so that the runner reads the same values: %s", (_, __, outputs) => {
    const { env, outputs: read } = step();
    const runner = toolkitRunner(env);
    for (const [name, value] of Object.entries(outputs)) runner.output(name, value);
    expect(Object.fromEntries(read())).toEqual(outputs);
  });

  it("keeps any value of any bytes one value of one name", () => {
    const hostile = fc.array(
      fc.oneof(fc.string(), fc.constantFrom("\n", "EOF", "ok=true", "exit<<EOF", "ghadelimiter_")),
    );
    fc.assert(
      fc.property(hostile, (parts) => {
        const { env, outputs: read } = step();
        toolkitRunner(env).output("result", parts.join(""));
        toolkitRunner(env).output("ok", "false");
        expect([...read()]).toEqual([
          ["result", parts.join("")],
          ["ok", "false"],
        ]);
      }),
      { numRuns: 30 },
    );
  });
});

describe("runner", () => {
  it("escapes an annotation, so that its text is no other command", () => {
    const { env } = step();
    const message = "50 %\n::set-env name=PATH::/tmp";
    const log = captured(() =>
      toolkitRunner(env).annotate({ level: "error", title: "a,b::c", message, file: "dist.json", line: 21 }),
    );
    expect(log.trimEnd().split("\n")).toHaveLength(1);
    expect(commandIn(log.trimEnd())).toEqual({
      name: "error",
      properties: { title: "a,b::c", file: "dist.json", line: "21" },
      data: message,
    });
  });

  it("masks a secret, and by hand does not print it", () => {
    const { env } = step();
    expect(captured(() => toolkitRunner(env).mask("s3cret-value"))).toBe("::add-mask::s3cret-value\n");
    expect(captured(() => toolkitRunner(new Map()).mask("s3cret-value"))).toBe("");
  });

  it("writes a summary where there is a file for it", async () => {
    const { env, summary } = step();
    await toolkitRunner(env).summary("## Done\n");
    await toolkitRunner(new Map()).summary("## Elsewhere\n");
    expect(summary()).toBe("## Done\n\n");
  });
});
