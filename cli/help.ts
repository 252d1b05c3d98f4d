import type { AnyCommand, Flag, Group, Positional } from "./command.ts";
import { dryRun, everywhere } from "./flags.ts";
import { padTo } from "./output/width.ts";
import { typedName } from "./programs.ts";

const groups: readonly Group[] = ["Publish", "Move a channel", "Decide", "Look and prove", "More", "Set up"];
const LABEL_COLUMNS = 16;
const FLAG_COLUMNS = 22;
const shared = [
  "  --server <owner/repo | URL | path> [DIST_SERVER]   --token <t> [DIST_TOKEN]   --local-store <dir> [DIST_LOCAL_STORE]",
  "  --offline   --root <commit>   --key <file> [WAYBILL_KEY]   --json   --verbose   --no-color",
];

/** Help on all commands, or on those below some words: what people come to do, in groups, with usage and examples. */
export function overviewOf(commands: readonly AnyCommand[], words: readonly string[]): string {
  const below = commands.filter(({ path }) => words.every((word, i) => path.split(" ")[i] === word));
  const names = below.map(lineOf);
  const width = Math.min(48, Math.max(...names.map(({ length }) => length), 0));
  const rows = groups.flatMap((group) => {
    const mine = below.filter((command) => command.group === group);
    return mine.map((command, i) => {
      const label = padTo(i === 0 ? group : "", LABEL_COLUMNS);
      return `${label}${padTo(lineOf(command), width)}  ${command.summary}`;
    });
  });
  const typed = typedName(words.join(" "));
  return text([
    ...(words.length === 0 ? ["Ship releases, channels and deliveries with git as the only database"] : []),
    `Usage: ${typed} <command> [flags]${words.length === 0 ? "        also: dist = waybill dist · akc = waybill" : ""}`,
    ...rows,
    `${padTo("Everywhere", LABEL_COLUMNS)}--json --verbose --no-color --help, what writes --dry-run`,
    `${padTo("Exit", LABEL_COLUMNS)}0 done · 1 no · 2 bad input · 3 waiting · 4 try again · 70 our bug`,
    ...examples(words.length === 0 ? overviewExamples(below) : below.slice(0, 2).map(({ examples: [first] }) => first)),
  ]);
}

/** Help on one command: what it does, how it is called, what happens, examples. */
export function helpOf(command: AnyCommand): string {
  const required = Object.entries(command.options).filter(([, flag]) => flag.demandOption);
  const call = [
    typedName(command.path),
    ...(command.positionals ?? []).map(positionalText),
    ...required.map(([name, flag]) => flagText(name, flag)),
    "[flags]",
  ];
  return text([
    command.summary,
    `Usage: ${call.join(" ")}`,
    ...(command.positionals ?? []).map((positional) => row(`<${positional.name}>`, positional.describe)),
    ...Object.entries(command.options).map(([name, flag]) => row(flagText(name, flag), flag.describe)),
    ...(command.writes ? Object.entries(dryRun).map(([name, flag]) => row(flagText(name, flag), flag.describe)) : []),
    ...shared,
    ...effectRows(command.effects ?? []),
    ...examples(command.examples),
  ]);
}

/** Names of the flags that `shared` lists, for the test that it names all. */
export const sharedFlags: readonly string[] = Object.keys(everywhere);

function text(lines: readonly string[]): string {
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}

function lineOf(command: AnyCommand): string {
  return [command.path, ...(command.positionals ?? []).map(positionalText)].join(" ");
}

function positionalText({ name, optional, many }: Positional): string {
  const shown = `<${name}${many ? "..." : ""}>`;
  return optional ? `[${shown}]` : shown;
}

function flagText(name: string, { type, placeholder }: Flag): string {
  if (type === "boolean") return `--${name}`;
  return `--${name} <${placeholder ?? (type === "number" ? "n" : "text")}>`;
}

function row(left: string, right: string): string {
  return `  ${padTo(left, FLAG_COLUMNS)} ${right}`;
}

/** Lines up the exits behind what happens. */
function effectRows(effects: readonly string[]): readonly string[] {
  const parts = effects.map((effect) => effect.split(/ {3,}(?=exit )/));
  const width = Math.max(0, ...parts.map(([what = ""]) => what.length));
  return parts.map(([what = "", exit = ""], i) => {
    return `${padTo(i === 0 ? "What happens" : "", LABEL_COLUMNS)}${padTo(what, width)}   ${exit}`;
  });
}

function examples(lines: readonly string[]): readonly string[] {
  return lines.map((line, i) => `${padTo(i === 0 ? "Examples" : "", LABEL_COLUMNS)}$ ${typedName(line)}`);
}

/** One example of what is done most and one of what is needed in a hurry. */
function overviewExamples(commands: readonly AnyCommand[]): readonly string[] {
  const wanted = ["dist ci publish", "dist release rollback"];
  return wanted.flatMap((path) => commands.find((command) => command.path === path)?.examples[0] ?? []);
}
