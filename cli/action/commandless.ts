import type { Stream } from "../host.ts";

/** A stream whose last line, where it has no end yet, is written by `flush`. */
export interface LineStream extends Stream {
  flush(): void;
}

/**
 * Takes from a line what a runner would act on: `::command::` at its beginning, `##[command]` anywhere.
 * Source: actions/runner, src/Runner.Common/ActionCommand.cs (TryParseV2 after trimming, TryParse); .NET trims U+0085 too.
 */
export function withoutCommands(line: string): string {
  return line.replace(/^([\s\u{85}]*:)(?=:)/u, "$1 ").replaceAll("##[", "## [");
}

/**
 * A stream to a runner's log: what passes through it is text, never a command. It writes whole lines, and is no terminal even
 * where a runner gives its steps one.
 */
export function commandless(stream: Stream): LineStream {
  let rest = "";
  return {
    isTerminal: false,
    columns: null,
    write(text) {
      // The runner ends lines as .NET does, at a lone carriage return too.
      const lines = (rest + text).split(/\r\n|\r|\n/);
      rest = lines.pop() ?? "";
      if (lines.length > 0) stream.write(lines.map((line) => `${withoutCommands(line)}\n`).join(""));
    },
    flush() {
      if (rest !== "") stream.write(`${withoutCommands(rest)}\n`);
      rest = "";
    },
  };
}
