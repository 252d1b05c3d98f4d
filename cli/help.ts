import type { AnyCommand, Flag, Group, Positional } from "./command.ts";
import { dryRun, everywhere } from "./flags.ts";
import { padTo } from "./output/width.ts";
import { typedName } from "./programs.ts";

const groups: readonly Group[] = ["Publish", "Move a channel", "Decide", "Look and prove", "More", "Set up"];
const LABEL_COLUMNS = 16;
const FLAG_COLUMNS = 22;
const shared = [
  "  --server <owner/repo | URL | path> [DIST_SERVER]   --token <t> [DIST_TOKEN]   --local-store <dir> [DIST_LOCAL_STORE]",
  "  --offline   --driver <native | forge | portable> [WAYBILL_DRIVER]   --root <commit>   --key <file> [WAYBILL_KEY]   --json   --verbose   --no-color",
];

/** Help on all commands, or on those below some words: what people come to do, in groups, with usage and examples. */
export function overviewOf(commands: readonly AnyCommand[], words: readonly string[]): string {
  const below = commands.filter(({ path }) => words.every((word, i) => path.split(" ")[i] === word));
  const lines = below.flatMap((command) => lineOf(command, words.length === 0 ? below : []));
  const width = Math.max(0, ...lines.map(({ call }) => call.length));
  const rows = groups.flatMap((group) => {
    const mine = lines.filter((line) => line.group === group);
    return mine.map(({ call, summary }, i) => {
      return `${padTo(i === 0 ? group : "", LABEL_COLUMNS)}${padTo(call, width)}  ${summary}`;
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
  const flags = { ...command.options, ...(command.writes ? dryRun : {}) };
  const given: readonly (readonly [string, string])[] = [
    ...(command.positionals ?? []).map((positional) => [`<${positional.name}>`, positional.describe] as const),
    ...Object.entries(flags).map(([name, flag]) => [flagText(name, flag), flag.describe] as const),
  ];
  const width = Math.max(FLAG_COLUMNS, ...given.map(([left]) => left.length));
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
    ...given.map(([left, right]) => `  ${padTo(left, width)} ${right}`),
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

interface Line {
  readonly group: Group;
  readonly call: string;
  readonly summary: string;
}

/** The line of a command; where all are shown, what lists and what shows one share a line. */
function lineOf({ path, group, summary, positionals = [] }: AnyCommand, all: readonly AnyCommand[]): readonly Line[] {
  const has = (other: string) => all.some((command) => command.path === other && command.group === group);
  if (path.endsWith(" show") && has(path.replace(/show$/, "list"))) return [];
  const both = path.endsWith(" list") && has(path.replace(/list$/, "show"));
  return [{ group, summary, call: both ? `${path} | show` : [path, ...positionals.map(positionalText)].join(" ") }];
}

function positionalText({ name, optional, many }: Positional): string {
  const shown = `<${name}${many ? "..." : ""}>`;
  return optional ? `[${shown}]` : shown;
}

function flagText(name: string, { type, placeholder }: Flag): string {
  if (type === "boolean") return `--${name}`;
  return `--${name} <${placeholder ?? (type === "number" ? "n" : "text")}>`;
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
