import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { flagsOf } from "../../cli/parse.ts";
import { everywhere } from "../../cli/flags.ts";
import { helpOf } from "../../cli/help.ts";
import { sharedFlags } from "../../cli/help.ts";
import { typedName } from "../../cli/programs.ts";
import { registryOf } from "../../cli/registry.ts";
import { allCommands, runCli, runJson } from "../support/run-cli.ts";
import { fakeCommands } from "./fake-commands.ts";

const folder = "cli/commands";

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

  it("imports statically nothing but its own frame, so that help loads nothing", () => {
    for (const file of readdirSync(folder)) {
      if (file === "all.ts") continue;
      const text = readFileSync(`${folder}/${file}`, "utf8");
      const statics = [...text.matchAll(/^import (?!type )[^;]*? from "([^"]+)";/gms)].map((match) => match[1]);
      expect([
        file,
        statics.filter((from) => from !== "../command.ts" && !/\/output\/|\/kernel\//.test(from ?? "")),
      ]).toEqual([file, []]);
    }
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
    const taken = command.examples.every((example) => example.includes(typedName(path)) || example.includes(path));
    expect([command.examples, taken]).toEqual([command.examples, true]);
  });

  it("names flags that no flag of all commands hides", () => {
    const clash = Object.keys(command.options).filter(
      (name) => name in everywhere && !(name === "key" || name === "root"),
    );
    expect(clash).toEqual([]);
    expect(Object.keys(flagsOf(command)).every((name) => /^[a-z][a-z-]*$/.test(name))).toBe(true);
  });

  it("answers wrong usage with one JSON object and exit 2", async () => {
    const result = await runJson([...path.split(" "), "--no-such-flag"]);
    expect(result).toMatchObject({ command: path, ok: false, exit: 2, error: { code: "usage.unknown_flag" } });
  });
});
