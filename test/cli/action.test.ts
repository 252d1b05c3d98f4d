import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { actions, runAction } from "../../cli/action.ts";
import type { Annotation } from "../../cli/action/runner.ts";
import type { AnyCommand } from "../../cli/command.ts";
import type { Host } from "../../cli/host.ts";
import type { World } from "../../cli/world.ts";
import { reason, refuse, ToolError } from "../../src/kernel/errors.ts";
import { progressLog } from "../../src/platform/progress-log.ts";
import { loadSchemas } from "../../src/schema/documents.ts";
import type { DistReleasePromoteResultV1 } from "../../src/schema/types.gen.ts";
import { dispatchingForge } from "../support/dispatching-forge.ts";
import { TEST_NOW } from "../support/world.ts";

/** What one step told its runner, in order. */
interface Told {
  readonly exit: number;
  readonly log: string;
  readonly order: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly annotations: readonly Annotation[];
  readonly summary: string;
}

const silent = { mode: "silent", verbose: false, columns: 100, now: () => 0, write: () => undefined } as const;

/** Runs a step in process. `run` answers for the command; `world` is what the door itself asks for. */
async function step(
  env: Readonly<Record<string, string>>,
  run: AnyCommand["run"] | null = null,
  world: Partial<World> = {},
): Promise<Told> {
  let log = "";
  let summary = "";
  const order: string[] = [];
  const outputs: Record<string, string> = {};
  const annotations: Annotation[] = [];
  const stream = { isTerminal: false, columns: null, write: (text: string) => void (log += text) };
  const commands = actions.map(({ command }) => ({ ...command, needs: [], ...(run === null ? {} : { run }) }));
  const host: Host = {
    env: new Map(Object.entries(env)),
    stdout: stream,
    stderr: stream,
    now: () => new Date(TEST_NOW),
    version: async () => "0.0.0-test",
    onInterrupt: () => () => undefined,
    async compose({ err }) {
      if (run === null) throw new ToolError("state.repository.missing", "There is no git repository here");
      return {
        world,
        progress: progressLog({ ...silent, plain: err.plain }),
        warnings: [],
        written: () => "nothing was written",
        close: async () => undefined,
      };
    },
  };
  const exit = await runAction(host, commands, {
    mask: (secret) => void order.push(`mask ${secret} after ${log.length}`),
    output: (name, value) => void (outputs[name] = value),
    annotate: (annotation) => void annotations.push(annotation),
    summary: async (text) => void (summary = text),
  });
  return { exit, log, order, outputs, annotations, summary };
}

const schemas = loadSchemas();

/** The example of a promotion, as one that opened a proposal, or with other members. */
function promotion(change: Partial<DistReleasePromoteResultV1> = {}): DistReleasePromoteResultV1 {
  const file = "schemas/examples/dist-release-promote-result.v1/valid/example-1.json";
  const result = schemas.check("dist-release-promote-result.v1", JSON.parse(readFileSync(file, "utf8")), file);
  return { ...result, status: "proposed", mode: "gated", channel: "stable", commit: null, ...change };
}

const promote = { WAYBILL_ACTION: "dist release promote", INPUT_RELEASE: "acme-notes@1.4.0", INPUT_CHANNEL: "stable" };

/** What a promotion answers that waits for people. */
function waitingFor(result: DistReleasePromoteResultV1): AnyCommand["run"] {
  const error = reason("gate.merge.waiting", "prop_9c3t6x1zk8vm waits", {}, "waybill gate show 128");
  return async () => ({ result, exit: 3, error });
}

const waiting = waitingFor(promotion());

