import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { isData } from "../../src/kernel/json.ts";
import { type Job, jobIn } from "../support/action-job.ts";
import type { StepRun } from "../support/composite.ts";
import { commandIn } from "../support/runner-files.ts";
import { makeSandbox, type Sandbox } from "../support/sandbox.ts";

interface Stage {
  readonly sandbox: Sandbox;
  readonly job: Job;
}

/** A bare repository with alice as its only person, and the files of one version. */
async function staged(): Promise<Stage> {
  const sandbox = makeSandbox({ DIST_LOCAL_STORE: "store" });
  const job = jobIn(sandbox, { inputs: { server: "./repo.git" } });
  const key = await sandbox.run("waybill", "keys", "new", "alice", "--no-passphrase");
  expect(key.exit).toBe(0);
  await manifest(sandbox, "1.4.0", "a program for Linux\n");
  return { sandbox, job };
}

async function manifest(sandbox: Sandbox, version: string, bytes: string): Promise<void> {
  mkdirSync(sandbox.path("build"), { recursive: true });
  writeFileSync(sandbox.path("build", "acme-notes-linux-x64.bin"), bytes);
  const files = [
    "build/acme-notes-linux-x64.bin",
    "--app",
    "acme-notes",
    "--version",
    version,
    "--channel",
    "internal",
  ];
  const ran = await sandbox.run("dist", "manifest", "init", ...files, "--force");
  if (ran.exit !== 0) throw new Error(ran.stderr);
}

const publicKey = "config/waybill/keys/alice.pub";

function resultOf(step: StepRun): Readonly<Record<string, unknown>> {
  const told: unknown = JSON.parse(step.outputs["result"] ?? "");
  if (!isData(told)) throw new Error("no object");
  return told;
}

