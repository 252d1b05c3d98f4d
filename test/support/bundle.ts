import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";

/** Folder of the built programs. */
export const bundledBins = resolve("dist/bin");

/** A temporary folder that goes at the end of the test. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "waybill-e2e-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An environment without anything of the user or of CI: only a path and a home in the folder. */
export function cleanEnv(folder: string): NodeJS.ProcessEnv {
  return {
    PATH: `${resolve(process.execPath, "..")}:/usr/local/bin:/usr/bin:/bin`,
    HOME: folder,
    XDG_CACHE_HOME: join(folder, ".cache"),
    XDG_CONFIG_HOME: join(folder, ".config"),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "alice",
    GIT_AUTHOR_EMAIL: "alice@acme.example",
  };
}

/** What a program that ran wrote and answered. */
export interface ProgramRun {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a built program in a folder. */
export function runBundled(
  program: string,
  argv: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv = {},
): ProgramRun {
  const bin = join(bundledBins, `${program}.cjs`);
  const done = spawnSync(process.execPath, [bin, ...argv], {
    cwd: folder,
    env: { ...cleanEnv(folder), ...env },
    encoding: "utf8",
  });
  if (done.error) throw done.error;
  return { exit: done.status, stdout: done.stdout, stderr: done.stderr };
}