describe("a step", () => {
  it("is green with a notice while something waits, and says so in its outputs", async () => {
    const told = await step(promote, waiting);
    expect(told.exit).toBe(0);
    expect(told.outputs).toMatchObject({
      exit: "3",
      ok: "false",
      code: "gate.merge.waiting",
      status: "proposed",
      proposal: "prop_9c3t6x1zk8vm",
      "proposal-url": "https://github.com/acme/notes/pull/128",
    });
    expect(told.annotations).toEqual([{ level: "notice", title: "Proposed", message: "stable waits for #128" }]);
    expect(told.summary).toContain("It moves when [`#128`](https://github.com/acme/notes/pull/128) is merged.");
    expect(told.summary).toContain("**Next** `waybill gate show 128`");
  });

  it("fails while something waits where that is asked for", async () => {
    expect((await step({ ...promote, WAYBILL_FAIL_ON_WAITING: "true" }, waiting)).exit).toBe(3);
  });

  it("is green where doctor may not know, unless that is asked for", async () => {
    const error = reason("doctor.unknown", "GitHub does not tell");
    const result = { schema: "dist-doctor-result.v1", ok: 1, warn: 0, fail: 0, unknown: 1, findings: [] } as const;
    const doctor = { WAYBILL_ACTION: "doctor" };
    const told = await step(doctor, async () => ({ result, exit: 4, error }));
    expect([told.exit, told.outputs["exit"], told.outputs["unknown"]]).toEqual([0, "4", "1"]);
    expect(told.annotations).toMatchObject([{ level: "warning", title: "doctor.unknown" }]);
    expect((await step(doctor, async () => refuse(reason("forge.unavailable", "HTTP 502")))).exit).toBe(4);
    const strict = await step({ ...doctor, WAYBILL_FAIL_ON_UNKNOWN: "true" }, async () => ({ result, exit: 4, error }));
    expect(strict.exit).toBe(4);
    expect((await step(promote, async () => ({ result: promotion(), exit: 4, error }))).exit).toBe(4);
  });

  it("gives the one object of --json as output, and text to the log", async () => {
    const { outputs, log } = await step(promote, waiting);
    const result: unknown = JSON.parse(outputs["result"] ?? "");
    expect(result).toMatchObject({ schema: "command-result.v1", command: "dist release promote", exit: 3 });
    expect(log).toContain("Proposed");
    expect(log).not.toContain("command-result.v1");
  });

  it("masks every secret before anything is said, and shows none", async () => {
    const secrets = { DIST_TOKEN: "wbt_s3cret-one", GITHUB_TOKEN: "ghs_s3cret-two" };
    const leaking: AnyCommand["run"] = async () => {
      throw new ToolError("forge.unauthorised", "The token wbt_s3cret-one was refused", {
        data: { token: "ghs_s3cret-two" },
      });
    };
    const told = await step({ ...promote, ...secrets }, leaking);
    const header = Buffer.from("x-access-token:ghs_s3cret-two").toString("base64");
    const masked = ["wbt_s3cret-one", "ghs_s3cret-two", header];
    expect(told.order).toEqual(masked.map((secret) => `mask ${secret} after 0`));
    expect(JSON.stringify({ ...told, order: [] })).not.toContain("s3cret");
    expect(told.annotations).toMatchObject([{ title: "forge.unauthorised", message: "The token *** was refused" }]);
  });

  it.each([
    [{ WAYBILL_ACTION: "dist release promot" }, "usage.unknown_command", "Did you mean: dist release promote"],
    [{ WAYBILL_ACTION: "gate merge" }, "usage.unknown_command", "One of: "],
    [{ WAYBILL_ACTION: "" }, "usage.unknown_command", "One of: "],
    [{ ...promote, INPUT_DRY_RUN: "yes" }, "usage.invalid_argument", 'Input dry-run is true or false, not "yes"'],
    [{ ...promote, WAYBILL_SUMMARY: "maybe" }, "usage.invalid_argument", "Input summary is true or false"],
    [{ WAYBILL_ACTION: "dist release promote" }, "usage.missing_argument", "is missing"],
    [promote, "state.repository.missing", "There is no git repository here"],
  ])("that cannot run fails with its reason everywhere: %j", async (env, code, text) => {
    const told = await step(env);
    expect([told.exit, told.outputs["exit"], told.outputs["code"]]).toEqual([2, "2", code]);
    expect(told.annotations).toMatchObject([{ level: "error", title: code }]);
    expect(told.log).toContain(text);
    expect(told.summary).toContain(code);
  });

  it("writes no summary where none is wanted", async () => {
    expect((await step({ ...promote, WAYBILL_SUMMARY: "false" }, waiting)).summary).toBe("");
  });

  it("leaves too large a result out of the outputs, and keeps the rest", async () => {
    const rule = { rule: "shape", status: "wait", message: "x".repeat(600_000) } as const;
    const large = waitingFor(promotion({ verdict: { colour: "red", rules: [rule] } }));
    const result: unknown = JSON.parse((await step(promote, large)).outputs["result"] ?? "");
    expect(result).toMatchObject({ exit: 3, error: { code: "gate.merge.waiting" } });
    expect(result).not.toHaveProperty("result");
  });
});

describe("the sync workflow", () => {
  const silentToken = { ...promote, WAYBILL_SYNC_WORKFLOW: "waybill-gate-sync.yml", WAYBILL_IS_WORKFLOW_TOKEN: "true" };

  function forge(started: string[]): Partial<World> {
    return { forge: dispatchingForge(async (workflow) => void started.push(workflow)) };
  }

  it("is started after a proposal was opened with the workflow token", async () => {
    const started: string[] = [];
    const { log } = await step(silentToken, waiting, forge(started));
    expect(started).toEqual(["waybill-gate-sync.yml"]);
    expect(log).toContain("waybill-gate-sync.yml was started");
  });

  it.each([
    ["the token's events start workflows", { WAYBILL_IS_WORKFLOW_TOKEN: "false" }],
    ["no workflow is named", { WAYBILL_SYNC_WORKFLOW: "" }],
    ["the name is no file", { WAYBILL_SYNC_WORKFLOW: "../x.yml" }],
  ])("is not started where %s", async (_, env) => {
    const started: string[] = [];
    expect((await step({ ...silentToken, ...env }, waiting, forge(started))).exit).toBe(0);
    expect(started).toEqual([]);
  });

  it("is not started where nothing new was proposed", async () => {
    const started: string[] = [];
    const found = waitingFor(promotion({ status: "waiting" }));
    await step(silentToken, found, forge(started));
    expect(started).toEqual([]);
  });

  it("fails nothing where it cannot be started: its schedule catches up", async () => {
    const refused = new ToolError("forge.forbidden", "Resource not accessible by integration");
    const refusing = dispatchingForge(() => Promise.reject(refused));
    const told = await step(silentToken, waiting, { forge: refusing });
    expect([told.exit, told.annotations.length]).toEqual([0, 1]);
    expect(told.log).toContain(
      "was not started, its schedule catches up: Resource not accessible by integration (forge.forbidden)",
    );
  });
});
