// Publishing 12 artifacts, one of 300 MB, to the stand-in for GitHub over a line of 25 MB/s with 80 ms for each request, against the
// bare uploads of the same files by curl, as many at the same time. No clone: branches are read and written through the API, too.
import { spawn } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { buildStandIn } from "../tools/stand-in.mjs";
import { has, interleaved, ratio } from "./measure.mjs";
import { cleanEnv, freshFolder } from "./repository.mjs";

const MB = 1_000_000;
const SIZES = [300, ...Array.from({ length: 11 }, (_, i) => i + 1)].map((megabytes) => megabytes * MB);
const LINE = { latencyMs: 80, bytesPerSecond: 25 * MB };
const PARALLEL = 4;
const RELEASES = /^(?:repos\/(?:get|check-immutable-releases|.*release.*)|git\/get-ref|git\/get-tag)$/;
/**
 * Requests to releases that the protocol needs: rights, setting and tag; the draft; the uploads; list and tag before publishing; the
 * publishing; list and tag after it.
 */
const LEAST = 3 + 1 + SIZES.length + 2 + 1 + 2;

export async function githubPublish(_modules, program) {
  const home = freshFolder();
  const files = SIZES.map((size, i) => writeFile(join(home, `file-${String(i).padStart(2, "0")}.bin`), size));
  const { startAcme } = await import(pathToFileURL(join(buildStandIn(), "acme.js")));
  const acme = await startAcme({ clock: () => new Date(), ...LINE });
  const workflow = { GITHUB_REPOSITORY: "acme/notes", GITHUB_SHA: acme.code, GITHUB_SERVER_URL: acme.github.serverUrl };
  const env = { ...cleanEnv, HOME: home, XDG_CACHE_HOME: join(home, "cache"), XDG_CONFIG_HOME: join(home, "config") };
  const on = {
    acme,
    home,
    files,
    program,
    env: { ...env, ...workflow, ...acme.env(acme.tokens.alice) },
    peaks: [],
    counts: [],
  };
  try {
    await run(process.execPath, [program, "init", "--github", "--approver", "alice"], on);
    const ms = await interleaved(2, {
      publish: (round) => publish(on, round + 1),
      uploads: (round) => uploads(on, round + 1),
    });
    return rows(ms, on);
  } finally {
    await acme.github.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

function rows(ms, { peaks, counts }) {
  const most = Math.max(...counts.map(({ releases }) => releases));
  const all = Math.max(...counts.map(({ all: count }) => count));
  const memory = "publish to GitHub, resident memory";
  return [
    ratio("publish to GitHub / bare uploads by curl", ms.publish, ms.uploads, 1.25),
    has("/usr/bin/time")
      ? { name: memory, value: Math.max(...peaks) / 1000, unit: "MB", target: 150, note: "" }
      : { name: memory, skipped: "/usr/bin/time is not installed" },
    {
      ...{ name: "requests of a publish to GitHub / least", value: most / LEAST, unit: "x", target: 1.2 },
      note: `${most} against ${LEAST}; ${all} with those for the branches`,
    },
  ];
}

function writeFile(path, size) {
  const handle = openSync(path, "w");
  const chunk = Buffer.alloc(MB);
  for (let written = 0; written < size; written += chunk.length) writeSync(handle, randomFillSync(chunk));
  closeSync(handle);
  return path;
}

/** Publishes a version of its own; answers only the time of the publish itself. */
async function publish(on, round) {
  const manifest = join(on.home, "dist.json");
  const artifacts = on.files.map((path, i) => ({
    platform: "generic",
    path: path.slice(on.home.length + 1),
    variant: `v${i}`,
  }));
  writeFileSync(manifest, JSON.stringify({ app: "big", version: `1.${round}.0`, artifacts }));
  const peak = join(on.home, "peak");
  const line = [on.program, "dist", "ci", "publish", "--manifest", manifest, "--json"];
  const { requests } = on.acme.github.world;
  const before = requests.length;
  const began = performance.now();
  if (has("/usr/bin/time")) await run("/usr/bin/time", ["-f", "%M", "-o", peak, process.execPath, ...line], on);
  else await run(process.execPath, line, on);
  const ms = performance.now() - began;
  if (has("/usr/bin/time")) on.peaks.push(Number(readFileSync(peak, "utf8")));
  const asked = requests.slice(before);
  on.counts.push({ all: asked.length, releases: asked.filter(({ operation }) => RELEASES.test(operation)).length });
  return ms;
}

/** Uploads the same files, the largest first, to a draft that is there already. */
async function uploads(on, round) {
  const { github, tokens } = on.acme;
  const headers = { authorization: `token ${tokens.alice}` };
  const body = JSON.stringify({ tag_name: `bare-${round}`, draft: true });
  const made = await fetch(`${github.apiUrl}/repos/acme/notes/releases`, { method: "POST", headers, body });
  const { upload_url: address } = await made.json();
  const queue = on.files.map((path, i) => [path, `${address.replace(/\{.*/, "")}?name=file-${i}.bin`]);
  const began = performance.now();
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const type = [
        "-H",
        "content-type: application/octet-stream",
        "-H",
        `authorization: token ${tokens.alice}`,
        "-H",
        "expect:",
      ];
      await run("curl", ["-sSf", "-o", "/dev/null", "-X", "POST", ...type, "-T", ...next], on);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return performance.now() - began;
}

/** Runs a program while the stand-in in this process goes on; throws with its errors. */
function run(program, args, { env, home }) {
  const child = spawn(program, args, { env, cwd: home, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (chunk) => (errors += chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) =>
      status === 0 ? resolve() : reject(new Error(`${program} ${args.join(" ")}: ${errors}`)),
    );
  });
}
