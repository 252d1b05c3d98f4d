import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { orThrow, ToolError } from "../../src/kernel/errors.ts";
import { type Disk, disk, type Handle } from "../../src/platform/disk.ts";
import { fileArtifactStore } from "../../src/platform/file-artifact-store.ts";
import { diskOps, type FileOps } from "../../src/platform/git/file-ops.ts";
import { openNativeStore } from "../../src/platform/git/native-store.ts";
import { inProcessIntake } from "../../src/platform/intake/in-process.ts";
import { git, makeFolder } from "../support/git-repo.ts";
import { type PublishWorld, publishWorld } from "../support/publish-world.ts";
import { verifyWorld } from "../support/verify-world.ts";

/** A disk that refuses one call, before it happened or after it happened and before the answer came back. */
interface Fault {
  calls: number;
  readonly at: number;
  readonly when: "before" | "after";
  readonly errno: string;
  name: string;
}

async function through<T>(fault: Fault, name: string, call: () => Promise<T>): Promise<T> {
  fault.calls += 1;
  if (fault.calls !== fault.at) return call();
  fault.name = name;
  if (fault.when === "after") await call();
  throw Object.assign(new Error(`${fault.errno}: ${name}`), { code: fault.errno });
}

function failingDisk(fault: Fault): Disk {
  const handle = (real: Handle): Handle =>
    new Proxy(real, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        const call = (...args: readonly unknown[]): unknown => Reflect.apply(member, target, [...args]);
        if (name !== "write" && name !== "sync") return call;
        return (...args: readonly unknown[]) => through(fault, name, async () => call(...args));
      },
    });
  return {
    ...disk,
    async open(...args) {
      let opened: Handle | undefined;
      try {
        return handle(await through(fault, "open", async () => (opened = await disk.open(...args))));
      } catch (cause) {
        await opened?.close();
        throw cause;
      }
    },
    rename: (...args) => through(fault, "rename", () => disk.rename(...args)),
    link: (...args) => through(fault, "link", () => disk.link(...args)),
    unlink: (...args) => through(fault, "unlink", () => disk.unlink(...args)),
    mkdir: (...args) => through(fault, "mkdir", () => disk.mkdir(...args)),
  };
}

function failingOps(fault: Fault): FileOps {
  return {
    ...diskOps,
    touch: (...args) => through(fault, "touch an object", () => diskOps.touch(...args)),
    create: (...args) => through(fault, "create an object", () => diskOps.create(...args)),
    rename: (...args) => through(fault, "rename an object", () => diskOps.rename(...args)),
    makeFolder: (...args) => through(fault, "make a folder of objects", () => diskOps.makeFolder(...args)),
    remove: (...args) => through(fault, "remove an object", () => diskOps.remove(...args)),
  };
}

async function realWorld() {
  const folder = makeFolder();
  // Thousands of objects take their time on a slow disk.
  onTestFinished(() => folder.remove(), 60_000);
  const bare = join(folder.path, "repo.git");
  git(folder.path, ["init", "-q", "--bare", bare]);
  const open = (fileOps: FileOps) => openNativeStore({ location: bare, env: new Map(Object.entries(env())), fileOps });
  const store = await open(diskOps);
  onTestFinished(() => store.close());
  return { bare, open, world: await publishWorld({ store }) };
}

function env(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
}

const artifacts = [{ platform: "linux", path: "acme.bin" }];

function manifestOf(world: PublishWorld, version: string): string {
  const manifest = { app: "acme-notes", version, channel: "internal", artifacts };
  return world.build(manifest, { "acme.bin": version });
}

async function publishWith(on: Awaited<ReturnType<typeof realWorld>>, fault: Fault, version: string): Promise<string> {
  const { world } = on;
  const store = await on.open(failingOps(fault));
  const bytes = fileArtifactStore(join(world.folder, "artifacts"), { disk: failingDisk(fault) });
  const intake = inProcessIntake(failingDisk(fault));
  try {
    const desk = { ground: { ...world.ground, store }, artifacts: bytes, intake };
    orThrow(await world.tryPublish(manifestOf(world, version), {}, desk));
    return "done";
  } catch (cause) {
    return cause instanceof ToolError ? cause.code : `not typed: ${String(cause)}`;
  } finally {
    await store.close();
  }
}

const refusals = [
  ["ENOSPC", "file.no_space"],
  ["EROFS", "file.read_only"],
  ["EACCES", "file.not_permitted"],
] as const;

describe("a publish on a disk that refuses", () => {
  it.each(["before", "after"] as const)(
    "says so %s any call, leaves the old or the new state, and converges",
    async (when) => {
      const on = await realWorld();
      const { world } = on;
      const counting: Fault = { calls: 0, at: 0, when, errno: "", name: "" };
      expect(await publishWith(on, counting, "1.0.0")).toBe("done");
      expect(counting.calls).toBeGreaterThan(20);
      const said: string[] = [];
      for (let at = 1; at <= counting.calls; at += 1) {
        const [errno, code] = refusals[at % refusals.length] ?? refusals[0];
        const fault: Fault = { calls: 0, at, when, errno, name: "" };
        world.clock.advance(1000);
        const answer = await publishWith(on, fault, `1.${at}.0`);
        expect([code, "done"], `call ${at}, ${when} ${fault.name}`).toContain(answer);
        said.push(answer);
        world.clock.advance(1000);
        orThrow(await world.tryPublish(manifestOf(world, `1.${at}.0`)));
      }
      expect(said.filter((answer) => answer !== "done").length).toBeGreaterThan(counting.calls / 2);
      // History keeps every commit, so one look at the end sees what each of them left.
      expect(await verifyWorld(world)).toEqual([]);
      const published = (await world.events()).filter((event) => event.startsWith("release.published"));
      expect(published).toHaveLength(counting.calls + 1);
      expect(storedIn(world)).toHaveLength(counting.calls + 1);
      git(on.bare, ["fsck", "--strict", "--full", "--no-dangling"]);
    },
    120_000,
  );
});

function storedIn(world: PublishWorld): readonly string[] {
  const names = readdirSync(join(world.folder, "artifacts"), { recursive: true, encoding: "utf8" });
  return names.filter((name) => /[0-9a-f]{64}$/.test(name));
}
