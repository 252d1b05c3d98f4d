import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandIn, outputsIn, type RunnerCommand } from "./runner-files.ts";
import { actionIn, type CompositeAction, root } from "./yml.ts";

/** How a runner runs one step that uses an action of ours. */
export interface StepOptions {
  /** `with:` of the step. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** Environment of the job, below what a runner sets. */
  readonly env: NodeJS.ProcessEnv;
  /** The `github` context, as far as action.yml files ask for it. */
  readonly github: Readonly<Record<"token" | "repository", string>> & Readonly<Record<string, string>>;
  /** Folder of the checkout that the job works in. */
  readonly workspace: string;
  /** Folder for the runner's own files. */
  readonly temp: string;
  /** `node` that the step finds, by its folder. */
  readonly nodeFolder?: string;
  /** Checkout of the action; this one where absent. */
  readonly from?: string;
}

/** What a step left behind. */
export interface StepRun {
  readonly exit: number;
  /** Log without what was a command, secrets masked. */
  readonly log: string;
  readonly commands: readonly RunnerCommand[];
  /** Outputs as the rest of the workflow reads them: only what action.yml declares. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Names that the step wrote, declared or not. */
  readonly written: readonly string[];
  readonly summary: string;
}

/** Evaluates what action.yml files say between `${{` and `}}`: paths, and one comparison of two. Throws for anything else. */
function evaluated(value: string, context: ReadonlyMap<string, string>): string {
  return value.replaceAll(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
    const sides = expression.split(" == ");
    const values = sides.map((side) => {
      if (!/^[\w-]+(?:\.[\w-]+)+$/.test(side)) throw new Error(`The harness does not know ${expression}`);
      return context.get(side) ?? "";
    });
    // GitHub compares texts without their case.
    return values.length === 1 ? (values[0] ?? "") : String(values[0]?.toLowerCase() === values[1]?.toLowerCase());
  });
}

/** Runs a composite action of this checkout as actions/runner does: `uses: ./<path>`. */
export async function runComposite(path: string, options: StepOptions): Promise<StepRun> {
  const action = actionIn(join(path, "action.yml"));
  mkdirSync(options.temp, { recursive: true });
  const temp = mkdtempSync(join(options.temp, "step-"));
  const files = { GITHUB_OUTPUT: join(temp, "output"), GITHUB_STEP_SUMMARY: join(temp, "summary") };
  for (const file of Object.values(files)) writeFileSync(file, "");
  const script = join(temp, "script.sh");
  writeFileSync(script, action.step.run);
  const inputs = inputsOf(action, options);
  const own = [...action.env].map(([name, value]) => [name, evaluated(value, inputs)] as const);
  const { exit, log } = await bash(script, options, {
    ...options.env,
    ...(options.nodeFolder === undefined ? {} : { PATH: `${options.nodeFolder}:${String(options.env["PATH"])}` }),
    ...Object.fromEntries(
      Object.entries(options.github).map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, value]),
    ),
    GITHUB_TOKEN: undefined,
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_ACTION_PATH: join(options.from ?? root, path),
    GITHUB_WORKSPACE: options.workspace,
    RUNNER_TEMP: temp,
    ...files,
    ...Object.fromEntries(own),
  });
  const outputs = outputsIn(readFileSync(files.GITHUB_OUTPUT, "utf8"));
  const summary = readFileSync(files.GITHUB_STEP_SUMMARY, "utf8");
  rmSync(temp, { recursive: true, force: true });
  const steps = new Map([...outputs].map(([name, value]) => [`steps.${action.step.id}.outputs.${name}`, value]));
  return {
    exit,
    ...read(log, summary),
    written: [...outputs.keys()],
    outputs: Object.fromEntries([...action.outputs].map(([name, { value }]) => [name, evaluated(value, steps)])),
  };
}

function inputsOf(action: CompositeAction, { inputs = {}, github }: StepOptions): ReadonlyMap<string, string> {
  const context = new Map(Object.entries(github).map(([name, value]) => [`github.${name}`, value]));
  const unknown = Object.keys(inputs).filter((name) => !action.inputs.has(name));
  if (unknown.length > 0) throw new Error(`No such inputs: ${unknown.join(", ")}`);
  for (const [name, { default: preset }] of action.inputs)
    context.set(`inputs.${name}`, inputs[name] ?? evaluated(preset, context));
  return context;
}

/** Takes commands out of a log and hides masked values, as a runner does before anything is stored. */
function read(log: string, summary: string): Pick<StepRun, "log" | "commands" | "summary"> {
  const lines = log.split(/\r\n|\r|\n/);
  const commands = lines.map(commandIn).filter((command) => command !== null);
  const masks = commands.filter(({ name, data }) => name === "add-mask" && data !== "").map(({ data }) => data);
  const hide = (text: string) => masks.reduce((shown, mask) => shown.replaceAll(mask, "***"), text);
  const text = lines.filter((line) => commandIn(line) === null).join("\n");
  return { log: hide(text), commands: commands.filter(({ name }) => name !== "add-mask"), summary: hide(summary) };
}

function bash(
  script: string,
  options: StepOptions,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly exit: number; readonly log: string }> {
  return new Promise((resolve, reject) => {
    const argv = ["--noprofile", "--norc", "-e", "-o", "pipefail", script];
    const child = spawn("bash", argv, { cwd: options.workspace, env, stdio: ["ignore", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ exit: code ?? -1, log: Buffer.concat(chunks).toString("utf8") }));
  });
}
