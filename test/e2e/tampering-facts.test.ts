import { existsSync, rmSync, symlinkSync, writeFileSync, chmodSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorOf, expectClean, expectFound, expectKept, verify, violationsOf } from "../support/tampering-checks.ts";
import { type Clone, makeTemplate, type Stage, STATE, stageFrom } from "../support/tampering-stage.ts";

let template: Awaited<ReturnType<typeof makeTemplate>>;
beforeAll(async () => {
  template = await makeTemplate();
}, 120_000);
afterAll(() => template.remove());

const release = "dist/apps/acme/releases/1.0/1.0.0.json";

/** Path of the first event of facts with an action. */
function eventOf(stage: Stage, action: string): string {
  return stage
    .git("grep", "-l", `"action": "${action}"`, STATE, "--", "audit")
    .split("\n")[0]!
    .slice(`${STATE}:`.length);
}

/** Path of the bytes of 1.0.0 in the store. */
function storedPath(stage: Stage): string {
  const sha256 = /"sha256": "([0-9a-f]{64})"/.exec(stage.git("show", `${STATE}:${release}`))![1]!;
  return join(stage.store, sha256.slice(0, 2), sha256);
}

describe("before anything is done to it", () => {
  it("verifies, down to the bytes, here and in a plain clone", async () => {
    await expectClean(stageFrom(template), "--artifacts");
  });
});

