import { type Data, isData, type Json } from "../../src/kernel/json.ts";
import { repositoryUrlOf } from "./place.ts";
import type { AnyAction } from "./action.ts";
import { annotationsOf, type Note } from "./annotations.ts";
import type { Level, Runner } from "./runner.ts";
import { nextParts, type Part, screenParts, summaryText } from "./summary.ts";

/** Most bytes of an output; GitHub refuses a job whose outputs are larger than 1 MiB together. */
const OUTPUT_BYTES = 512 * 1024;

/** What a step is told with. */
export interface TellOn {
  readonly env: ReadonlyMap<string, string>;
  readonly now: Date;
  readonly summary: boolean;
  /** Whether the step does not fail. */
  readonly isGreen: boolean;
}

/** Tells the runner how a command ended: outputs, annotations and, where it is wanted, one summary. */
export async function tellRunner(runner: Runner, action: AnyAction | null, told: Data, on: TellOn): Promise<void> {
  const result = isData(told["result"]) ? told["result"] : null;
  const outputs = action === null || result === null ? {} : action.outputs(result);
  for (const [name, value] of Object.entries({ ...stableOutputs(told), ...outputs })) {
    runner.output(name, value === null ? "" : String(value));
  }
  const own = action === null || result === null ? [] : (action.notes?.(result) ?? []);
  for (const annotation of annotationsOf([...notesOf(told, own, on.isGreen), ...own])) runner.annotate(annotation);
  if (on.summary) await runner.summary(await summaryOf(action, result, told, on));
}

/** The outputs that every action has. */
function stableOutputs(told: Data): Readonly<Record<string, string>> {
  const json = JSON.stringify(told);
  const { result: _result, ...small } = told;
  return {
    exit: JSON.stringify(told["exit"] ?? null),
    ok: JSON.stringify(told["ok"] ?? null),
    code: codeOf(told),
    // Too large a result is left to the log and the summary; exit, error and warnings are always there.
    result: Buffer.byteLength(json) > OUTPUT_BYTES ? JSON.stringify(small) : json,
  };
}

function codeOf({ error }: Data): string {
  return isData(error) ? textOf(error["code"]) : "";
}

/** Errors and warnings as notes; what waits is a notice, and left out where the action says it in its own words. */
function notesOf(told: Data, own: readonly Note[], isGreen: boolean): readonly Note[] {
  const level: Level = told["exit"] === 3 ? "notice" : isGreen ? "warning" : "error";
  const isSaid = codeOf(told) === "gate.merge.waiting" && own.some((note) => note.level === "notice");
  return [
    ...(isSaid ? [] : errorsOf(told).map((error) => noteOf(level, error))),
    ...listOf(told["warnings"]).map((warning) => noteOf("warning", warning)),
  ];
}

function noteOf(level: Level, { code, message, data }: Data): Note {
  const at = isData(data) ? data["at"] : undefined;
  return { level, kind: textOf(code), message: textOf(message), ...(typeof at === "string" ? { at } : {}) };
}

/** The error of a run; all of them where a refusal has several reasons. */
function errorsOf(told: Data): readonly Data[] {
  const { error } = told;
  if (!isData(error)) return [];
  const reasons = isData(error["data"]) ? listOf(error["data"]["reasons"]) : [];
  return reasons.length === 0 ? [error] : reasons;
}

async function summaryOf(action: AnyAction | null, result: Data | null, told: Data, on: TellOn): Promise<string> {
  const repositoryUrl = repositoryUrlOf(on.env);
  const hints = nextParts(isData(told["error"]) ? textsOf(told["error"]["hints"]) : [], repositoryUrl);
  if (action === null || result === null) {
    const command = textOf(told["command"]);
    const title = `${told["exit"] === 3 ? "Waiting" : "Not done"}${command === "" ? "" : `: ${command}`}`;
    return summaryText({ title, parts: [...reasonParts(told), ...warningParts(told), ...hints] });
  }
  const parts =
    action.parts?.(result, { repositoryUrl, now: on.now }) ??
    screenParts(await action.command.screen(result, on.now), repositoryUrl);
  // What a result waits for, and what to do then, stands in it already.
  const why = codeOf(told) === "gate.merge.waiting" ? [] : reasonParts(told);
  const next = parts.some(({ kind }) => kind === "next") ? [] : hints;
  return summaryText({ title: action.title(result), parts: [...parts, ...why, ...warningParts(told), ...next] });
}

function reasonParts(told: Data): readonly Part[] {
  const label = told["exit"] === 3 ? "Waits" : "Error";
  return errorsOf(told).map((error) => saidPart(label, error));
}

function warningParts(told: Data): readonly Part[] {
  return listOf(told["warnings"]).map((warning) => saidPart("Warning", warning));
}

function saidPart(label: string, { code, message }: Data): Part {
  return { kind: "line", spans: [{ strong: label }, " ", { code: textOf(code) }, ` ${textOf(message)}`] };
}

function listOf(value: Json | undefined): readonly Data[] {
  return Array.isArray(value) ? value.filter(isData) : [];
}

function textsOf(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
