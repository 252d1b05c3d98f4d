import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { actOf, type Act } from "../../src/kernel/act.ts";

const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid", "-c", "init.defaultBranch=main"];

/** A folder that is removed at the end of a test. */
export function makeFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "waybill-test-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/** Runs git in a folder with nothing of the user's configuration; answers its output, throws with its errors. */
export function git(cwd: string, args: readonly string[], input?: Uint8Array): string {
  return gitBytes(cwd, args, input).toString("utf8").trimEnd();
}

/** Runs git and answers raw bytes. */
export function gitBytes(cwd: string, args: readonly string[], input?: Uint8Array): Buffer {
  const scrubbed = {
    PATH: env["PATH"],
    HOME: cwd,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    LC_ALL: "C",
  };
  const done = spawnSync("git", [...identity, ...args], { cwd, env: scrubbed, input: input ?? "", maxBuffer: 1 << 28 });
  if (done.status !== 0) throw new Error(`git ${args.join(" ")}: ${done.stderr.toString("utf8")}`);
  return done.stdout;
}

/** An act with a fixed time; two acts are one operation only if they have one name. */
export function testAct(name: string, at = "2026-01-01T00:00:00Z"): Act {
  return actOf({
    operation: `op_${name}`,
    at,
    actor: { kind: "human", name: "Ada Lovelace", id: "ada@example.invalid", verified: true },
    requestId: `req_${name}`,
    command: "dist test",
  });
}
