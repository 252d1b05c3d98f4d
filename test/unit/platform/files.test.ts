import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { disk, type Disk } from "../../../src/platform/disk.ts";
import { nodeAssets, nodeFiles } from "../../../src/platform/node-files.ts";
import { nodeFolder } from "../../../src/platform/node-folder.ts";

/** Node cannot make a pipe. */
const MAKE_PIPE = "mkfifo";
let dir: string;
const at = (...names: string[]) => join(dir, ...names);
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "waybill-files-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("node files", () => {
  const files = nodeFiles();

  it("writes a file with its folders, by a rename, and leaves no temporary file", async () => {
    await files.write(at("a", "b.txt"), Buffer.from("one"));
    const { ino } = statSync(at("a", "b.txt"));
    await files.write(at("a", "b.txt"), Buffer.from("two"), { mode: 0o600 });
    expect(readFileSync(at("a", "b.txt"), "utf8")).toBe("two");
    expect(statSync(at("a", "b.txt")).ino).not.toBe(ino);
    expect(statSync(at("a", "b.txt")).mode & 0o777).toBe(0o600);
    expect(readdirSync(at("a"))).toEqual(["b.txt"]);
  });

  it("does not replace a file that must be new", async () => {
    await files.write(at("a"), Buffer.from("one"), { exclusive: true });
    await expect(files.write(at("a"), Buffer.from("two"), { exclusive: true })).rejects.toMatchObject({
      code: "file.exists",
    });
    expect(readFileSync(at("a"), "utf8")).toBe("one");
    expect(readdirSync(dir)).toEqual(["a"]);
  });

  it("gives a stream its name only when it is accepted", async () => {
    const chunks = async function* () {
      yield Buffer.from("he");
      yield Buffer.from("llo");
    };
    await files.writeStream(at("good"), chunks(), () => undefined);
    const refused = files.writeStream(at("bad"), chunks(), () => {
      throw new Error("digest differs");
    });
    await expect(refused).rejects.toMatchObject({ code: "file.unreadable" });
    expect(readdirSync(dir)).toEqual(["good"]);
    expect(readFileSync(at("good"), "utf8")).toBe("hello");
  });

  it("keeps the old content when the disk is full", async () => {
    writeFileSync(at("a"), "old");
    const failing: Disk = {
      ...disk,
      rename: () => Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" })),
    };
    await expect(nodeFiles(failing).write(at("a"), Buffer.from("new"))).rejects.toMatchObject({
      code: "file.no_space",
    });
    expect(readFileSync(at("a"), "utf8")).toBe("old");
    expect(readdirSync(dir)).toEqual(["a"]);
  });

  it.each(["a pipe", "a folder", "a link to a pipe"])("does not put a file in the place of %s", async (what) => {
    execFileSync(MAKE_PIPE, [at("pipe")]);
    mkdirSync(at("folder"));
    symlinkSync("pipe", at("link"));
    const name = what === "a pipe" ? "pipe" : what === "a folder" ? "folder" : "link";
    const chunks = async function* () {
      yield Buffer.from("new");
    };
    const refused = { code: "file.not_regular" };
    await expect(files.write(at(name), Buffer.from("new"))).rejects.toMatchObject(refused);
    await expect(files.writeStream(at(name), chunks(), () => undefined)).rejects.toMatchObject(refused);
    expect(statSync(at("pipe")).isFIFO()).toBe(true);
    expect(readdirSync(dir)).toEqual(["folder", "link", "pipe"]);
  });

  it("does not replace a link to what a stream of ours is redirected into", async () => {
    symlinkSync(`/proc/self/fd/${openSync(at("redirected"), "w")}`, at("stdout"));
    await expect(files.write(at("stdout"), Buffer.from("new"))).rejects.toMatchObject({ code: "file.not_regular" });
    expect(lstatSync(at("stdout")).isSymbolicLink()).toBe(true);
  });

  it("replaces a link to a file, or to nothing, not what it points to", async () => {
    writeFileSync(at("file"), "old");
    symlinkSync("file", at("one"));
    symlinkSync("nothing", at("two"));
    for (const name of ["one", "two"]) {
      await files.write(at(name), Buffer.from("new"));
      expect([name, readFileSync(at(name), "utf8")]).toEqual([name, "new"]);
    }
    expect(readFileSync(at("file"), "utf8")).toBe("old");
    expect(readdirSync(dir)).toEqual(["file", "one", "two"]);
  });

  it("reads parts of an open file, never beyond its end", async () => {
    writeFileSync(at("a"), "0123456789");
    const file = await files.open(at("a"));
    expect(file.sizeBytes).toBe(10);
    expect(Buffer.from(await file.read(8, 100)).toString()).toBe("89");
    expect(await file.read(20, 5)).toHaveLength(0);
    await file.close();
  });

  it("refuses a file above the bound, also one that says it is empty", async () => {
    writeFileSync(at("a"), "0123456789");
    expect(Buffer.from(await files.read(at("a"), 10)).toString()).toBe("0123456789");
    await expect(files.read(at("a"), 9)).rejects.toMatchObject({ code: "file.too_large" });
    expect(statSync("/proc/self/status").size).toBe(0);
    await expect(files.read("/proc/self/status", 10)).rejects.toMatchObject({ code: "file.too_large" });
  });

  it("says what a path is without following a link", async () => {
    writeFileSync(at("a"), "1");
    symlinkSync("a", at("l"));
    execFileSync(MAKE_PIPE, [at("p")]);
    const kinds = await Promise.all(["a", "l", "p", "."].map(async (name) => (await files.stat(at(name)))?.kind));
    expect(kinds).toEqual(["file", "link", "other", "folder"]);
    expect(await files.stat(at("none"))).toBeNull();
    expect(await files.stat(at("a", "below"))).toBeNull();
  });

  it("refuses what is no file instead of waiting for it", async () => {
    execFileSync(MAKE_PIPE, [at("p")]);
    await expect(files.open(at("p"))).rejects.toMatchObject({ code: "file.not_regular" });
    await expect(files.read(dir, 10)).rejects.toMatchObject({ code: "file.not_regular" });
    await expect(files.open(at("none"))).rejects.toMatchObject({ code: "file.not_found" });
  });

  it("lists names by code point and removes twice", async () => {
    for (const name of ["b", "\u{1F600}", "\uFFFD", "a"]) writeFileSync(at(name), "");
    expect(await files.names(dir)).toEqual(["a", "b", "\uFFFD", "\u{1F600}"]);
    await files.remove(at("a"));
    await files.remove(at("a"));
    expect(existsSync(at("a"))).toBe(false);
  });

  it("follows links to the real folder", async () => {
    mkdirSync(at("real"));
    symlinkSync("real", at("link"));
    expect(await files.real(at("link"))).toBe(await files.real(at("real")));
  });
});

