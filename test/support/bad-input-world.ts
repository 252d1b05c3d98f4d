import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { isData, type Data } from "../../src/kernel/json.ts";
import { type Sandbox, sandboxIn } from "./sandbox.ts";

/** One repository for all: nothing that is refused may change it. */
export const folder = mkdtempSync(join(tmpdir(), "waybill-bad-input-"));
/** The machine that uses it. */
export const machine = sandboxIn(folder, {
  DIST_SERVER: join(folder, "repo.git"),
  DIST_LOCAL_STORE: join(folder, "store"),
});
let builds = 0;

/** Makes the repository, with an app and a release. */
export async function setUp(): Promise<void> {
  await sure("waybill", "init", "repo.git");
  await sure(
    "dist",
    "app",
    "create",
    "acme",
    "--bundle-id",
    "android_apk=com.elsewhere",
    "--platform",
    "linux",
    "--platform",
    "android_apk",
  );
  await sure(
    "dist",
    "ci",
    "publish",
    "--manifest",
    build(manifestOf({ version: "1.0.0", channel: "internal" }), { "app.bin": "one\n" }),
  );
}

/** Removes everything. */
export function tearDown(): void {
  rmSync(folder, { recursive: true, force: true });
}

/** The result of a command that must end with exit 0. */
export async function sure(program: string, ...argv: readonly string[]): Promise<Data> {
  const { exit, result, error } = await machine.json(program, ...argv);
  if (exit !== 0 || !isData(result)) throw new Error(`${argv.join(" ")}: ${JSON.stringify(error)}`);
  return result;
}

/** A manifest that is good but for what is given. */
export function manifestOf(more: object = {}): object {
  return { app: "acme", version: "2.0.0", artifacts: [{ platform: "linux", path: "app.bin" }], ...more };
}

/** The same with a row that is good but for what is given. */
export function rowOf(more: object): object {
  return manifestOf({ artifacts: [{ platform: "linux", path: "app.bin", ...more }] });
}

/** Writes a manifest and its files into a folder of their own; answers the path of the manifest. */
export function build(
  manifest: object | string | Uint8Array,
  files: Readonly<Record<string, string | Uint8Array>> = { "app.bin": "two\n" },
): string {
  const at = join(folder, `build-${(builds += 1)}`);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(at, name)), { recursive: true });
    writeFileSync(join(at, name), content);
  }
  mkdirSync(at, { recursive: true });
  const bytes = typeof manifest === "string" || manifest instanceof Uint8Array ? manifest : JSON.stringify(manifest);
  writeFileSync(join(at, "dist.json"), bytes);
  return join(at, "dist.json");
}

/** Every ref, and every file of the store with its digest. */
export function traces(): readonly string[] {
  const store = join(folder, "store");
  const files = readdirSync(store, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return `${path} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
    });
  return [machine.git("-C", "repo.git", "for-each-ref"), ...files.toSorted()];
}

/** Runs a command that must be refused and change nothing; answers its error, in JSON and as people read it. */
export async function refusal(
  on: Sandbox,
  program: string,
  ...argv: readonly string[]
): Promise<{ readonly exit: number; readonly error: Data; readonly text: string }> {
  const before = traces();
  const ran = await on.run(program, ...argv, "--json");
  const answer: unknown = JSON.parse(ran.stdout);
  const text = (await on.run(program, ...argv)).stderr;
  expect(traces()).toEqual(before);
  expect(text).not.toMatch(/\n\s+at .*\.(?:js|ts):\d+|internal\.bug/);
  const error = isData(answer) && isData(answer["error"]) ? answer["error"] : {};
  return { exit: ran.exit, error, text };
}

/** Holds that what was refused says where, and what to do. */
export function expectRefusal(
  found: Awaited<ReturnType<typeof refusal>>,
  exit: number,
  code: string,
  place: RegExp,
): void {
  expect([found.exit, found.error["code"]]).toEqual([exit, code]);
  expect(`${JSON.stringify(found.error["message"])} ${JSON.stringify(found.error["data"])}`).toMatch(place);
  expect(found.text).toContain(`[${code}]`);
  expect(found.text).toMatch(/^ {2}next {2,}\S/m);
  expect(found.text).toMatch(new RegExp(`^ {2}exit ${exit}, nothing was written$`, "m"));
}
