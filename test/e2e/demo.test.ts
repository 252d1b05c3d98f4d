import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { hasSshKeygen, sshFolder } from "../support/ssh-keygen.ts";

const folder = join(realpathSync(mkdtempSync(join(tmpdir(), "waybill-e2e-"))), "demo");
const env: NodeJS.ProcessEnv = { PATH: process.env["PATH"], GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };

function git(...argv: string[]): string {
  return execFileSync("git", ["-C", join(folder, "repo.git"), ...argv], { encoding: "utf8", env });
}

describe("the demo", () => {
  let exit: number | null = null;
  let said = "";

  beforeAll(() => {
    // What a token, CI or the caller's settings say must not matter.
    const hostile = {
      ...env,
      GITHUB_ACTIONS: "true",
      GITHUB_RUN_ID: "1",
      DIST_TOKEN: "dist_x",
      DIST_SERVER: "/nowhere",
    };
    const run = spawnSync(process.execPath, ["tools/demo.mjs", "--dir", folder], { encoding: "utf8", env: hostile });
    exit = run.status;
    said = run.stdout + run.stderr;
    return () => rmSync(dirname(folder), { recursive: true, force: true });
  }, 180_000);

  it("does everything as it is told", () => {
    expect([exit, exit === 0 ? "" : said]).toEqual([0, ""]);
  });

  it("leaves an ordinary repository that git itself finds sound", () => {
    git("fsck", "--strict", "--no-dangling");
    const branches = git("for-each-ref", "--format=%(refname)")
      .split("\n")
      .filter((ref) => ref !== "");
    expect(branches).toEqual(expect.arrayContaining(["refs/heads/waybill/decisions", "refs/heads/waybill/state"]));
    expect(branches.filter((ref) => ref.includes("/proposal/"))).toEqual([]);
  });

  it("leaves stable on 1.0.0 by a rollback, merged with both parents", () => {
    const pointer: unknown = JSON.parse(git("show", "waybill/decisions:channels/acme-notes/stable.json"));
    expect(pointer).toMatchObject({ kind: "rollback", version: "1.0.0" });
    const merges = git("rev-list", "--first-parent", "--merges", "--count", "waybill/decisions").trim();
    // Bob joins, two promotions, one rollback.
    expect(merges).toBe("4");
  });

  it.runIf(hasSshKeygen)("leaves signatures that ssh-keygen accepts", () => {
    const ssh = sshFolder();
    const path = "waybill/decisions:channels/acme-notes/stable.json";
    const publicKey = readFileSync(join(folder, "bob.pub"), "utf8").trim();
    const decision = Buffer.from(git("show", path));
    // One block is the requester's, in a namespace of its own; one is the approver's.
    const blocks = git("show", `${path}.sig`).match(/-----BEGIN[^]*?-----END SSH SIGNATURE-----\n/g) ?? [];
    const accepted = (bytes: Uint8Array) =>
      blocks.filter((block) => ssh.verifies(publicKey, "waybill-decision-v1", bytes, block)).length;
    expect([blocks.length, accepted(decision)]).toEqual([2, 1]);
    decision[0] = 0x20;
    expect(accepted(decision)).toBe(0);
    ssh.close();
  });

  it("keeps every artifact once, under its own digest", () => {
    const store = join(folder, "store");
    const stored = readdirSync(store, { recursive: true, encoding: "utf8" }).filter((path) =>
      /[0-9a-f]{64}$/.test(path),
    );
    // Two releases of three files, of which two are the same.
    expect(stored).toHaveLength(4);
    for (const path of stored) {
      const digest = createHash("sha256")
        .update(readFileSync(join(store, path)))
        .digest("hex");
      expect(path.endsWith(digest)).toBe(true);
    }
  });

  it("commits no secret, no e-mail address and no machine path", () => {
    const everything = git("log", "-p", "--all", "--format=%B");
    for (const wrong of ["@acme.example", folder, "PRIVATE KEY", "dist_x"])
      expect(everything.includes(wrong)).toBe(false);
  });

  it("shows every command that it types", () => {
    expect([...said.matchAll(/^\w+ \$ (?:waybill|dist) /gm)].length).toBeGreaterThan(20);
  });
});

describe("the demo on GitHub", () => {
  it("tells the same story, and nothing in it is unknown to GitHub's own description", () => {
    const run = spawnSync(process.execPath, ["tools/demo.mjs", "--github"], { encoding: "utf8", env });
    expect([run.status, run.status === 0 ? "" : run.stdout + run.stderr]).toEqual([0, ""]);
    expect(run.stdout).toContain("acme/notes");
    expect(run.stdout).not.toMatch(/[?]{2}|undefined|\bnull\b/);
  }, 240_000);
});