describe("actions on a bare repository", () => {
  it("set up, publish, propose, sync, prove and look, each as one step", async () => {
    const { sandbox, job } = await staged();
    const init = await job.use("init", { approver: "alice", key: publicKey, github: "false" });
    expect([init.exit, init.outputs["ok"]], init.log).toEqual([0, "true"]);
    expect(init.outputs["root"]).toMatch(/^[0-9a-f]{40}$/);

    const published = await job.use("dist-publish");
    expect(published.exit, published.log).toBe(0);
    expect(published.outputs).toMatchObject({
      exit: "0",
      outcome: "created",
      app: "acme-notes",
      version: "1.4.0",
      proposal: "",
    });
    expect(published.outputs["release-id"]).toMatch(/^rel_/);
    expect(published.summary).toMatch(/^## Published acme-notes 1\.4\.0\n/);
    expect(published.summary).toContain("`internal` moved from (new) to 1.4.0.");
    expect(published.summary).toContain("`acme-notes-linux-x64.bin`");
    expect(published.log).toContain("Published acme-notes 1.4.0");
    expect(resultOf(published)).toMatchObject({ schema: "command-result.v1", command: "dist ci publish", ok: true });

    const again = await job.use("dist-publish");
    expect([again.exit, again.outputs["outcome"]]).toEqual([0, "unmodified"]);

    const promoted = await job.use("dist-promote", {
      release: "acme-notes@1.4.0",
      channel: "stable",
      reason: "test plan done",
    });
    expect([promoted.exit, promoted.outputs["exit"], promoted.outputs["status"]], promoted.log).toEqual([
      0,
      "3",
      "proposed",
    ]);
    expect(promoted.commands).toMatchObject([{ name: "notice", properties: { title: "Proposed" } }]);
    expect(promoted.summary).toContain("is gated and has not moved");
    expect(promoted.summary.match(/\*\*Next\*\*/g)).toHaveLength(1);
    const strict = await job.use("dist-promote", {
      release: "acme-notes@1.4.0",
      channel: "stable",
      "fail-on-waiting": "true",
    });
    expect([strict.exit, strict.outputs["status"]]).toEqual([3, "waiting"]);

    const id = promoted.outputs["proposal"] ?? "";
    const env = { server: "./repo.git", root: init.outputs["root"] ?? "" };
    const approved = await sandbox.run("waybill", "gate", "approve", id, "--server", "./repo.git");
    expect(approved.exit, approved.stderr).toBe(0);
    const merged = await sandbox.run("waybill", "gate", "merge", id, "--server", "./repo.git");
    expect(merged.exit, merged.stderr).toBe(0);
    const synced = await job.use("gate-sync");
    expect([synced.exit, synced.outputs["alarms"], synced.outputs["open"]], synced.log).toEqual([0, "0", "0"]);
    const moved = await job.use(".", { run: "dist release promote", release: "acme-notes@1.4.0", channel: "stable" });
    expect([moved.exit, moved.outputs["status"]], moved.log).toEqual([0, "unchanged"]);

    const verified = await job.use("state-verify", env);
    expect([verified.exit, verified.outputs["status"], verified.outputs["violations"]], verified.log).toEqual([
      0,
      "verified",
      "0",
    ]);
    expect(verified.summary).toMatch(/^## Verified: \d+ commits of facts, 2 decisions\n/);
    const doctor = await job.use("doctor");
    expect([doctor.exit, doctor.outputs["fail"]], doctor.log).toEqual([0, "0"]);
    const snapshot = await job.use("snapshot-publish");
    expect([snapshot.exit, snapshot.outputs["commit"]?.length], snapshot.log).toEqual([0, 40]);
    const policy = await job.use("gate-open", {
      kind: "policy",
      "min-approvals": "1",
      reason: "one is enough",
      "add-approver": `bob=${publicKey}`,
    });
    expect(policy.outputs["exit"], policy.log).toMatch(/^[13]$/);
  });

  it("takes a channel back, and says what clients will do", async () => {
    const { sandbox, job } = await staged();
    await job.use("init", { approver: "alice", key: publicKey, github: "false" });
    await job.use("dist-publish");
    await manifest(sandbox, "1.5.0", "a better program for Linux\n");
    await job.use("dist-publish");
    const asked = { app: "acme-notes", channel: "internal" };
    const preview = await job.use("dist-rollback", { ...asked, preview: "true" });
    expect([preview.exit, preview.outputs["status"], preview.outputs["version"]], preview.log).toEqual([
      0,
      "preview",
      "1.4.0",
    ]);
    expect(preview.summary).toMatch(/^## Preview: acme-notes \/ internal 1\.5\.0 → 1\.4\.0\n/);
    const unreasoned = await job.use("dist-rollback", asked);
    expect([unreasoned.exit, unreasoned.outputs["code"]]).toEqual([2, "usage.missing_argument"]);
    const back = await job.use("dist-rollback", { ...asked, reason: "it crashes" });
    expect([back.exit, back.outputs["status"]], back.log).toEqual([0, "rolled_back"]);
  });
});

describe("hostile text", () => {
  const evil =
    '::error::no ##[add-mask]x $(touch pwned) `touch pwned` "; touch pwned; <img src=x> @alice #1 [a](https://b.example)';

  it("in an input is data: no shell, no command, no markup", async () => {
    const { sandbox, job } = await staged();
    await job.use("init", { approver: "alice", key: publicKey, github: "false" });
    await job.use("dist-publish");
    const step = await job.use("dist-promote", { release: "acme-notes@1.4.0", channel: "stable", reason: evil });
    expect([step.exit, step.outputs["exit"]], step.log).toEqual([0, "3"]);
    expect(step.commands.map(({ name }) => name)).toEqual(["notice"]);
    expect(readdirSync(sandbox.folder)).not.toContain("pwned");
    for (const name of ["release", "channel", "app"]) {
      const wrong = await job.use("dist-promote", { release: "acme-notes@1.4.0", channel: "stable", [name]: evil });
      expect(wrong.exit).not.toBe(0);
      expect(wrong.commands.map((command) => command.name)).toEqual(["error"]);
      expect(wrong.summary.replaceAll(/`[^`]*`|<code>.*?<\/code>/g, "")).not.toMatch(/<img|@alice|\]\(https/);
    }
  });

  it("in the name of the command is refused", async () => {
    const { job } = await staged();
    const step = await job.use(".", { run: evil });
    expect([step.exit, step.outputs["code"]]).toEqual([2, "usage.unknown_command"]);
    expect(step.commands.map(({ name }) => name)).toEqual(["error"]);
  });

  it("in a manifest is an annotation at its line, and no other command", async () => {
    const { sandbox, job } = await staged();
    await job.use("init", { approver: "alice", key: publicKey, github: "false" });
    sandbox.write(
      "dist.json",
      `{\n "schema": "dist-manifest.v1",\n "app": ${JSON.stringify(`${evil}\n::error::x`)}\n}\n`,
    );
    const step = await job.use("dist-publish");
    expect([step.exit, step.commands.map(({ name }) => name)], step.log).toEqual([2, ["error", "error"]]);
    const { properties } = step.commands[0]!;
    expect(properties).toEqual({ title: "dist.manifest.wrong_type (2)", file: "dist.json", line: "2" });
  });
});

it("shows no token anywhere", async () => {
  const { job } = await staged();
  const secrets = { token: "wbt_not-a-token-but-secret", "github-token": "ghs_not-a-token-but-secret" };
  await job.use("init", { approver: "alice", key: publicKey, github: "false" });
  const step = await job.use("dist-publish", secrets);
  expect([step.exit, step.outputs["code"]]).not.toEqual([0, ""]);
  expect(JSON.stringify(step)).not.toContain("but-secret");
});

it("says which Node.js it needs, as an annotation", () => {
  const sandbox = makeSandbox();
  const shim = sandbox.write("old.cjs", 'Object.defineProperty(process.versions, "node", { value: "20.18.1" });');
  const argv = ["--require", shim, resolve("dist/bin/action.cjs")];
  const { status, stderr } = spawnSync(process.execPath, argv, { env: sandbox.env, encoding: "utf8" });
  expect(status).toBe(2);
  expect(commandIn(stderr.trimEnd())).toEqual({
    name: "error",
    properties: { title: "Node.js is too old" },
    data: "Waybill needs Node.js 20.19 or later; this is 20.18.1. actions/setup-node gives a newer one",
  });
});
