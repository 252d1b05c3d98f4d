import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { type Data, isData } from "../../src/kernel/json.ts";

/** The checkout that is tested. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Reads a file of the checkout. */
export function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** Names in a folder of the checkout. */
export function namesIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder)).toSorted();
}

/** A value that must be an object. */
export function data(value: unknown): Data {
  if (!isData(value)) throw new Error(`no object: ${JSON.stringify(value)}`);
  return value;
}

/** A value as text; what is none is the empty text. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Reads a YAML file of the checkout. */
export function yml(path: string): Data {
  return data(parse(read(path)));
}

/** An input or output of an action. */
export interface Declared {
  readonly description: string;
  readonly required: boolean;
  readonly default: string;
  readonly value: string;
}

/** A composite action with one step. */
export interface CompositeAction {
  readonly description: string;
  readonly inputs: ReadonlyMap<string, Declared>;
  readonly outputs: ReadonlyMap<string, Declared>;
  readonly using: string;
  readonly steps: number;
  /** Its first step. */
  readonly step: {
    readonly keys: readonly string[];
    readonly id: string;
    readonly shell: string;
    readonly run: string;
  };
  readonly env: ReadonlyMap<string, string>;
}

/** Reads an action.yml of the checkout. */
export function actionIn(path: string): CompositeAction {
  const { description, inputs, outputs, runs } = yml(path);
  const { using, steps } = data(runs);
  if (!Array.isArray(steps)) throw new Error(`${path} has no steps`);
  const step = data(steps[0]);
  return {
    description: text(description),
    inputs: declared(inputs),
    outputs: declared(outputs),
    using: text(using),
    steps: steps.length,
    step: { keys: Object.keys(step), id: text(step["id"]), shell: text(step["shell"]), run: text(step["run"]) },
    env: new Map(Object.entries(data(step["env"])).map(([name, value]) => [name, text(value)])),
  };
}

function declared(members: unknown): ReadonlyMap<string, Declared> {
  return new Map(
    Object.entries(data(members)).map(([name, member]) => {
      const { description, required, default: preset, value } = data(member);
      return [
        name,
        { description: text(description), required: required === true, default: text(preset), value: text(value) },
      ];
    }),
  );
}

/** A step of a workflow with what counts of its job. */
export interface WorkflowStep {
  readonly uses: string;
  readonly run: string;
  readonly id: string;
  readonly with: Data;
  readonly job: { readonly if: string; readonly permissions: readonly string[]; readonly uses: readonly string[] };
}

/** Every step of a workflow of the checkout. */
export function stepsOf(path: string): readonly WorkflowStep[] {
  return Object.values(data(yml(path)["jobs"])).flatMap((one) => {
    const job = data(one);
    const permissions = Object.entries(data(job["permissions"])).map(([scope, level]) => `${scope}: ${text(level)}`);
    const steps = Array.isArray(job["steps"]) ? job["steps"].map(data) : [];
    const used = steps.map((step) => text(step["uses"]));
    return steps.map((step) => ({
      uses: text(step["uses"]),
      run: text(step["run"]),
      id: text(step["id"]),
      with: isData(step["with"]) ? step["with"] : {},
      job: { if: text(job["if"]), permissions, uses: used },
    }));
  });
}

/** Name of the action of ours that a step uses; null for any other. */
export function ourAction({ uses }: WorkflowStep): string | null {
  return /^waybill-owner\/waybill\/actions\/([\w-]+)@/.exec(uses)?.[1] ?? null;
}
