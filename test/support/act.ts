import { execFile, spawn, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Sandbox } from "./sandbox.ts";
import { namesIn, read, root } from "./yml.ts";

const program = process.env["WAYBILL_ACT"] ?? "act";

/** Whether nektos/act can be had here: `go install github.com/nektos/act@v0.2.89`; `WAYBILL_ACT` says where it is. */
export const hasAct = spawnSync(program, ["--version"]).status === 0;

/** What a workflow run is given. */
export interface ActOptions {
  readonly event: string;
  /** Content of the event, as GitHub sends it. */
  readonly payload: object;
  readonly token: string;
  readonly apiUrl: string;
  readonly serverUrl: string;
}

/** What act said. */
export interface ActRun {
  readonly exit: number;
  readonly log: string;
}

/** What the template of a publishing workflow asks a repository for: files, and dist.json beside them. */
const BUILD = `#!/bin/sh
set -e
mkdir -p build
echo "the program" > build/acme-notes-linux-x64.bin
cat > build/dist.json <<END
{ "app": "acme-notes", "version": "1.4.0", "channel": "internal",
  "artifacts": [{ "path": "acme-notes-linux-x64.bin", "platform": "linux", "variant": "x64" }] }
END
`;

const OURS = "waybill-owner/waybill";
const PIN = "0".repeat(40);
/** The upload of what verify found, which asks for code scanning; a step that is skipped is fetched all the same. */
const UPLOAD = /github\/codeql-action\/upload-sarif@([0-9a-f]{40})/.exec(
  read("templates/workflows/waybill-verify.yml"),
)?.[1];
const NOTHING = "name: upload\ndescription: Does nothing\nruns:\n  using: composite\n  steps: []\n";

/** What `waybill init --github` and the people of acme put on their default branch: the reference workflows and a build. */
export function filesOfAcme(): Readonly<Record<string, string>> {
  const workflows = namesIn("templates/workflows").map((name) => {
    const filled = read(`templates/workflows/${name}`).replaceAll("your-organisation", "acme");
    return [`.github/workflows/${name}`, filled] as const;
  });
  return { "build.sh": BUILD, ...Object.fromEntries(workflows) };
}

/** Clones acme/notes from where the stand-in serves it, and puts our actions beside it as a runner would have fetched them. */
export async function actRepository(sandbox: Sandbox, origin: string): Promise<void> {
  const action = sandbox.path("waybill");
  mkdirSync(action);
  for (const path of ["action.yml", "actions", "dist", "package.json", "templates"])
    cpSync(join(root, path), join(action, path), { recursive: true });
  sandbox.write("codeql/upload-sarif/action.yml", NOTHING);
  await git(sandbox, "clone", "--quiet", origin, "notes");
  chmodSync(sandbox.path("notes", "build.sh"), 0o755);
  // act takes the name of the repository from here.
  await git(sandbox, "-C", "notes", "remote", "set-url", "origin", "https://github.com/acme/notes.git");
}

/** Fetches every branch, as a checkout with the whole history does. */
export async function fetchAll(sandbox: Sandbox, origin: string): Promise<void> {
  await git(sandbox, "-C", "notes", "fetch", "--quiet", origin, "+refs/heads/*:refs/remotes/origin/*");
}

/** Runs git beside this process, in which the stand-in answers it. */
async function git(sandbox: Sandbox, ...argv: readonly string[]): Promise<void> {
  await promisify(execFile)("git", argv, { cwd: sandbox.folder, env: sandbox.env });
}

/** Runs a workflow with act on this machine, without containers. */
export function act(sandbox: Sandbox, workflow: string, options: ActOptions): Promise<ActRun> {
  writeFileSync(sandbox.path("event.json"), JSON.stringify(options.payload));
  const [machine, actions] = ["ubuntu-latest=-self-hosted", `${OURS}@${PIN}=${sandbox.path("waybill")}`];
  const flags = ["-P", machine, "--no-cache-server", "--use-gitignore=false", "--rm", "--local-repository", actions];
  const upload = ["--local-repository", `github/codeql-action@${UPLOAD}=${sandbox.path("codeql")}`];
  const urls = ["--env", `GITHUB_API_URL=${options.apiUrl}`, "--env", `GITHUB_SERVER_URL=${options.serverUrl}`];
  const event = ["-W", join(".github", "workflows", workflow), "-e", sandbox.path("event.json"), "-s", "GITHUB_TOKEN"];
  const argv = [options.event, ...flags, ...upload, ...urls, ...event];
  return new Promise((resolve, reject) => {
    const env = { ...sandbox.env, GITHUB_TOKEN: options.token };
    const child = spawn(program, argv, { cwd: sandbox.path("notes"), env, stdio: ["ignore", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ exit: code ?? -1, log: Buffer.concat(chunks).toString("utf8") }));
  });
}
