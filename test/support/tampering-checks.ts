import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { isData, type Data } from "../../src/kernel/json.ts";
import { run, type Stage } from "./tampering-stage.ts";

/** A violation that must be among those that were found. */
export interface Wanted {
  readonly rule: string;
  readonly commit?: string | null;
  readonly path?: string | null;
  readonly data?: Readonly<Record<string, unknown>>;
}

/**
 * Holds that `state verify` finds what was done, by rule, commit and path, in the repository itself and in a clone that somebody makes
 * of it afterwards with plain git; answers all that it found.
 */
export async function expectFound(stage: Stage, ...wanted: readonly Wanted[]): Promise<readonly Data[]> {
  const here = await verify(stage, "bob");
  expectViolated(here, wanted);
  const clone = plainClone(stage, "carol");
  const there = await verify(stage, "carol", "--server", clone, "--offline");
  expectViolated(there, wanted);
  expect(namesOf(there)).toEqual(namesOf(here));
  return violationsOf(here);
}

/** Holds that both the repository and a plain clone of it verify. */
export async function expectClean(stage: Stage, ...argv: readonly string[]): Promise<void> {
  const here = await verify(stage, "bob", ...argv);
  expect([here["exit"], violationsOf(here)]).toEqual([0, []]);
  const clone = plainClone(stage, "carol");
  const there = await verify(stage, "carol", "--server", clone, "--offline");
  expect([there["exit"], violationsOf(there)]).toEqual([0, []]);
}

/** Runs `waybill state verify --json` as a person. */
export function verify(stage: Stage, person: string, ...argv: readonly string[]): Promise<Data> {
  return stage.ask(person, "waybill", "state", "verify", ...argv);
}

/** Holds that an answer is "violated", with at least these violations. */
export function expectViolated(answer: Data, wanted: readonly Wanted[]): void {
  expect([answer["exit"], errorOf(answer)["code"]]).toEqual([1, "state.verify.violated"]);
  for (const one of wanted) expect(violationsOf(answer)).toContainEqual(expect.objectContaining(matching(one)));
}

function matching({ data, ...rest }: Wanted) {
  return data === undefined ? rest : { ...rest, data: expect.objectContaining(data) as unknown };
}

/** Violations in an answer. */
export function violationsOf(answer: Data): readonly Data[] {
  const result = answer["result"];
  const violations = isData(result) ? result["violations"] : undefined;
  return Array.isArray(violations) ? violations.filter(isData) : [];
}

function namesOf(answer: Data): readonly string[] {
  return violationsOf(answer)
    .map(({ rule, commit, path }) => JSON.stringify([rule, commit, path]))
    .toSorted();
}

/** The error of an answer; empty where there is none. */
export function errorOf(answer: Data): Data {
  const { error } = answer;
  return isData(error) ? error : {};
}

/** Codes of the warnings of an answer. */
export function warningsOf(answer: Data): readonly string[] {
  const { warnings } = answer;
  return Array.isArray(warnings)
    ? warnings.filter(isData).map(({ code }) => (typeof code === "string" ? code : "?"))
    : [];
}

/** Clones with nothing but git. */
export function plainClone(stage: Stage, person: string, ...argv: readonly string[]): string {
  const machine = stage.as(person);
  const folder = join(machine.folder, `clone-${stage.next()}`);
  run(machine.folder, ["clone", "--quiet", ...argv, stage.repository, folder], machine);
  return folder;
}

/** Holds that every reader stays with 1.0.0, and that each says so where `warning` names how. */
export async function expectKept(stage: Stage, warning: string | null): Promise<void> {
  const expected: readonly string[] = warning === null ? [] : [warning];
  const list = await stage.ask("bob", "dist", "channel", "list", "--app", "acme");
  expect([list["exit"], stableOf(list)["version"], warningsOf(list)]).toEqual([0, "1.0.0", expected]);
  const show = await stage.ask("bob", "dist", "channel", "show", "stable", "--app", "acme");
  expect([show["exit"], channelOf(show)["version"], warningsOf(show)]).toEqual([0, "1.0.0", expected]);
  const release = await stage.ask("bob", "dist", "release", "show", "acme@1.1.0");
  expect([release["exit"], warningsOf(release)]).toEqual([0, expected]);
  const file = join(stage.folder, `bob/app-${stage.next()}.bin`);
  const from = ["--app", "acme", "--channel", "stable", "--platform", "linux"];
  const download = await stage.ask("bob", "dist", "download", ...from, "--out", file);
  // A download reads no other document than its own, so it cannot know of one that is none.
  const told = expected.filter((code) => code !== "state.document.invalid");
  expect([download["exit"], warningsOf(download)]).toEqual([0, told]);
  expect(readFileSync(file, "utf8")).toBe("one\n");
}

/** The row of stable in `channel list`. */
export function stableOf(answer: Data): Data {
  const result = answer["result"];
  const channels = isData(result) ? result["channels"] : undefined;
  const rows = Array.isArray(channels) ? channels.filter(isData) : [];
  return rows.find(({ name }) => name === "stable") ?? {};
}

/** The channel of `channel show`. */
function channelOf(answer: Data): Data {
  const result = answer["result"];
  const channel = isData(result) ? result["channel"] : undefined;
  return isData(channel) ? channel : {};
}
