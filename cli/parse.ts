import { Parser } from "yargs/helpers";
import type { ErrorCode } from "../src/kernel/error-catalogue.ts";
import { ToolError } from "../src/kernel/errors.ts";
import { nearest } from "../src/kernel/nearest.ts";
import { printable } from "../src/kernel/text.ts";
import type { AnyCommand, Args, Flag } from "./command.ts";
import { dryRun, everywhere } from "./flags.ts";
import { later } from "./later.ts";
import { typedName } from "./programs.ts";

/** Most words that the path of a command has. */
const MAX_WORDS = 4;

/** Wrong usage; `show` is the help that belongs to it, of one command or of the commands below some words. */
export class UsageError extends ToolError {
  readonly show: AnyCommand | readonly string[] | null;

  constructor(code: ErrorCode, message: string, hint: string | undefined, show: AnyCommand | readonly string[] | null) {
    super(code, message, { hints: hint === undefined ? [] : [hint] });
    this.show = show;
  }
}

/** What was asked for: a command to run, or help on one, or on all that begin with some words. */
export type Asked =
  | { readonly run: AnyCommand; readonly args: Args }
  | { readonly help: AnyCommand | readonly string[]; readonly args: Args }
  | { readonly version: true };

/** Flags of a command, its own and those of all. */
export function flagsOf(command: AnyCommand): Readonly<Record<string, Flag>> {
  return { ...everywhere, ...(command.writes ? dryRun : {}), ...command.options };
}

/** Tells whether an argument was given as a bare flag, wherever the rest of the line is wrong. */
export function asksFor(flag: "json" | "verbose" | "no-color", argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return argv.slice(0, end < 0 ? undefined : end).some((word) => word === `--${flag}` || word === `--${flag}=true`);
}

/** Reads a command line. Throws a `UsageError` with one suggestion for a wrong name. */
export function parseLine(commands: readonly AnyCommand[], argv: readonly string[]): Asked {
  const { words, rest, command } = commandOf(commands, argv);
  if (command !== undefined) return parseArgs(command, rest);
  if (words.length === 0 && rest.includes("--version")) return { version: true };
  const { values } = read(everywhere, rest, null);
  const known = commands.filter(({ path }) => startsWith(path, words));
  if (values["help"] === true && known.length > 0) return { help: words, args: values };
  if (known.length === 0) throw unknownCommand(commands, words, argv);
  throw new UsageError("usage.missing_argument", "A command is missing", undefined, words);
}

/** Finds the longest command that the words before and after flags of all commands spell. */
function commandOf(commands: readonly AnyCommand[], argv: readonly string[]) {
  const words: string[] = [];
  const rest: string[] = [];
  const flags: Readonly<Record<string, Flag>> = everywhere;
  for (let i = 0; i < argv.length; i += 1) {
    const token = argv[i] ?? "";
    if (token.startsWith("-")) {
      const takesValue = flags[token.slice(2)]?.type === "string";
      rest.push(...argv.slice(i, i + (takesValue ? 2 : 1)));
      if (takesValue) i += 1;
      continue;
    }
    words.push(token);
    const command = commands.find(({ path }) => path === words.join(" "));
    const goesOn = commands.some(({ path }) => startsWith(path, [...words, argv[i + 1] ?? ""]));
    if (command !== undefined && !goesOn) return { command, words, rest: [...rest, ...argv.slice(i + 1)] };
    if (!commands.some(({ path }) => startsWith(path, words))) break;
  }
  return { command: undefined, words, rest };
}

function startsWith(path: string, words: readonly string[]): boolean {
  return `${path} `.startsWith([...words, ""].join(" ").trimStart());
}

function unknownCommand(
  commands: readonly AnyCommand[],
  words: readonly string[],
  argv: readonly string[],
): UsageError {
  const typed = words.join(" ");
  const soon = later.find(({ path }) => startsWith(typed, path.split(" ")));
  if (soon !== undefined) {
    return new UsageError("usage.not_here", `waybill ${soon.path} comes with version ${soon.version}`, undefined, null);
  }
  const all = argv.filter((word) => !word.startsWith("-"));
  // As many words as could be meant first, so that what follows a wrong word is not lost.
  for (let depth = Math.min(all.length, MAX_WORDS); depth >= words.length; depth -= 1) {
    const names = commands.map(({ path }) => path.split(" ").slice(0, depth).join(" "));
    const meant = nearest(all.slice(0, depth).join(" "), names);
    if (meant === undefined) continue;
    const hint = `Did you mean: ${typedName(meant)}`;
    return new UsageError("usage.unknown_command", `"${printable(typed)}" is no command`, hint, null);
  }
  return new UsageError("usage.unknown_command", `"${printable(typed)}" is no command`, "waybill --help", null);
}

