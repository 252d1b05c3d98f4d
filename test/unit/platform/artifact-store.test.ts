import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import * as promises from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { disk, type Disk } from "../../../src/platform/disk.ts";
import { fileArtifactStore } from "../../../src/platform/file-artifact-store.ts";
import { describeArtifactStore, uploadOf, WISH } from "../../contract/artifact-store.ts";

const silent = { step: () => undefined, end: () => undefined };
const release = WISH;

describeArtifactStore("file", async () => {
  const dir = mkdtempSync(join(tmpdir(), "waybill-store-"));
  return { store: fileArtifactStore(dir), remove: async () => rmSync(dir, { recursive: true }) };
});

describe("file artifact store", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "waybill-store-"));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const files = () => readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

  it("stores under the digest, with a relative address, read-only, and leaves nothing staged", async () => {
    const draft = await fileArtifactStore(dir).draft(release);
    const file = uploadOf("a.bin", "hello");
    const { location } = await draft.put(file, silent);
    expect(location.url).toBe(`${file.sha256.slice(0, 2)}/${file.sha256}`);
    expect(readFileSync(join(dir, location.url ?? ""), "utf8")).toBe("hello");
    expect(statSync(join(dir, location.url ?? "")).mode & 0o222).toBe(0);
    expect(files()).toHaveLength(1);
  });

  it("waits for no pipe that lies in the place of bytes", async () => {
    const store = fileArtifactStore(dir);
    const file = uploadOf("a.bin", "hello");
    const { location } = await (await store.draft(release)).put(file, silent);
    rmSync(join(dir, location.url ?? ""));
    execFileSync("mkfifo", [join(dir, location.url ?? "")]);
    const read = async () => {
      for await (const chunk of store.open(file.sha256, location)) expect(chunk).toBeUndefined();
    };
    await expect(read()).rejects.toMatchObject({ code: "artifact.missing" });
  });

  it("moves what the intake staged instead of copying it", async () => {
    const store = fileArtifactStore(dir);
    const staged = join(store.staging ?? "", "one.tmp");
    mkdirSync(store.staging ?? "");
    writeFileSync(staged, "hello");
    const { ino } = statSync(staged);
    const { location } = await (await store.draft(release)).put({ ...uploadOf("a.bin", "hello"), staged }, silent);
    expect(statSync(join(dir, location.url ?? "")).ino).toBe(ino);
    expect(existsSync(staged)).toBe(false);
  });

  it("drops the staged copy of bytes that it has", async () => {
    const store = fileArtifactStore(dir);
    const draft = await store.draft(release);
    await draft.put(uploadOf("a.bin", "hello"), silent);
    const staged = join(store.staging ?? "", "one.tmp");
    writeFileSync(staged, "hello");
    await draft.put({ ...uploadOf("b.bin", "hello"), staged }, silent);
    expect(files()).toHaveLength(1);
  });

  it("replaces a stored file of the wrong size", async () => {
    const store = fileArtifactStore(dir);
    const { sha256 } = uploadOf("a.bin", "hello");
    mkdirSync(join(dir, sha256.slice(0, 2)));
    writeFileSync(join(dir, sha256.slice(0, 2), sha256), "hel");
    await (await store.draft(release)).put(uploadOf("a.bin", "hello"), silent);
    expect(readFileSync(join(dir, sha256.slice(0, 2), sha256), "utf8")).toBe("hello");
  });

  it("refuses a staged file outside its staging folder, and digests and ids that are none", async () => {
    const store = fileArtifactStore(dir);
    const draft = await store.draft(release);
    const outside = { ...uploadOf("a.bin", "hello"), staged: join(dir, "x") };
    await expect(draft.put(outside, silent)).rejects.toMatchObject({ code: "usage.invalid_argument" });
    await expect(draft.put({ ...uploadOf("a.bin", "hello"), sha256: "../../x" }, silent)).rejects.toMatchObject({
      code: "usage.invalid_argument",
    });
    await expect(store.draft({ ...release, ref: "../x" })).rejects.toMatchObject({ code: "usage.invalid_argument" });
  });

  it.each([
    ["ENOSPC", "file.no_space"],
    ["EDQUOT", "file.no_space"],
    ["EROFS", "file.read_only"],
    ["EACCES", "file.not_permitted"],
    ["EIO", "file.unreadable"],
  ])("answers %s with %s and leaves nothing behind", async (errno, code) => {
    const failing: Disk = { ...disk, open: failingOpen(errno) };
    const draft = await fileArtifactStore(dir, { disk: failing }).draft(release);
    await expect(draft.put(uploadOf("a.bin", "hello"), silent)).rejects.toMatchObject({ code });
    expect(await draft.list()).toEqual([]);
    expect(files()).toEqual([]);
  });

  it("keeps the staged copy when its rename fails, so that a second try finds the digest or stages again", async () => {
    const failing: Disk = { ...disk, rename: () => Promise.reject(errnoError("ENOSPC")) };
    const file = uploadOf("a.bin", "hello");
    await expect(
      (await fileArtifactStore(dir, { disk: failing }).draft(release)).put(file, silent),
    ).rejects.toMatchObject({ code: "file.no_space" });
    await (await fileArtifactStore(dir).draft(release)).put(file, silent);
    expect(readFileSync(join(dir, file.sha256.slice(0, 2), file.sha256), "utf8")).toBe("hello");
  });

  it("sweeps what was staged more than a day ago", async () => {
    const now = Date.parse("2026-01-02T00:00:00Z");
    const store = fileArtifactStore(dir, { now: () => now });
    expect(await store.sweep()).toBe(0);
    mkdirSync(store.staging ?? "");
    for (const [name, ageMs] of [
      ["old.tmp", 86_400_001],
      ["new.tmp", 1000],
    ] as const) {
      const path = join(store.staging ?? "", name);
      writeFileSync(path, "12345");
      utimesSync(path, (now - ageMs) / 1000, (now - ageMs) / 1000);
    }
    expect(await store.sweep()).toBe(5);
    expect(readdirSync(store.staging ?? "")).toEqual(["new.tmp"]);
  });
});

function errnoError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

/** Opens files whose first write fails, as a full disk does. */
function failingOpen(code: string): Disk["open"] {
  return async (...args) => {
    const handle = await promises.open(...args);
    handle.write = () => Promise.reject(errnoError(code));
    return handle;
  };
}
