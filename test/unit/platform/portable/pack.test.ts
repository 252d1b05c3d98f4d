import * as fs from "node:fs";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { createHash } from "node:crypto";
import { readObject } from "isomorphic-git";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isOid, type Oid } from "../../../../src/kernel/oid.ts";
import { diskOps } from "../../../../src/platform/git/file-ops.ts";
import { type ObjectKind, objectId } from "../../../../src/platform/git/objects.ts";
import { isObjectKind } from "../../../../src/platform/portable/loose-reader.ts";
import { portableObjects } from "../../../../src/platform/portable/objects.ts";
import { takePack } from "../../../../src/platform/portable/take-pack.ts";
import { git, gitBytes, makeFolder } from "../../../support/git-repo.ts";

const LIMITS = { packBytes: 10_000_000, objects: 10_000 };
const folder = makeFolder();
const repo = join(folder.path, "r.git");
const oids: (readonly [Oid, ObjectKind])[] = [];
let pack: Buffer;

async function* inPieces(bytes: Buffer, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A new repository that takes a pack; its path. */
async function taken(name: string, bytes: Buffer, limits = LIMITS): Promise<string> {
  git(folder.path, ["init", "-q", "--bare", `${name}.git`]);
  const path = join(folder.path, `${name}.git`);
  await takePack(path, diskOps, inPieces(bytes), limits);
  return path;
}

beforeAll(() => {
  git(folder.path, ["init", "-q", "--bare", repo]);
  // Versions of one long text, which git stores as deltas upon deltas, and a tree and a commit for each.
  const lines = Array.from({ length: 400 }, (_, i) => `line ${i} ${createHash("sha1").update(`${i}`).digest("hex")}`);
  let parent: readonly string[] = [];
  for (let i = 0; i < 60; i += 1) {
    lines[i * 3] = `changed in ${i}`;
    const blob = git(repo, ["hash-object", "-w", "--stdin"], Buffer.from(lines.join("\n")));
    const tree = git(repo, ["mktree"], Buffer.from(`100644 blob ${blob}\ttext\n`));
    parent = ["-p", git(repo, ["commit-tree", "-m", `${i}`, ...parent, tree])];
  }
  git(repo, ["update-ref", "refs/heads/main", parent[1]!]);
  git(repo, ["repack", "-adfq", "--depth=40", "--window=40"]);
  git(repo, ["prune-packed"]);
  const names = readdirSync(join(repo, "objects/pack"));
  pack = fs.readFileSync(join(repo, "objects/pack", names.find((name) => name.endsWith(".pack"))!));
  for (const line of git(repo, ["cat-file", "--batch-all-objects", "--batch-check"]).split("\n")) {
    const [oid = "", kind = ""] = line.split(" ");
    if (isOid(oid) && isObjectKind(kind)) oids.push([oid, kind]);
  }
}, 60_000);
afterAll(() => folder.remove());

/** Every object as our reader has it, its size asked before. */
async function readAll(path: string): Promise<readonly Uint8Array[]> {
  const raw = portableObjects(path, diskOps);
  const sizes: number[] = [];
  const found = [];
  for (const [oid, kind] of oids) found.push(await raw.read(oid, kind, (size) => sizes.push(size)));
  await raw.close();
  expect(sizes).toEqual(found.map(({ length }) => length));
  return found;
}

describe("a pack", () => {
  it("is read as git and isomorphic-git read it, deltas upon deltas", async () => {
    expect(
      git(repo, [
        "verify-pack",
        "-v",
        ...readdirSync(join(repo, "objects/pack"))
          .filter((n) => n.endsWith(".idx"))
          .map((n) => join(repo, "objects/pack", n)),
      ]),
    ).toMatch(/chain length = 1\d/);
    const cache = {};
    const ours = await readAll(repo);
    expect(ours.length).toBe(180);
    for (const [i, [oid]] of oids.entries()) {
      const { object } = await readObject({ fs, dir: repo, gitdir: repo, oid, format: "content", cache });
      expect(object instanceof Uint8Array && Buffer.from(object).equals(ours[i]!)).toBe(true);
    }
    for (const [i, [oid, kind]] of [...oids.entries()].filter(([at]) => at % 30 === 0))
      expect(gitBytes(repo, ["cat-file", kind, oid]).equals(ours[i]!)).toBe(true);
  });

  it("that arrives is stored with the index that git makes", async () => {
    const path = await taken("whole", pack);
    expect(await readAll(path)).toEqual(await readAll(repo));
    const stored = readdirSync(join(path, "objects/pack")).toSorted();
    expect(stored.length).toBe(2);
    const [idx, kept] = stored.map((name) => join(path, "objects/pack", name));
    git(path, ["index-pack", "-o", join(folder.path, "git.idx"), kept!]);
    expect(fs.readFileSync(idx!).equals(fs.readFileSync(join(folder.path, "git.idx")))).toBe(true);
    expect(readdirSync(join(path, "objects")).filter((name) => name.startsWith("tmp"))).toEqual([]);
  });

  it("that is too large for this driver is refused with its own code, and nothing of it stays", async () => {
    for (const [name, limits] of [
      ["bytes", { ...LIMITS, packBytes: pack.length - 1 }],
      ["objects", { ...LIMITS, objects: 179 }],
    ] as const) {
      await expect(taken(name, pack, limits)).rejects.toMatchObject({
        code: "state.repository.too_large",
        data: { limit: name },
      });
      expect(readdirSync(join(folder.path, `${name}.git`, "objects")).toSorted()).toEqual(["info", "pack"]);
    }
  });

  const entry = (type: number, size: number, content: Buffer) => {
    const head = [(type << 4) | (size & 15)];
    for (let rest = size >> 4; rest > 0; rest >>= 7) {
      head[head.length - 1]! |= 0x80;
      head.push(rest & 0x7f);
    }
    return Buffer.concat([Buffer.from(head), content]);
  };
  const packOf = (count: number, ...entries: readonly Buffer[]) => {
    const head = Buffer.from("5041434b0000000200000000", "hex");
    head.writeUInt32BE(count, 8);
    const body = Buffer.concat([head, ...entries]);
    return Buffer.concat([body, createHash("sha1").update(body).digest()]);
  };
  const zeros = deflateSync(Buffer.alloc(50_000_000));
  const delta = (...bytes: readonly number[]) => deflateSync(Buffer.from(bytes));
  const whole = entry(3, 5, deflateSync(Buffer.from("hello")));
  const cases: Readonly<Record<string, () => Buffer>> = {
    "has another checksum": () => Buffer.concat([pack.subarray(0, -1), Buffer.of(pack.at(-1)! ^ 1)]),
    "is no pack": () => packOf(0).fill("x", 0, 4),
    "ends early": () => packOf(2, whole),
    "goes on behind its objects": () => packOf(1, whole, Buffer.from("more")),
    "holds more than an object names": () => packOf(1, entry(3, 10, zeros)),
    "holds less than an object names": () => packOf(1, entry(3, 6, deflateSync(Buffer.from("hello")))),
    "has an object of no kind": () => packOf(1, entry(5, 5, deflateSync(Buffer.from("hello")))),
    "has a delta of itself": () => packOf(1, entry(6, 4, Buffer.concat([Buffer.of(0), delta(5, 5, 0x90, 5)]))),
    "has a delta that leads out of it": () =>
      packOf(1, entry(6, 4, Buffer.concat([Buffer.of(0x7f), delta(5, 5, 0x90, 5)]))),
    "has a delta of what it lacks": () =>
      packOf(1, entry(7, 4, Buffer.concat([Buffer.alloc(20, 1), delta(5, 5, 0x90, 5)]))),
    "has a delta that copies more than there is": () =>
      packOf(2, whole, entry(6, 5, Buffer.concat([Buffer.of(whole.length), delta(5, 9, 0x90, 9, 0)]))),
    "has a delta for another size": () =>
      packOf(2, whole, entry(6, 4, Buffer.concat([Buffer.of(whole.length), delta(4, 4, 0x90, 4)]))),
    "has a delta that makes gigabytes": () =>
      packOf(
        2,
        whole,
        entry(6, 7, Buffer.concat([Buffer.of(whole.length), delta(5, 0xff, 0xff, 0xff, 0x7f, 0x90, 5)])),
      ),
  };
  it.each(Object.entries(cases))("that %s is refused, and nothing of it stays", async (name, make) => {
    const code = await taken(name.replaceAll(" ", "-"), make()).then(() => "taken", codeFrom);
    expect(["state.object.corrupt", "state.limit.exceeded", "state.object.missing"]).toContain(code);
    expect(readdirSync(join(folder.path, `${name.replaceAll(" ", "-")}.git`, "objects")).toSorted()).toEqual([
      "info",
      "pack",
    ]);
  });

  it("of little bytes that unpacks to much is never in memory as a whole", async () => {
    const size = 127 * 180_000;
    const sizes: number[] = [];
    for (let rest = size; rest > 0; rest = Math.floor(rest / 128)) sizes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    const given = Buffer.concat([Buffer.from(sizes), Buffer.from(sizes), Buffer.alloc((size / 127) * 128)]);
    for (let at = 2 * sizes.length; at < given.length; at += 128) given[at] = 127;
    const entries = [entry(3, size, deflateSync(Buffer.alloc(size, 9)))];
    for (let i = 1; i <= 3; i += 1) {
      given[given.length - 1] = i;
      const back = entries.at(-1)!.length;
      // A distance of three bytes; each but the first counts from one on.
      const far = back - 128 - 128 * 128;
      const distance = Buffer.of(0x80 | (far >> 14), 0x80 | ((far >> 7) & 127), far & 127);
      entries.push(entry(6, given.length, Buffer.concat([distance, deflateSync(given)])));
    }
    const path = await taken("much", packOf(4, ...entries));
    // Unpacked they would be four files; as a pack they are as small as they came.
    expect(readdirSync(join(path, "objects/pack"))).toHaveLength(2);
    const last = Buffer.alloc(size);
    last[size - 1] = 3;
    const read = portableObjects(path, diskOps).read(objectId("sha1", "blob", last), "blob", () => undefined);
    expect(await read.then(() => "read", codeFrom)).toBe("state.limit.exceeded");
  });

  it("that is damaged on the disk gives no wrong object, whichever byte it is", async () => {
    const path = join(folder.path, "damaged.git");
    fs.cpSync(repo, path, { recursive: true });
    const file = join(path, "objects/pack", readdirSync(join(path, "objects/pack")).find((n) => n.endsWith(".pack"))!);
    fs.chmodSync(file, 0o644);
    for (let at = 12; at < pack.length; at += Math.ceil(pack.length / 40)) {
      const bytes = Buffer.from(pack);
      bytes[at]! ^= 0x55;
      fs.writeFileSync(file, bytes);
      const raw = portableObjects(path, diskOps);
      const codes = await Promise.all(
        oids.map(([oid, kind]) => raw.read(oid, kind, () => undefined).then(() => "read", codeFrom)),
      );
      expect(["read", "state.object.corrupt", "state.limit.exceeded", "state.object.missing"]).toEqual(
        expect.arrayContaining([...new Set(codes)]),
      );
      await raw.close();
    }
  });
});

function codeFrom(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : error;
}
