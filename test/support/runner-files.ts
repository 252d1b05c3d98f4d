/** A command that the runner found in a line of a log. Source: actions/runner, src/Runner.Common/ActionCommand.cs. */
export interface RunnerCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

/** Commands that a runner knows; others are text to it. */
const REGISTERED = new Set(
  (
    "set-env set-output save-state add-path add-mask add-matcher remove-matcher warning error notice debug group endgroup echo " +
    "stop-commands internal-set-repo-path"
  ).split(" "),
);

/** Reads a line as the runner does: `::name properties::data` after white space, or `##[name properties]data` anywhere; null is text. */
export function commandIn(line: string): RunnerCommand | null {
  const second = /^[\s\u{85}]*::([\s\S]*?)::([\s\S]*)$/u.exec(line);
  const found = second === null ? null : commandOf(second[1]!, second[2]!, ",");
  if (found !== null) return found;
  const first = /##\[([\s\S]*?)\]([\s\S]*)$/.exec(line);
  return first === null ? null : commandOf(first[1]!, first[2]!, ";");
}

function commandOf(info: string, data: string, separator: string): RunnerCommand | null {
  const space = info.indexOf(" ");
  const name = space < 0 ? info : info.slice(0, space);
  if (!REGISTERED.has(name)) return null;
  const pairs =
    space < 0
      ? []
      : info
          .slice(space + 1)
          .trim()
          .split(separator);
  const properties = pairs.flatMap((pair): readonly (readonly [string, string])[] => {
    const at = pair.indexOf("=");
    return at <= 0 || at === pair.length - 1 ? [] : [[pair.slice(0, at), unescape(pair.slice(at + 1))]];
  });
  return { name, properties: Object.fromEntries(properties), data: unescape(data) };
}

function unescape(text: string): string {
  const mapped = { "%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%" };
  return Object.entries(mapped).reduce((shown, [from, to]) => shown.replaceAll(from, to), text);
}

/** Reads an output file as the runner does. Source: actions/runner, src/Runner.Worker/FileCommandManager.cs. */
export function outputsIn(text: string): ReadonlyMap<string, string> {
  const outputs = new Map<string, string>();
  const lines = text.replace(/^\u{feff}/u, "").split("\n");
  // A line break ends a line and begins none.
  const endsWithBreak = lines.at(-1) === "";
  if (endsWithBreak) lines.pop();
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i]!;
    if (line === "") continue;
    const [equals, heredoc] = [line.indexOf("="), line.indexOf("<<")];
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      if (equals === 0) throw new Error(`Invalid format '${line}'. Name must not be empty`);
      outputs.set(line.slice(0, equals), line.slice(equals + 1));
    } else if (heredoc >= 0) {
      const [name, delimiter] = [line.slice(0, heredoc), line.slice(heredoc + 2)];
      if (name === "" || delimiter === "")
        throw new Error(`Invalid format '${line}'. Name and delimiter must not be empty`);
      const end = lines.indexOf(delimiter, i + 1);
      if (end < 0) throw new Error(missingEnd(lines.length > i + 1 && !endsWithBreak, delimiter));
      outputs.set(name, lines.slice(i + 1, end).join("\n"));
      i = end;
    } else {
      throw new Error(`Invalid format '${line}'`);
    }
  }
  return outputs;
}

function missingEnd(isOpen: boolean, delimiter: string): string {
  return isOpen
    ? `Invalid value. EOF marker missing new line`
    : `Invalid value. Matching delimiter not found '${delimiter}'`;
}
