import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { artifactFolder } from "../../../cli/compose/artifact-folder.ts";
import { actorOf, requestOf } from "../../../cli/compose/asker.ts";
import { cacheFolder, cacheHome, forgetful } from "../../../cli/compose/cache-folder.ts";
import { repositoryOf } from "../../../cli/compose/repository.ts";
import { secretsOf } from "../../../cli/compose/secrets.ts";
import { serverOf } from "../../../cli/compose/server.ts";
import { type Reason, ToolError } from "../../../src/kernel/errors.ts";

const env: ReadonlyMap<string, string> = new Map([["PATH", "/usr/local/bin:/usr/bin:/bin"]]);

function folder(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "waybill-test-")));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ToolError) return error.code;
    throw error;
  }
  return "no error";
}

describe("--server", () => {
  it.each([
    ["./repo.git", false, "path"],
    ["/srv/repo.git", false, "path"],
    ["..", false, "path"],
    ["acme/notes", true, "path"],
    ["C:\\repo", false, "path"],
    ["https://git.example/acme.git", false, "remote"],
    ["ssh://git@example.com/acme.git", false, "remote"],
    ["git@example.com:acme/notes.git", false, "remote"],
    ["file:///srv/repo.git", false, "remote"],
    ["acme/notes", false, "github"],
  ])("takes %s (a folder: %s) as a %s", (text, isFolder, kind) => {
    expect(serverOf(text, isFolder).kind).toBe(kind);
  });

  it.each([
    ["acme/..", "usage.invalid_argument"],
    ["-acme/notes", "usage.invalid_argument"],
    ["acme/notes/more", "usage.invalid_argument"],
    ["https://dist.example/", "usage.not_here"],
    ["repo", "usage.invalid_argument"],
    ["--upload-pack=evil", "usage.invalid_argument"],
    ["ext::sh -c evil", "usage.invalid_argument"],
    ["https://", "usage.not_here"],
  ])("refuses %s with %s", async (text, code) => {
    expect(await codeOf(() => serverOf(text, false))).toBe(code);
  });

  it("finds a bare repository and a clone from a folder below, and keeps artifacts below their git folder", async () => {
    const root = folder();
    execFileSync("git", ["init", "-q", "--bare", join(root, "repo.git")]);
    execFileSync("git", ["init", "-q", join(root, "clone")]);
    mkdirSync(join(root, "clone", "below"));
    const bare = await repositoryOf({ server: join(root, "repo.git") }, env);
    expect(bare).toMatchObject({ gitDir: join(root, "repo.git"), workTree: null, made: false });
    const clone = await repositoryOf({ server: join(root, "clone", "below") }, env);
    expect(clone).toMatchObject({ gitDir: join(root, "clone", ".git"), workTree: join(root, "clone") });
    expect(await artifactFolder({}, env, async () => bare)).toBe(join(root, "repo.git", "waybill", "artifacts"));
    expect(await artifactFolder({ "local-store": "/x" }, env, async () => bare)).toBe("/x");
    execFileSync("git", ["-C", join(root, "clone"), "config", "waybill.localStore", "../store"]);
    expect(await artifactFolder({}, env, async () => clone)).toBe(join(root, "store"));
  });

  it("says what to do where there is no repository", async () => {
    expect(await codeOf(() => repositoryOf({ server: folder() }, env))).toBe("state.repository.missing");
    expect(await codeOf(() => repositoryOf({ server: "./nowhere" }, env))).toBe("state.repository.missing");
  });

  it("makes a bare repository for a command that may, with HEAD on the facts; a dry run only says so", async () => {
    const root = folder();
    const planned = await repositoryOf({ path: join(root, "new.git") }, env, "plan");
    expect(planned).toMatchObject({ made: true, gitDir: join(root, "new.git") });
    expect(() => statSync(join(root, "new.git"))).toThrow("ENOENT");
    expect(await repositoryOf({ server: join(root, "new.git") }, env, "make")).toMatchObject({ made: true });
    const head = execFileSync("git", ["-C", join(root, "new.git"), "symbolic-ref", "HEAD"], { encoding: "utf8" });
    expect(head.trim()).toBe("refs/heads/waybill/state");
    expect(await repositoryOf({ server: join(root, "new.git") }, env, "make")).toMatchObject({ made: false });
  });

  it("makes none among files of somebody's, and takes up one that was killed while it was made", async () => {
    const root = folder();
    for (const name of ["theirs", "begun"]) mkdirSync(join(root, name));
    writeFileSync(join(root, "theirs", "config"), "[default]\n");
    mkdirSync(join(root, "begun", "objects"));
    for (const driver of ["native", "portable"])
      for (const missing of ["plan", "make"] as const) {
        const refused = repositoryOf({ path: join(root, "theirs"), driver }, env, missing);
        expect([missing, await codeOf(() => refused)]).toEqual([missing, "file.exists"]);
        cpSync(join(root, "begun"), join(root, driver), { recursive: true });
        expect(await repositoryOf({ path: join(root, driver), driver }, env, missing)).toMatchObject({ made: true });
      }
    expect(readdirSync(join(root, "theirs"))).toEqual(["config"]);
    expect(readFileSync(join(root, "theirs", "config"), "utf8")).toBe("[default]\n");
  });

  it("asks for a store where the repository is an address", async () => {
    const remote = await repositoryOf({ server: "https://git.example/acme.git" }, env);
    expect(await codeOf(() => artifactFolder({}, env, async () => remote))).toBe("usage.missing_argument");
  });
});

