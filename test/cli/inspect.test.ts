import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/kernel/digest.ts";
import { ToolError } from "../../src/kernel/errors.ts";
import type { Intake } from "../../src/ports/intake.ts";
import { buildApk, plainInputs } from "../support/apk-builder.ts";
import { makeIdentity } from "../support/apk-certificate.ts";
import { runCli, runJson } from "../support/run-cli.ts";
import { makeWorld } from "../support/world.ts";
import { buildZip } from "../support/zip-builder.ts";

function fileIn(folder: string, name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe("inspect", () => {
  it("says identity, version, signature, checks and digest of an APK", async () => {
    const world = makeWorld();
    const bytes = buildApk(plainInputs, [["v2", { identity: makeIdentity("rsa") }]]);
    const path = fileIn(world.folder, "acme.apk", bytes);
    const run = await runCli(["inspect", path], { world, columns: 100, env: { NO_COLOR: "1" } });
    expect([run.exit, run.stderr]).toEqual([0, ""]);
    expect(run.stdout).toContain(sha256Hex(bytes));
    expect(run.stdout).toMatch(/^File .*acme\.apk {3}apk/m);
    expect(run.stdout).toMatch(/^Identity +\S+ \d/m);
    expect(run.stdout).toMatch(/^Signature +signature_verified/m);
    expect(run.stdout).toMatch(/^passed +apk\.manifest/m);
  });

  it("answers 1 with the code of the first failed check, and every file in the result", async () => {
    const world = makeWorld();
    const good = fileIn(world.folder, "good.zip", buildZip([{ name: "a", content: "a" }]));
    const bad = fileIn(world.folder, "bad.zip", buildZip([{ name: "../a", content: "a" }]));
    const result = await runJson(["inspect", good, bad], { world });
    expect(result).toMatchObject({ ok: false, exit: 1, error: { code: "inspect.zip.path_escape" } });
    expect(result.result).toMatchObject({
      files: [{ validation_status: "passed" }, { validation_status: "failed", sha256: /^[0-9a-f]{64}$/ }].map(
        (row) => ({
          validation_status: row.validation_status,
        }),
      ),
    });
  });

  it("gives a failed check that carries no code one of its format", async () => {
    const intake: Intake = {
      take: async () => ({
        sha256: "0".repeat(64),
        sizeBytes: 1,
        staged: null,
        inspection: {
          kind: "apk",
          inspector_version: 1,
          facts: {},
          checks: [{ id: "apk.odd", status: "failed", message: "Odd", detail: { code: "not ours" } }],
        },
      }),
      close: async () => undefined,
    };
    const result = await runJson(["inspect", "x"], { world: makeWorld({ intake }) });
    expect(result.error).toMatchObject({ code: "inspect.apk.failed", data: { check: "apk.odd" } });
  });

  it("answers 0 for a file that nobody knows, marked skipped", async () => {
    const world = makeWorld();
    const path = fileIn(world.folder, "notes.txt", new TextEncoder().encode("hello"));
    const result = await runJson(["inspect", path], { world });
    expect(result.exit).toBe(0);
    expect(result.result).toMatchObject({ files: [{ kind: "opaque", validation_status: "skipped" }] });
  });

  it("copies nothing", async () => {
    let staging: string | null = "unset";
    const intake: Intake = {
      take: async (_path, into) => {
        staging = into;
        throw new ToolError("file.not_found", "gone");
      },
      close: async () => undefined,
    };
    const result = await runJson(["inspect", "x"], { world: makeWorld({ intake }) });
    expect([staging, result.exit, result.error?.code]).toEqual([null, 2, "file.not_found"]);
  });
});
