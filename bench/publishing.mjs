// Publishing one file of 1 GiB into the local store, against digest, copy and sync by the tools of the system.
import { randomFillSync } from "node:crypto";
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { has, interleaved, ratio, run } from "./measure.mjs";
import { cleanEnv, freshFolder } from "./repository.mjs";

const SIZE = 1024 ** 3;

export async function publishing(_modules, program) {
  const home = freshFolder();
  const env = { ...cleanEnv, HOME: home, XDG_CACHE_HOME: join(home, "cache"), XDG_CONFIG_HOME: join(home, "config") };
  const git = { ...env, GIT_CONFIG_GLOBAL: join(home, ".gitconfig") };
  run("git", ["config", "--global", "user.name", "Bench"], { env: git });
  const file = join(home, "big.bin");
  writeBig(file);
  const peaks = [];
  const ms = await interleaved(3, {
    publish: (round) => publish(program, home, env, round + 1, peaks),
    tools: (round) => {
      const copy = join(home, `copy-${round + 1}`);
      run("sh", ["-c", 'openssl dgst -sha256 "$1" && cp "$1" "$2" && sync "$2"', "sh", file, copy]);
      rmSync(copy);
    },
  });
  rmSync(home, { recursive: true, force: true });
  const memory = has("/usr/bin/time")
    ? { name: "publish of 1 GiB, resident memory", value: Math.max(...peaks) / 1000, unit: "MB", target: 150, note: "" }
    : { name: "publish of 1 GiB, resident memory", skipped: "/usr/bin/time is not installed" };
  return [ratio("publish of 1 GiB / openssl dgst, cp, sync", ms.publish, ms.tools, 1.5), memory];
}

function writeBig(file) {
  const handle = openSync(file, "w");
  const chunk = Buffer.alloc(16 * 1024 ** 2);
  for (let written = 0; written < SIZE; written += chunk.length) writeSync(handle, randomFillSync(chunk));
  closeSync(handle);
}

/** Publishes into a repository and store of its own; answers only the time of the publish itself. */
function publish(program, home, env, round, peaks) {
  const place = join(home, `publish-${round}`);
  mkdirSync(place);
  const path = join(place, "repo.git");
  const common = ["--server", path, "--local-store", join(place, "store")];
  run(process.execPath, [program, "init", path], { env });
  run(process.execPath, [program, "dist", "app", "create", "big", ...common], { env });
  const manifest = join(home, `dist-${round}.json`);
  const artifacts = [{ platform: "generic", path: "big.bin" }];
  writeFileSync(manifest, JSON.stringify({ app: "big", version: "1.0.0", artifacts }));
  const args = [program, "dist", "ci", "publish", "--manifest", manifest, "--json", ...common];
  const began = performance.now();
  if (has("/usr/bin/time")) {
    const peak = join(place, "peak");
    run("/usr/bin/time", ["-f", "%M", "-o", peak, process.execPath, ...args], { env });
    peaks.push(Number(run("cat", [peak])));
  } else run(process.execPath, args, { env });
  const ms = performance.now() - began;
  rmSync(place, { recursive: true, force: true });
  return ms;
}