describe("who is asking", () => {
  const settings = (values: Record<string, string>) => async (name: string) => values[name];

  it("is the git identity, self-declared, with a digest instead of the address", async () => {
    const actor = await actorOf(env, settings({ "user.name": "Alice", "user.email": "Alice@Example.com" }));
    expect(actor).toMatchObject({ kind: "human", name: "Alice", verified: false });
    expect(actor.id).toMatch(/^git:[0-9a-z]{16}$/);
    expect(await actorOf(env, settings({ "user.name": "A", "user.email": " alice@example.com" }))).toMatchObject({
      id: actor.id,
    });
  });

  it("is the run in CI, and all its acts share one request", async () => {
    const ci = new Map([
      ["GITHUB_ACTIONS", "true"],
      ["GITHUB_RUN_ID", "5521"],
      ["GITHUB_RUN_ATTEMPT", "2"],
      ["GITHUB_REPOSITORY_ID", "42"],
      ["GITHUB_WORKFLOW_REF", "acme/notes/.github/workflows/publish.yml@refs/heads/main"],
    ]);
    expect(await actorOf(ci, settings({}))).toEqual({
      kind: "workflow",
      name: "publish.yml",
      id: "github:42:run:5521",
      verified: false,
    });
    expect([requestOf(ci), requestOf(env)]).toEqual(["run-5521-2", null]);
  });

  it("holds secrets by the names of variables, and the token", () => {
    const found = secretsOf(
      { token: "dist_1" },
      new Map([
        ["GITHUB_TOKEN", "ghs_2"],
        ["DIST_TOKEN", "dist_1"],
        ["WAYBILL_KEY", "/path"],
        ["PATH", "/bin"],
      ]),
    );
    const sentByGit = Buffer.from("x-access-token:ghs_2").toString("base64");
    expect(found.toSorted()).toEqual(["dist_1", sentByGit, "ghs_2"].toSorted());
  });
});

describe("cache folder", () => {
  it("lies below XDG_CACHE_HOME, one for each repository, open to the user alone", async () => {
    const root = folder();
    const home = await cacheHome(new Map([["XDG_CACHE_HOME", root]]), [], []);
    const of = (location: string, gitDir: string | null) => cacheFolder(home, { location, gitDir });
    const [one, two] = [await of("/a", "/a/.git"), await of("/b", "/b/.git")];
    expect((await of("/a/src", "/a/.git")).path).toBe(one.path);
    expect((await of("https://a:b@c/d.git", null)).path).toBe((await of("https://c/d.git", null)).path);
    await one.write("root", new Uint8Array([1]));
    expect(one.path.startsWith(join(root, "waybill"))).toBe(true);
    expect(one.path).not.toBe(two.path);
    expect(statSync(one.path).mode & 0o777).toBe(0o700);
  });

  it.each([
    ["others may write to", (at: string) => chmodSync(at, 0o777)],
    ["is a link", (at: string) => [renameSync(at, `${at}.real`), symlinkSync(`${at}.real`, at)]],
    ["is no folder", (at: string) => [rmdirSync(at), writeFileSync(at, "")]],
  ])("is refused where it %s, and so are the mirrors and the queue in it", async (_what, spoil) => {
    const root = folder();
    mkdirSync(join(root, "waybill"), { mode: 0o700 });
    spoil(join(root, "waybill"));
    const opened = cacheHome(new Map([["XDG_CACHE_HOME", root]]), [], []);
    await expect(opened).rejects.toMatchObject({ code: "file.not_permitted" });
  });

  it("forgets what a dry run remembers", async () => {
    const home = await cacheHome(new Map([["XDG_CACHE_HOME", folder()]]), [], []);
    const kept = await cacheFolder(home, { location: "/a", gitDir: "/a/.git" });
    await kept.write("root", new Uint8Array([1]));
    const planned = forgetful(kept);
    await planned.write("root", new Uint8Array([2]));
    await planned.write("tip", new Uint8Array([3]));
    expect([await planned.read("root"), await planned.read("tip")]).toEqual([new Uint8Array([2]), new Uint8Array([3])]);
    expect([[...((await kept.read("root")) ?? [])], await kept.read("tip")]).toEqual([[1], null]);
  });

  it("is temporary without a home, says so once and goes at the end", async () => {
    const warnings: Reason[] = [];
    const closers: (() => Promise<void>)[] = [];
    const home = await cacheHome(new Map([["XDG_CACHE_HOME", "relative"]]), warnings, closers);
    expect(warnings.map(({ code }) => code)).toEqual(["file.no_home"]);
    expect(statSync(home.path).isDirectory()).toBe(true);
    for (const close of closers) await close();
    expect(() => statSync(home.path)).toThrow("ENOENT");
  });
});
