// Many writers of one remote at once, by path and over smart HTTP: the queue behind a leader against plain compare-and-swap.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";
import { serve } from "../tools/soak/server.mjs";
import { median } from "./measure.mjs";
import { stateJson } from "./facts.mjs";
import { cleanEnv, freshFolder, git, importFacts, scope } from "./repository.mjs";

const WRITERS = 16;
const BUILD = fileURLToPath(new URL("../build", import.meta.url));
const WRITER = fileURLToPath(new URL("contention-writer.mjs", import.meta.url));

/** Rows of both ways: how many times as many operations, and how even they are. `full`: 50 operations a writer and three rounds. */
export async function contention(_modules, _program, { full = false } = {}) {
  const [operations, rounds] = full ? [50, 3] : [12, 1];
  const rows = [];
  for (const [way, target] of [
    ["by path", 4],
    ["over HTTP", 6],
  ]) {
    const sides = { group: [], plain: [] };
    const shared = [];
    for (let round = 0; round < rounds; round += 1) {
      sides.plain.push(await race(way, { queue: false, operations }));
      sides.group.push(await race(way, { queue: true, operations }));
      shared.push(await race(way, { queue: true, operations, shared: true }));
    }
    rows.push(...rowsOf(way, target, sides, shared, operations));
  }
  return rows;
}

function rowsOf(way, target, { group, plain }, shared, operations) {
  const speed = (runs) => median(runs.map(({ perSecond }) => perSecond));
  const [ours, theirs] = [speed(group), speed(plain)];
  const evenness = median(group.map(({ slowestMs, meanMs }) => slowestMs / meanMs));
  const [{ meanMs, slowestMs, pushes }] = group;
  const [first] = plain;
  return [
    {
      ...{ name: `${WRITERS} writers ${way}, queue / plain compare-and-swap`, value: ours / theirs, unit: "x", target },
      ...{ atLeast: true, note: `${ours.toFixed(1)} against ${theirs.toFixed(1)} operations a second` },
    },
    {
      ...{ name: `${WRITERS} writers ${way}, slowest / mean operation`, value: evenness, unit: "x", target: 2 },
      note: `${slowestMs.toFixed(0)} against ${meanMs.toFixed(0)} ms; plain: ${first.slowestMs.toFixed(0)} against ${first.meanMs.toFixed(0)} ms; ${(pushes / (WRITERS * operations)).toFixed(2)} moves of the branch an operation`,
    },
    {
      ...{ name: `${WRITERS} writers ${way} of one document, queue`, value: speed(shared), unit: "op/s", target: null },
      note: "each operation replaces what the one before wrote, so every one is planned again",
    },
  ];
}

/** Lets the writers loose together on a new repository; answers operations a second and what one took. */
async function race(way, { queue, operations, shared = false }) {
  const folder = freshFolder();
  const truth = join(folder, "truth.git");
  git(folder, "init", "-q", "--bare", truth);
  for (const [name, value] of [
    ["http.receivepack", "true"],
    ["uploadpack.allowFilter", "true"],
    ["core.logAllRefUpdates", "always"],
  ])
    git(truth, "config", name, value);
  await importFacts(truth, [["state.json", stateJson(scope)]]);
  const server = way === "by path" ? null : await serve(folder, cleanEnv, () => null);
  const location = server === null ? `file://${truth}` : `${server.url}/truth.git`;
  const writers = [];
  for (let i = 0; i < WRITERS; i += 1) {
    // Plain writers have a mirror each: in one, their fetches would stand in each other's way besides.
    const cache = join(folder, queue ? "cache" : `cache-${i}`);
    mkdirSync(cache, { mode: 0o700, recursive: true });
    writers.push(startWriter({ build: BUILD, location, cache, queue, name: `w${i}`, operations, shared }));
    if (i % 4 === 3) await Promise.all(writers.map(({ ready }) => ready));
  }
  await Promise.all(writers.map(({ ready }) => ready));
  const began = performance.now();
  for (const { go } of writers) go();
  const times = (await Promise.all(writers.map(({ done }) => done))).flat();
  const seconds = (performance.now() - began) / 1000;
  await server?.stop();
  const commits = Number(git(truth, "rev-list", "--count", "waybill/state"));
  if (commits !== WRITERS * operations + 1) throw new Error(`${commits - 1} of ${WRITERS * operations} landed`);
  const pushes = git(truth, "reflog", "show", "refs/heads/waybill/state").split("\n").length - 1;
  const meanMs = times.reduce((sum, ms) => sum + ms, 0) / times.length;
  return { perSecond: times.length / seconds, meanMs, slowestMs: Math.max(...times), pushes };
}

function startWriter(given) {
  const child = spawn(process.execPath, [WRITER, JSON.stringify(given)], {
    env: cleanEnv,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const times = [];
  let isReady;
  const ready = new Promise((resolve) => {
    isReady = resolve;
  });
  createInterface({ input: child.stdout }).on("line", (line) =>
    line === "ready" ? isReady() : times.push(Number(line)),
  );
  const done = new Promise((resolve, reject) => {
    child.once("close", (status) =>
      status === 0 ? resolve(times) : reject(new Error(`A writer ended with ${status}`)),
    );
  });
  return { ready, done, go: () => child.stdin.end("go\n") };
}
