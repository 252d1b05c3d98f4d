import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { actions } from "../../../cli/action.ts";
import { inputsOf, lineOfInputs, variableOf } from "../../../cli/action/inputs.ts";
import { parseLine } from "../../../cli/parse.ts";
import { allCommands } from "../../support/run-cli.ts";

const hostile = fc
  .oneof(
    fc.constantFrom(
      "--json",
      "--",
      "-x",
      "=",
      "--server=/etc",
      "'quoted'",
      '"quoted"',
      "a b",
      "$(id)",
      "`id`",
      "--help",
      "0x10",
    ),
    fc.string({ minLength: 1, unit: "grapheme" }),
  )
  .filter((text) => text.trim() !== "" && !/[\r\n\u{2028}\u{2029}]/u.test(text));

describe.each(actions.map((action) => [action.name, action] as const))("inputs of %s", (_, action) => {
  it("reach their flags as they are, whatever they say", () => {
    const inputs = inputsOf(action).filter(({ flag }) => flag.type === "string");
    fc.assert(
      fc.property(fc.array(hostile, { minLength: inputs.length, maxLength: inputs.length }), (values) => {
        const env = new Map(inputs.map(({ name }, i) => [variableOf(name), values[i]!]));
        const asked = parseLine(allCommands, lineOfInputs(action, env));
        for (const [i, { name, flag }] of inputs.entries()) {
          const value = values[i]!.trim();
          expect("args" in asked && asked.args[name]).toEqual(flag.array ? [value] : value);
        }
        expect("args" in asked && Object.keys(asked.args)).toHaveLength(inputs.length);
      }),
    );
  });

  it("are flags that say yes only where they are true", () => {
    const switches = inputsOf(action).filter(({ flag }) => flag.type === "boolean");
    const needed = inputsOf(action).filter(({ flag }) => flag.demandOption);
    const env = new Map([
      ...needed.map(({ name }) => [variableOf(name), "x"] as const),
      ...switches.map(({ name }, i) => [variableOf(name), i % 2 === 0 ? "true" : "false"] as const),
    ]);
    const asked = parseLine(allCommands, lineOfInputs(action, env));
    const on = switches.flatMap(({ name }, i) => (i % 2 === 0 ? [name] : []));
    expect("args" in asked && Object.keys(asked.args).filter((name) => asked.args[name] === true)).toEqual(on);
    for (const { name } of switches) {
      const wrong = new Map([...env, [variableOf(name), "yes"]]);
      expect(() => lineOfInputs(action, wrong)).toThrow(`Input ${name} is true or false, not "yes"`);
    }
  });
});
