import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sha256Hex } from "../../../../src/kernel/digest.ts";
import { disk, type Disk } from "../../../../src/platform/disk.ts";
import { inProcessIntake } from "../../../../src/platform/intake/in-process.ts";
import { readOnce } from "../../../../src/platform/intake/read-once.ts";
import { buildZip } from "../../../support/zip-builder.ts";

/** Node cannot make a pipe. */
const MAKE_PIPE = "mkfifo";
let dir: string;
const at = (name: string) => join(dir, name);
const nothing = () => undefined;
const intake = inProcessIntake();
const noise = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 7919) % 251));
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "waybill-intake-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("intake", () => {
  it("hashes, inspects and copies in one read, and says how far it is", async () => {
    const bytes = buildZip([{ name: "a", content: noise, method: 0 }]);
    writeFileSync(at("app.bin"), bytes);
    const steps: number[] = [];
    const taken = await intake.take(at("app.bin"), at("incoming"), (done) => steps.push(done));
    expect(taken).toMatchObject({
      sha256: sha256Hex(bytes),
      sizeBytes: bytes.length,
      inspection: { kind: "zip", facts: { entries: 1 } },
    });
    expect(readFileSync(taken.staged ?? "").equals(bytes)).toBe(true);
    expect(statSync(taken.staged ?? "").mode & 0o222).toBe(0);
    expect(steps).toEqual([1 << 20, 2 << 20, bytes.length]);
  });

  it("makes no copy where none is asked for", async () => {
    writeFileSync(at("a"), "hello");
    expect(await intake.take(at("a"), null, nothing)).toMatchObject({ staged: null, inspection: { kind: "opaque" } });
    expect(readdirSync(dir)).toEqual(["a"]);
  });

  it("keeps digest and copy of a broken file, whose inspection has failed", async () => {
    writeFileSync(at("a.zip"), buildZip([{ name: "../x" }]));
    const { inspection, staged } = await intake.take(at("a.zip"), at("incoming"), nothing);
    expect(inspection).toMatchObject({ kind: "zip", checks: [{ id: "zip.path_escape", status: "failed" }] });
    expect(staged).not.toBeNull();
  });

  it.each([
    ["a link", "file.not_regular", () => symlinkSync("real", at("x"))],
    ["a folder", "file.not_regular", () => mkdirSync(at("x"))],
    ["a pipe", "file.not_regular", () => execFileSync(MAKE_PIPE, [at("x")])],
    ["nothing", "file.not_found", nothing],
    ["an empty file", "file.empty", () => writeFileSync(at("x"), "")],
  ] as const)("refuses %s with %s", async (_, code, make) => {
    writeFileSync(at("real"), "hello");
    make();
    await expect(intake.take(at("x"), at("incoming"), nothing)).rejects.toMatchObject({ code });
  });

  it.each([
    ["grows", () => appendFileSync(at("x"), "more")],
    ["shrinks", () => truncateSync(at("x"), 1_500_000)],
    ["is written again", () => utimesSync(at("x"), 1, 1)],
  ])("finds that a file %s while it is read, and leaves no copy", async (_, change) => {
    writeFileSync(at("x"), noise);
    const once = (doneBytes: number) => (doneBytes === 1 << 20 ? change() : undefined);
    await expect(intake.take(at("x"), at("incoming"), once)).rejects.toMatchObject({ code: "file.changed" });
    expect(readdirSync(at("incoming"))).toEqual([]);
  });

  it("hashes a file above the bound without inspecting it", async () => {
    writeFileSync(at("huge.zip"), buildZip([{ name: "a" }]));
    const job = { path: at("huge.zip"), stagedPath: null, uninspected: null };
    const { sizeBytes, inspection } = await readOnce(job, nothing, { largestInspectedBytes: 20 });
    expect(sizeBytes).toBeGreaterThan(20);
    expect(inspection).toMatchObject({ kind: "opaque", checks: [{ id: "limit.size", status: "skipped" }] });
  });

  it.each([
    ["ENOSPC", "file.no_space"],
    ["EROFS", "file.read_only"],
    ["EACCES", "file.not_permitted"],
  ])("answers %s of the staging disk with %s and leaves nothing behind", async (errno, code) => {
    writeFileSync(at("x"), noise);
    const failing: Disk = {
      ...disk,
      open: async (path, flags, mode) => {
        const handle = await disk.open(path, flags, mode);
        handle.write = () => Promise.reject(Object.assign(new Error(errno), { code: errno }));
        return handle;
      },
    };
    const job = { path: at("x"), stagedPath: join(dir, "incoming", "s.tmp"), uninspected: null };
    await expect(readOnce(job, nothing, { disk: failing })).rejects.toMatchObject({ code });
    expect(readdirSync(at("incoming"))).toEqual([]);
  });
});
