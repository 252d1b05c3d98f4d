import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commandless, withoutCommands } from "../../../cli/action/commandless.ts";
import { commandIn } from "../../support/runner-files.ts";

/** Text around what a runner acts on, so that random text often comes near to a command. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "::",
        ":",
        "##[",
        "#",
        "[",
        "]",
        "error",
        "set-env",
        "add-mask",
        "stop-commands",
        " ",
        "\n",
        "\r",
        "\t",
      ),
      fc.constantFrom("::error::", "::set-env name=PATH::", "##[add-mask]", "##[error]", "##[[error]", "#"),
      fc.constantFrom("\u{a0}", "\u{2028}", "\u{feff}", "\u{85}", "=", ",", "%0A", "%3A"),
      fc.string({ maxLength: 4 }),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(""));

/** What a runner reads of a log: lines as .NET ends them. */
function linesOf(log: string): readonly string[] {
  return log.split(/\r\n|\r|\n/);
}

function written(...texts: readonly string[]): string {
  let log = "";
  const stream = commandless({ isTerminal: false, columns: null, write: (text) => (log += text) });
  for (const text of texts) stream.write(text);
  stream.flush();
  return log;
}

describe("commandless", () => {
  it.each([
    ["::error::x", ": :error::x"],
    ["  \t::set-env name=PATH::/tmp", "  \t: :set-env name=PATH::/tmp"],
    ["\u{85}\u{a0}::error::x", "\u{85}\u{a0}: :error::x"],
    ["before ##[add-mask]x", "before ## [add-mask]x"],
    ["a::b::c", "a::b::c"],
    ["# [note]", "# [note]"],
  ])("writes %j as %j", (line, text) => {
    expect(withoutCommands(line)).toBe(text);
  });

  it("lets a runner find no command in any text, however it is cut into writes", () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 5 }), (texts) => {
        expect(linesOf(written(...texts)).map(commandIn)).toEqual(linesOf(written(...texts)).map(() => null));
      }),
    );
  });

  it("finds commands in the same text without it, so that the property means something", () => {
    expect(commandIn("::error title=a%2Cb::c%0Ad")).toEqual({
      name: "error",
      properties: { title: "a,b" },
      data: "c\nd",
    });
    expect(commandIn(" x ##[add-mask]secret")).toMatchObject({ name: "add-mask", data: "secret" });
    expect(commandIn("::nothing::x")).toBeNull();
  });

  it("is no terminal where a runner gives one", () => {
    expect(commandless({ isTerminal: true, columns: 80, write: () => undefined })).toMatchObject({
      isTerminal: false,
      columns: null,
    });
  });

  it("joins a line that comes in pieces before it judges it", () => {
    expect(written(":", ":error::x", "\nnext\n", "end")).toBe(": :error::x\nnext\nend\n");
  });
});
