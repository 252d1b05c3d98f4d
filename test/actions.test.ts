import { NoOperationTraceWriter } from "@actions/workflow-parser";
import { parseAction } from "@actions/workflow-parser/actions/action-parser";
import { describe, expect, it } from "vitest";
import { actions } from "../cli/action.ts";
import { inputsOf, variableOf } from "../cli/action/inputs.ts";
import { withActionTables } from "../tools/readme-actions.mjs";
import { actionIn, data, namesIn, read, root } from "./support/yml.ts";

/** Environment variables of the inputs that every action has. */
const common = {
  "github-token": "GITHUB_TOKEN",
  server: "DIST_SERVER",
  token: "DIST_TOKEN",
  "api-url": "WAYBILL_GITHUB_API_URL",
  "server-url": "WAYBILL_GITHUB_SERVER_URL",
  summary: "WAYBILL_SUMMARY",
  "fail-on-waiting": "WAYBILL_FAIL_ON_WAITING",
} as const;
/** Environment variables of the inputs that some have. */
const extra: Readonly<Record<string, string>> = {
  "sync-workflow": "WAYBILL_SYNC_WORKFLOW",
  "fail-on-unknown": "WAYBILL_FAIL_ON_UNKNOWN",
};
/** What `waybill init` pins the workflows to that it installs: the action that runs it. */
const pin = [
  ["WAYBILL_ACTION_REPOSITORY", "${{ github.action_repository }}"],
  ["WAYBILL_ACTION_REF", "${{ github.action_ref }}"],
] as const;
const stable = ["exit", "ok", "code", "result"];

/** What the environment of an action must carry. */
function environmentOf(
  command: string,
  inputs: readonly string[],
  more: readonly string[],
): ReadonlyMap<string, string> {
  return new Map([
    ["WAYBILL_ACTION", command],
    ...inputs.map((name) => [variableOf(name), `\${{ inputs.${name} }}`] as const),
    ...Object.entries(common).map(([name, variable]) => [variable, `\${{ inputs.${name} }}`] as const),
    ...more.map((name) => [extra[name]!, `\${{ inputs.${name} }}`] as const),
    ...(inputs.includes("actions") ? pin : []),
    ...(more.includes("sync-workflow")
      ? [["WAYBILL_IS_WORKFLOW_TOKEN", "${{ inputs.github-token == github.token }}"] as const]
      : []),
  ]);
}

/** Outputs of an action, by what it makes of every example of its result. */
function outputsOf(action: (typeof actions)[number]): readonly string[] {
  const folder = `schemas/examples/${action.command.result}/valid`;
  const names = namesIn(folder).map((file) => {
    const example: unknown = JSON.parse(read(`${folder}/${file}`));
    return Object.keys(action.outputs(data(example)));
  });
  const [first = []] = names;
  if (names.some((one) => one.join() !== first.join())) throw new Error(`${action.name} has changing outputs`);
  return first;
}

const files = ["action.yml", ...namesIn("actions").map((name) => `actions/${name}/action.yml`)];

describe.each(files)("%s", (file) => {
  const { using, steps, step, inputs, outputs } = actionIn(file);

  it("is what GitHub's own parser takes", () => {
    const parsed = parseAction({ name: file, content: read(file) }, new NoOperationTraceWriter());
    expect(parsed.context.errors.getErrors().map(({ message }) => message)).toEqual([]);
  });

  it("has one step, which runs the bundle and interpolates nothing", () => {
    const bundle = file === "action.yml" ? "dist/bin/action.cjs" : "../../dist/bin/action.cjs";
    expect([using, steps, step.shell, step.keys]).toEqual(["composite", 1, "bash", ["id", "shell", "env", "run"]]);
    expect(step.run).toBe(`node "$GITHUB_ACTION_PATH/${bundle}"`);
  });

  it("says of every input and output what it means", () => {
    for (const { description } of [...inputs.values(), ...outputs.values()])
      expect(description).toMatch(/^\S.{3,}[^.\s]$/);
  });

  it("gives every output of its step under the same name", () => {
    for (const [name, { value }] of outputs) expect(value).toBe(`\${{ steps.${step.id}.outputs.${name} }}`);
  });
});

describe.each(actions.map((action) => [action.name, action] as const))("actions/%s", (name, action) => {
  const file = actionIn(`actions/${name}/action.yml`);
  const inputs = inputsOf(action);
  const more = [...(action.opened ? ["sync-workflow"] : []), ...(action.mayNotKnow ? ["fail-on-unknown"] : [])];

  it("carries every input to its flag by the environment", () => {
    const names = inputs.map((input) => input.name);
    expect([...file.inputs.keys()]).toEqual([...names, ...more, ...Object.keys(common)]);
    expect(file.env).toEqual(environmentOf(action.command.path, names, more));
  });

  it("requires what its command requires", () => {
    const required = [...file.inputs].flatMap(([input, { required: must }]) => (must ? [input] : []));
    expect(required).toEqual(inputs.flatMap(({ name: input, flag }) => (flag.demandOption ? [input] : [])));
  });

  it("declares the outputs that its code writes", () => {
    expect([...file.outputs.keys()]).toEqual([...stable, ...outputsOf(action)]);
  });

  it("names the permissions that it needs", () => {
    expect(file.description).toMatch(/Permissions: (?:[a-z-]+: (?:read|write)(?:, |\.\s*$))+/);
  });
});

describe("the front door", () => {
  const front = actionIn("action.yml");
  const inputs = [...new Set(actions.flatMap((action) => inputsOf(action).map(({ name }) => name)))];

  it("takes the inputs of all and gives the outputs of all", () => {
    const outputs = [...new Set([...stable, ...actions.flatMap(outputsOf)])];
    expect([...front.inputs.keys()].toSorted()).toEqual(
      ["run", ...Object.keys(extra), ...inputs, ...Object.keys(common)].toSorted(),
    );
    expect(front.env).toEqual(environmentOf("${{ inputs.run }}", inputs, Object.keys(extra)));
    expect([...front.outputs.keys()].toSorted()).toEqual(outputs.toSorted());
  });

  it("names everything that it runs", () => {
    const listed = front.inputs.get("run")?.description.split("one of: ")[1]?.split(", ");
    expect(listed?.toSorted()).toEqual(actions.map(({ command }) => command.path).toSorted());
  });
});

it("has a folder and a file for each action, and nothing else", () => {
  const names = actions.map(({ name }) => name).toSorted();
  expect(namesIn("actions")).toEqual(names);
  const units = namesIn("cli/actions").map((file) => file.replace(/\.ts$/, ""));
  expect(units.filter((unit) => unit !== "all" && unit !== "proposal")).toEqual(names);
});

it("shows in the README what the actions declare", () => {
  expect(withActionTables(read("README.md"), root)).toBe(read("README.md"));
});