describe("node folder", () => {
  it("is private, and so is what lies in it", async () => {
    const folder = nodeFolder(at("cache"));
    expect(await folder.read("x/y")).toBeNull();
    expect(await folder.names("")).toEqual([]);
    await folder.write("x/y", Buffer.from("1"));
    expect(statSync(at("cache")).mode & 0o777).toBe(0o700);
    expect(statSync(at("cache", "x", "y")).mode & 0o777).toBe(0o600);
    expect(Buffer.from((await folder.read("x/y")) ?? []).toString()).toBe("1");
    expect(await folder.names("x")).toEqual(["y"]);
    await folder.remove("x/y");
    expect(await folder.read("x/y")).toBeNull();
  });

  it("reads parts of a file as it was when it was opened, whatever takes its place", async () => {
    const folder = nodeFolder(at("cache"));
    expect(await folder.open("x")).toBeNull();
    const content = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 251));
    await folder.write("x", content);
    const file = (await folder.open("x"))!;
    await folder.write("x", Buffer.from("another"));
    expect(file.sizeBytes).toBe(content.length);
    const places = [0, 1, 7, 8191, 8192, 40_000, 65_536, 199_999, 200_000];
    for (const from of [...places, ...places.toReversed()])
      for (const to of [from, from + 1, from + 100_000])
        for (const given of [undefined, Buffer.alloc(1000)])
          expect(content.subarray(from, to).equals(file.part(from, to, given)), `${from} to ${to}`).toBe(true);
    expect(Buffer.from((await folder.open("x"))!.part(0, 9)).toString()).toBe("another");
  });

  it("reads no folder, pipe or device that lies in the place of a file", async () => {
    const folder = nodeFolder(at("cache"));
    await folder.write("x", Buffer.from("1"));
    mkdirSync(at("cache", "folder"));
    execFileSync(MAKE_PIPE, [at("cache", "pipe")]);
    symlinkSync("/dev/zero", at("cache", "device"));
    for (const name of ["folder", "pipe", "device"])
      for (const look of [() => folder.read(name), () => folder.open(name)])
        await expect(look()).rejects.toMatchObject({
          code: "file.not_regular",
          hints: [expect.stringContaining("out of the way")],
        });
  });

  it("closes a folder of the user's that others may read", async () => {
    mkdirSync(at("cache"), { mode: 0o755 });
    await nodeFolder(at("cache")).write("x", Buffer.from("1"));
    expect(statSync(at("cache")).mode & 0o777).toBe(0o700);
  });

  it("refuses a folder that others may write to, one that is a link, and one of another user", async () => {
    mkdirSync(at("open"));
    chmodSync(at("open"), 0o777);
    writeFileSync(at("open", "x"), "planted");
    const open = nodeFolder(at("open"));
    for (const look of [() => open.read("x"), () => open.open("x")])
      await expect(look()).rejects.toMatchObject({ code: "file.not_permitted" });
    symlinkSync("open", at("link"));
    await expect(nodeFolder(at("link")).write("x", Buffer.from("1"))).rejects.toMatchObject({
      code: "file.not_permitted",
    });
    const foreign: Disk = {
      ...disk,
      lstat: async (path) => Object.assign(await disk.lstat(path), { uid: 4_000_000 }),
    };
    mkdirSync(at("foreign"), { mode: 0o700 });
    await expect(nodeFolder(at("foreign"), foreign).write("x", Buffer.from("1"))).rejects.toMatchObject({
      code: "file.not_permitted",
    });
  });

  it.skipIf(process.platform !== "linux")("says at once that a place takes no folder", async () => {
    await expect(nodeFolder("/proc/waybill/cache").write("x", Buffer.from("1"))).rejects.toMatchObject({
      code: "file.not_found",
    });
    await expect(nodeFolder(at("cache/a/b")).write("x", Buffer.from("1"))).resolves.toBeUndefined();
  });

  it.each(["../x", "/etc/passwd", "a/../../x", "a\\b", "", "a\u0000b"])("refuses the name %j", async (name) => {
    await expect(nodeFolder(at("cache")).read(name)).rejects.toMatchObject({ code: "usage.invalid_argument" });
  });
});

describe("node assets", () => {
  it("reads below its folder only", async () => {
    writeFileSync(at("a.json"), "{}");
    linkSync(at("a.json"), at("b.json"));
    const assets = nodeAssets(dir);
    expect(Buffer.from(await assets.read("b.json")).toString()).toBe("{}");
    await expect(assets.read("none.json")).rejects.toMatchObject({ code: "file.not_found" });
    await expect(assets.read("../a.json")).rejects.toMatchObject({ code: "usage.invalid_argument" });
  });
});
