import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseLine, UsageError } from "../../cli/parse.ts";
import { fakeCommands } from "./fake-commands.ts";

function parsed(...argv: string[]) {
  const asked = parseLine(fakeCommands, argv);
  if (!("run" in asked)) throw new Error("no command");
  return { path: asked.run.path, args: asked.args };
}

function wrong(...argv: string[]) {
  try {
    parseLine(fakeCommands, argv);
  } catch (error) {
    if (error instanceof UsageError) return { code: error.code, message: error.message, hints: error.hints };
    throw error;
  }
  throw new Error("It was taken");
}

function outcome(argv: readonly string[]): unknown {
  try {
    parseLine(fakeCommands, argv);
    return "a command";
  } catch (error) {
    return error instanceof UsageError ? "wrong usage" : error;
  }
}

describe("command line", () => {
  it("finds a command behind flags of all commands and between them", () => {
    expect(parsed("--server", "./repo.git", "dist", "--json", "app", "list", "--limit", "3")).toEqual({
      path: "dist app list",
      args: { server: "./repo.git", json: true, limit: 3 },
    });
  });

  it("keeps values as they were typed: no numbers, no camel case, no dots", () => {
    const { args } = parsed("dist", "app", "end", "1.10", "--reason", "0x10", "--dry-run", "--local-store=a.b");
    expect(args).toEqual({ how: "1.10", reason: "0x10", "dry-run": true, "local-store": "a.b" });
  });

  it("keeps quotes that a shell left there", () => {
    const { args } = parsed(
      "dist",
      "app",
      "end",
      "--reason='a'",
      '--local-store="b"',
      "--dry-run=true",
      "--",
      '--key="c"',
    );
    expect(args).toEqual({ how: '--key="c"', reason: "'a'", "local-store": '"b"', "dry-run": true });
  });

  it("takes a lone dash as the value of a flag, elsewhere as a positional", () => {
    const { args } = parsed("dist", "app", "end", "-", "--reason", "-", "--dry-run");
    expect(args).toEqual({ how: "-", reason: "-", "dry-run": true });
  });

  it("gathers a flag that may be given several times, and the last positional", () => {
    expect(parsed("dist", "app", "list", "--key", "a", "--key", "b").args).toEqual({ key: ["a", "b"] });
    expect(parsed("inspect", "a", "b", "c").args).toEqual({ file: ["a", "b", "c"] });
  });

  it("takes everything after -- as a positional", () => {
    expect(parsed("inspect", "--", "--json").args).toEqual({ file: ["--json"] });
  });

  it.each([
    [["dist", "ap", "list"], "usage.unknown_command", "Did you mean: dist app list"],
    [["dist", "app", "lst"], "usage.unknown_command", "Did you mean: dist app list"],
    [["zzzzzz"], "usage.unknown_command", "waybill --help"],
    [["dist", "app", "list", "--limt", "3"], "usage.unknown_flag", "Did you mean: --limit"],
    [["dist", "app", "list", "--dry-run"], "usage.unknown_flag", "dist app list --help"],
    [["dist", "app", "list", "--limit", "ten"], "usage.invalid_argument", "dist app list --help"],
    [["dist", "app", "list", "--server"], "usage.invalid_argument", "dist app list --help"],
    [["dist", "app", "list", "--server", "a", "--server", "b"], "usage.invalid_argument", "dist app list --help"],
    [["dist", "app", "list", "extra"], "usage.invalid_argument", "dist app list --help"],
    [["dist", "app", "end", "ok"], "usage.missing_argument", undefined],
    [["dist", "app", "end", "--reason", "x"], "usage.missing_argument", undefined],
    [["dist", "app"], "usage.missing_argument", undefined],
    [[], "usage.missing_argument", undefined],
    [["serve"], "usage.not_here", undefined],
  ])("refuses %j with %s and one suggestion at most", (argv, code, hint) => {
    expect(wrong(...argv)).toMatchObject({ code, hints: hint === undefined ? [] : [hint] });
  });

  it("names the version that has what is not here yet", () => {
    expect(wrong("serve", "--port", "1").message).toMatch(/comes with version \d/);
  });

  it("only ever answers a command or throws wrong usage", () => {
    const pieces = [
      "dist",
      "app",
      "list",
      "end",
      "inspect",
      "--json",
      "--limit",
      "--",
      "-h",
      "--reason=x",
      "é",
      "",
      "-",
      "--__proto__",
      "--constructor=1",
    ];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 8 }), (argv) => {
        expect(["a command", "wrong usage"]).toContain(outcome(argv));
      }),
    );
  });
});