function parseArgs(command: AnyCommand, rest: readonly string[]): Asked {
  const flags = flagsOf(command);
  const { values, positionals } = read(flags, rest, command);
  if (values["help"] === true) return { help: command, args: values };
  const args = { ...values, ...positionalsOf(command, positionals) };
  for (const [name, flag] of Object.entries(command.options)) {
    if (flag.demandOption && args[name] === undefined) {
      throw new UsageError("usage.missing_argument", `--${name} is missing`, undefined, command);
    }
  }
  return { run: command, args };
}

/** Runs yargs' parser over typed flags and judges what it found, by the names as they were typed. */
function read(flags: Readonly<Record<string, Flag>>, rest: readonly string[], command: AnyCommand | null) {
  const named = (type: Flag["type"]) => Object.keys(flags).filter((name) => flags[name]?.type === type);
  const { _: positionals, ...found } = Parser(quoted(withDashes(rest, named("string"))), {
    string: [...named("string"), ...named("number")],
    boolean: named("boolean"),
    alias: { help: ["h"] },
    configuration: {
      "boolean-negation": false,
      "camel-case-expansion": false,
      "dot-notation": false,
      "greedy-arrays": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "short-option-groups": false,
      "strip-aliased": true,
    },
  });
  const values: Record<string, Args[string]> = {};
  for (const [name, value] of Object.entries(found)) {
    const flag = flags[name];
    if (flag === undefined) throw unknownFlag(name, flags, command);
    values[name] = valueOf(name, flag, value, command);
  }
  return { values, positionals: positionals.map(String) };
}

/** Ties a lone `-` to the flag before it, where that takes a text: it is a name for stdout, and yargs takes it for a positional. */
function withDashes(rest: readonly string[], texts: readonly string[]): readonly string[] {
  const end = rest.indexOf("--");
  const named = new Set(texts.map((name) => `--${name}`));
  const isTied = (i: number) => rest[i] === "-" && (end < 0 || i < end) && named.has(rest[i - 1] ?? "");
  return rest.flatMap((word, i) => (isTied(i) ? [] : isTied(i + 1) ? [`${word}=-`] : [word]));
}

/** Puts quotes around what stands behind `=`: yargs takes a pair off, which a shell has done before. */
function quoted(rest: readonly string[]): string[] {
  const end = rest.indexOf("--");
  return rest.map((word, i) => (end < 0 || i < end ? word.replace(/^(--[^=]+=)(.+)$/s, '$1"$2"') : word));
}

function unknownFlag(name: string, flags: Readonly<Record<string, Flag>>, command: AnyCommand | null): UsageError {
  const meant = nearest(name, Object.keys(flags));
  const hint = meant === undefined ? helpOn(command) : `Did you mean: --${meant}`;
  return new UsageError("usage.unknown_flag", `--${printable(name)} is no flag of this command`, hint, command);
}

function helpOn(command: AnyCommand | null): string {
  return `${command === null ? "waybill" : typedName(command.path)} --help`;
}

function valueOf(name: string, flag: Flag, value: unknown, command: AnyCommand | null): Args[string] {
  const wrong = (message: string) => new UsageError("usage.invalid_argument", message, helpOn(command), command);
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (flag.type === "boolean") return list.at(-1) === true;
  const texts = list.map(String);
  if (texts.some((text) => text === "")) throw wrong(`--${name} needs a value`);
  if (flag.array) return texts;
  const [text = ""] = texts;
  if (texts.length > 1) throw wrong(`--${name} was given ${texts.length} times`);
  if (flag.type === "string") return text;
  if (!/^-?\d{1,15}(?:\.\d{1,9})?$/.test(text)) throw wrong(`--${name} needs a number, not "${printable(text)}"`);
  return Number(text);
}

function positionalsOf(command: AnyCommand, given: readonly string[]): Record<string, Args[string]> {
  const wants = command.positionals ?? [];
  const values: Record<string, Args[string]> = {};
  for (const [i, { name, optional, many }] of wants.entries()) {
    const mine = many ? given.slice(i) : given.slice(i, i + 1);
    if (mine.length === 0 && !optional) {
      throw new UsageError("usage.missing_argument", `<${name}> is missing`, undefined, command);
    }
    if (mine.length > 0) values[name] = many ? mine : mine[0];
  }
  const extra = given[wants.length];
  if (extra !== undefined && !wants.at(-1)?.many) {
    throw new UsageError(
      "usage.invalid_argument",
      `"${printable(extra)}" is one argument too many`,
      helpOn(command),
      command,
    );
  }
  return values;
}