describe("facts changed with plain git", () => {
  it("finds a published release that was edited, and no reader gives out its bytes", async () => {
    const stage = stageFrom(template);
    const commit = stage.push(STATE, (clone) =>
      clone.edit(release, (text) => text.replace(/"sha256": "[0-9a-f]{64}"/, `"sha256": "${"0".repeat(64)}"`)),
    );
    await expectFound(
      stage,
      { rule: "release.frozen", commit, path: release },
      { rule: "audit.missing", commit, path: null },
      { rule: "history.not_linear", commit },
      { rule: "artifact.missing", commit, path: release },
    );
    const show = await stage.ask("bob", "dist", "channel", "show", "stable", "--app", "acme");
    expect([show["exit"], errorOf(show)["code"]]).toEqual([1, "release.digest_mismatch"]);
    const download = await stage.ask(
      "bob",
      "dist",
      "download",
      "--app",
      "acme",
      "--channel",
      "stable",
      "--platform",
      "linux",
    );
    expect([download["exit"], errorOf(download)["code"]]).toEqual([1, "release.digest_mismatch"]);
  });

  it("finds notes of a published release that were edited", async () => {
    const stage = stageFrom(template);
    const commit = stage.push(STATE, (clone) =>
      clone.edit(release, (text) => text.replace('"notes": null', '"notes": "harmless"')),
    );
    await expectFound(stage, { rule: "release.frozen", commit, path: release, data: { pointer: "/notes" } });
  });

  it("finds a published release that was deleted", async () => {
    const stage = stageFrom(template);
    const commit = stage.push(STATE, (clone) => rmSync(join(clone.folder, release)));
    await expectFound(stage, { rule: "release.frozen", commit, path: release });
    const download = await stage.ask(
      "bob",
      "dist",
      "download",
      "--app",
      "acme",
      "--channel",
      "stable",
      "--platform",
      "linux",
    );
    expect([download["exit"], errorOf(download)["code"]]).toEqual([1, "release.digest_mismatch"]);
  });

  it("finds a deleted audit event", async () => {
    const stage = stageFrom(template);
    const path = eventOf(stage, "release.published");
    const commit = stage.push(STATE, (clone) => rmSync(join(clone.folder, path)));
    await expectFound(stage, { rule: "audit.append_only", commit, path });
    await expectKept(stage, null);
  });

  it("finds an edited audit event, also where an event was added with it", async () => {
    const stage = stageFrom(template);
    const path = eventOf(stage, "release.published");
    const commit = stage.push(STATE, (clone) => {
      const id = /aud_[0-9a-z]+/.exec(path)![0];
      const other = `${id.slice(0, -1)}${id.endsWith("0") ? "1" : "0"}`;
      clone.write(path.replace(id, other), clone.read(path).replace(id, other));
      clone.edit(path, (text) => text.replace(/"name": "alice"/, '"name": "bob"'));
    });
    const found = await expectFound(stage, { rule: "audit.append_only", commit, path });
    expect(found.map(({ rule }) => rule)).not.toContain("audit.missing");
  });

  it("finds events of another repository", async () => {
    const stage = stageFrom(template);
    const path = eventOf(stage, "release.published");
    const added = path.replace(/aud_../, "aud_zz");
    const commit = stage.push(STATE, (clone) => {
      const text = clone.read(path).replace(/aud_../, "aud_zz");
      clone.write(added, text.replace(/"repo_id": "[^"]*"/, '"repo_id": "repo_000000000000"'));
    });
    await expectFound(stage, { rule: "scope.foreign", commit, path: added, data: { field: "repo_id" } });
    await expectKept(stage, null);
  });

  it.each<[string, string, (clone: Clone, path: string) => void]>([
    ["a garbage file", "garbage.bin", (clone, path) => clone.write(path, Buffer.from([0, 255, 13, 10, 0xd8]))],
    ["a .gitattributes", ".gitattributes", (clone, path) => clone.write(path, "* export-ignore\n")],
    [
      "a symbolic link",
      "dist/apps/acme/releases/9.0/9.0.0.json",
      (clone, path) => {
        clone.write(`${path}.x`, "");
        rmSync(join(clone.folder, `${path}.x`));
        symlinkSync("/etc/passwd", join(clone.folder, path));
      },
    ],
    [
      "an executable document",
      "dist/apps/acme/releases/9.0/9.0.0.json",
      (clone, path) => {
        clone.write(path, clone.read(release).replaceAll("1.0.0", "9.0.0"));
        chmodSync(join(clone.folder, path), 0o755);
      },
    ],
    ["a name that Windows reserves", "dist/apps/con/app.json", (clone, path) => clone.write(path, "{}\n")],
    [
      "a path of no document",
      "dist/apps/acme/releases/1.0/deep/er/1.0.0.json",
      (clone, path) => clone.write(path, "{}\n"),
    ],
  ])("finds %s, and no reader minds it", async (_what, path, write) => {
    const stage = stageFrom(template);
    const commit = stage.push(STATE, (clone) => write(clone, path));
    await expectFound(stage, { rule: "path.unknown", commit, path });
    // What lies where a document would is named, too.
    await expectKept(stage, path.endsWith(".json") && !path.includes("deep") ? "state.document.invalid" : null);
  });

  it.each<[string, string | Uint8Array]>([
    ["no JSON", "{"],
    ["invalid UTF-8", Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ["nothing", ""],
    ["duplicate keys", '{"schema": "app.v1", "schema": "app.v1"}\n'],
    ["depth of 100,000", "[".repeat(100_000)],
    ["another kind", '{"schema": "policy.v1"}\n'],
  ])("finds a document of %s, and readers go on with the others", async (_what, content) => {
    const stage = stageFrom(template);
    const path = "dist/apps/other/app.json";
    const commit = stage.push(STATE, (clone) => clone.write(path, content));
    await expectFound(stage, { rule: "document.canonical", commit, path });
    await expectKept(stage, "state.document.invalid");
  });

  it("finds a submodule", async () => {
    const stage = stageFrom(template);
    const tip = stage.git("rev-parse", STATE);
    const commit = stage.push(STATE, (clone) => {
      clone.git("update-index", "--add", "--cacheinfo", `160000,${tip},dist/module`);
      // A submodule has no files, which `git add --all` would take for a removal.
      clone.write("dist/module/.keep", "");
      rmSync(join(clone.folder, "dist/module/.keep"));
    });
    await expectFound(stage, { rule: "path.unknown", commit, path: "dist/module" });
  });

  it("finds a commit that merges, and one without a count", async () => {
    const stage = stageFrom(template);
    const commit = stage.push(
      STATE,
      (clone) => {
        clone.git("checkout", "--quiet", "-b", "side", "HEAD^");
        clone.git("commit", "--quiet", "--allow-empty", "--message", "side");
        clone.git("checkout", "--quiet", STATE);
        clone.git("merge", "--quiet", "--no-ff", "--message", "both", "side");
        clone.git("commit", "--quiet", "--allow-empty", "--message", "after");
      },
      { commit: false },
    );
    await expectFound(
      stage,
      { rule: "history.not_linear", commit },
      { rule: "history.not_linear", commit: stage.git("rev-parse", `${commit}^`) },
    );
  });

  it("finds evidence that was forged, and nobody believes it", async () => {
    const stage = stageFrom(template);
    const proposal = stage.proposal();
    const forged = `decisions/${proposal.slice(5, 7)}/${proposal}.json`;
    const commit = stage.push(STATE, (clone) => {
      const [path] = clone.git("ls-files", "decisions").split("\n").slice(-1);
      const id = /prop_[0-9a-z]+/.exec(path!)![0];
      clone.write(forged, clone.read(path!).replaceAll(id, proposal));
    });
    await expectFound(stage, { rule: "evidence.false", commit, path: forged });
    await expectKept(stage, null);
  });

  it("finds evidence that was edited", async () => {
    const stage = stageFrom(template);
    const path = stage.git("ls-tree", "-r", "--name-only", STATE, "decisions").split("\n").at(-1)!;
    const commit = stage.push(STATE, (clone) =>
      clone.edit(path, (text) =>
        text.replace(/"merged_by": \{[^}]*"name": "[^"]*"/, (hit) =>
          hit.replace(/"name": "[^"]*"/, '"name": "mallory"'),
        ),
      ),
    );
    await expectFound(stage, { rule: "decision_evidence.append_only", commit, path });
  });
});

describe("bytes changed in the store", () => {
  it("finds swapped bytes of the same size, and no download gives them out", async () => {
    const stage = stageFrom(template);
    chmodSync(storedPath(stage), 0o644);
    writeFileSync(storedPath(stage), "0ne\n");
    const answer = await verify(stage, "bob", "--artifacts");
    expect([answer["exit"], violationsOf(answer)]).toEqual([
      1,
      [expect.objectContaining({ rule: "artifact.changed" })],
    ]);
    const out = join(stage.folder, "bob", "out.bin");
    const download = await stage.ask(
      "bob",
      "dist",
      "download",
      "--app",
      "acme",
      "--channel",
      "stable",
      "--platform",
      "linux",
      "--out",
      out,
    );
    expect([download["exit"], errorOf(download)["code"]]).toEqual([1, "dist.artifact.digest_mismatch"]);
    expect(existsSync(out)).toBe(false);
    const bytes = await stage.ask("bob", "dist", "artifact", "verify", "--all");
    expect(bytes["exit"]).toBe(1);
  });

  it("finds bytes that are gone", async () => {
    const stage = stageFrom(template);
    rmSync(storedPath(stage));
    const answer = await verify(stage, "bob", "--artifacts");
    expect([answer["exit"], violationsOf(answer)]).toEqual([
      1,
      [expect.objectContaining({ rule: "artifact.missing" })],
    ]);
    const download = await stage.ask(
      "bob",
      "dist",
      "download",
      "--app",
      "acme",
      "--channel",
      "stable",
      "--platform",
      "linux",
    );
    expect([download["exit"], errorOf(download)["code"]]).toEqual([1, "artifact.missing"]);
  });
});
