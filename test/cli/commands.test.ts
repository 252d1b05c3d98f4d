import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { flagsOf, parseLine } from "../../cli/parse.ts";
import { everywhere } from "../../cli/flags.ts";
import { helpOf } from "../../cli/help.ts";
import { sharedFlags } from "../../cli/help.ts";
import { later } from "../../cli/later.ts";
import { lineOf, typedName } from "../../cli/programs.ts";
import { answerText, nextText } from "../../cli/output/screen-text.ts";
import { styleOf } from "../../cli/output/style.ts";
import { loadSchemas } from "../../src/schema/documents.ts";
import { TEST_NOW } from "../support/world.ts";
import { registryOf } from "../../cli/registry.ts";
import { allCommands, runCli, runJson } from "../support/run-cli.ts";
import { fakeCommands } from "./fake-commands.ts";

const folder = "cli/commands";
const schemas = loadSchemas();

/** Words of a command line up to the first pipe or redirection, double and single quotes taken off. */
function wordsOf(line: string): readonly string[] {
  const [command = ""] = line.split(/ [|>] /);
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

/** Files that some files import statically, and what those import; type imports load nothing. */
function staticsFrom(files: readonly string[]): ReadonlySet<string> {
  const reached = new Set(files);
  for (const file of reached) {
    const text = readFileSync(file, "utf8");
    for (const [, from = ""] of text.matchAll(/^(?:import|export) (?!type )[^;]*?from "(\.[^"]+)";/gms)) {
      reached.add(posix.normalize(posix.join(posix.dirname(file), from)));
    }
  }
  return reached;
}

describe("the family of commands", () => {
  it("has a line in all.ts for every file, sorted", () => {
    const files = readdirSync(folder).filter((file) => file.endsWith(".ts") && file !== "all.ts");
    const lines = readFileSync(`${folder}/all.ts`, "utf8").split("\n");
    const named = lines.flatMap((line) => /from "\.\/([^"]+)"/.exec(line)?.[1] ?? []);
    expect(named).toEqual(files.toSorted());
  });

  it("refuses two commands of one path", () => {
    expect(() => registryOf([...fakeCommands, ...fakeCommands])).toThrow("Two commands");
  });

  it("reaches statically nothing but the door and the kernel, so that help loads nothing", () => {
    const reached = staticsFrom(readdirSync(folder).map((file) => `${folder}/${file}`));
    expect(reached.size).toBeGreaterThan(10);
    expect([...reached].filter((path) => !path.startsWith("cli/") && !path.startsWith("src/kernel/"))).toEqual([]);
    expect(reached.has("cli/compose.ts")).toBe(false);
  });

  it("says of no command that is here that it comes later", () => {
    const hidden = later.filter(({ path }) => allCommands.some((command) => `${command.path} `.startsWith(`${path} `)));
    expect(hidden).toEqual([]);
  });

  it("shows in help every flag that all commands have", () => {
    const [command] = fakeCommands;
    const help = helpOf(command!);
    for (const flag of sharedFlags.filter((name) => name !== "help")) expect(help).toContain(`--${flag}`);
    expect(sharedFlags).toEqual(Object.keys(everywhere));
  });
});

describe.each(allCommands.map((command) => [command.path, command] as const))("%s", (path, command) => {
  it("has help with its usage, flags and an example that runs as far as parsing", async () => {
    const run = await runCli([...path.split(" "), "--help"]);
    expect([run.exit, run.stderr]).toEqual([0, ""]);
    expect(run.stdout).toContain(`Usage: ${typedName(path)}`);
    for (const flag of Object.keys(command.options)) expect(run.stdout).toContain(`--${flag}`);
    for (const line of run.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(150);
    for (const example of command.examples) {
      const [program = "", ...words] = wordsOf(typedName(example));
      const asked = parseLine(allCommands, lineOf(program, words));
      expect([example, "run" in asked ? asked.run.path : "help"]).toEqual([example, path]);
    }
  });

  it("names flags that no flag of all commands hides", () => {
    const clash = Object.keys(command.options).filter(
      (name) => name in everywhere && !(name === "key" || name === "root"),
    );
    expect(clash).toEqual([]);
    expect(Object.keys(flagsOf(command)).every((name) => /^[a-z][a-z-]*$/.test(name))).toBe(true);
  });

  it("shows every valid example of its result on a terminal, a narrow one and a pipe", async () => {
    const examplesFolder = `schemas/examples/${command.result}/valid`;
    const examples = readdirSync(examplesFolder);
    expect(examples.length).toBeGreaterThan(0);
    for (const file of examples) {
      const result: object = schemas.check(
        command.result,
        JSON.parse(readFileSync(`${examplesFolder}/${file}`, "utf8")),
        file,
      );
      const screen = await command.screen(result, new Date(TEST_NOW));
      for (const columns of [120, 40, null]) {
        const style = styleOf({ isTerminal: columns !== null, columns, write: () => undefined }, new Map(), true);
        const text = answerText(screen, style) + nextText(screen, style);
        expect([file, text]).toEqual([file, expect.not.stringMatching(/undefined|NaN|\[object|null/)]);
      }
      for (const block of screen.blocks) {
        const widths = block.kind === "table" ? block.rows.map((row) => row.length) : [];
        expect(widths.every((width) => block.kind === "table" && width === block.columns.length)).toBe(true);
      }
    }
  });

  it("answers wrong usage with one JSON object and exit 2", async () => {
    const result = await runJson([...path.split(" "), "--no-such-flag"]);
    expect(result).toMatchObject({ command: path, ok: false, exit: 2, error: { code: "usage.unknown_flag" } });
  });
});
