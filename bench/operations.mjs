// One operation (reads 3 files, replaces 2, adds 1, swaps the ref, everything synced) against two git processes for the same.
import { performance } from "node:perf_hooks";
import { interleaved, ratio, run } from "./measure.mjs";
import { cleanEnv, git, stateRepository } from "./repository.mjs";

const ROUNDS = 40;

export async function operations(modules) {
  const { openNativeStore } = await modules("src/platform/git/native-store.js");
  const { actOf } = await modules("src/kernel/act.js");
  const sizes = [1000, 10_000, 100_000];
  const stores = new Map();
  const paths = new Map();
  for (const size of sizes) {
    const path = await stateRepository(size);
    paths.set(size, path);
    stores.set(size, await openNativeStore({ location: path, env: new Map(Object.entries(cleanEnv)) }));
  }
  const baseline = await stateRepository(10_000);
  const sides = Object.fromEntries(
    sizes.map((size) => [String(size), (round) => operation(stores.get(size), actOf, round)]),
  );
  const ms = await interleaved(ROUNDS, { ...sides, baseline: (round) => twoProcesses(baseline, round) });
  for (const store of stores.values()) await store.close();
  return [
    ratio("operation at 10k documents / two git processes", ms["10000"], ms.baseline, 0.75),
    ratio("operation at 100k documents / at 1k", ms["100000"], ms["1000"], 1.6),
  ];
}

const touched = ["state.json", "dist/apps/app-0/app.json", "dist/apps/app-1/app.json"];
const text = (round, path) => Buffer.from(`{\n  "path": "${path}",\n  "round": ${round}\n}\n`);
const eventOf = (round) => `audit/2027/01/01/00/${String(Math.abs(round) % 60).padStart(2, "0")}/aud_${round + 2}.json`;

async function operation(store, actOf, round) {
  const at = new Date().toISOString().slice(0, 19);
  const act = actOf({
    ...{ operation: `op_bench_${round}_${Math.random()}`, at: `${at}Z`, requestId: "req_1", command: "bench" },
    actor: { kind: "tool", name: "bench", id: "bench", verified: false },
  });
  const began = performance.now();
  const head = await store.head("waybill/state");
  const found = await store.read(head, touched);
  const reads = new Map(touched.map((path, i) => [path, found[i]?.oid ?? null]));
  const writes = new Map([...touched.slice(1), eventOf(round)].map((path) => [path, text(round, path)]));
  const applied = await store.apply(
    "waybill/state",
    { act, reads, writes, message: "bench" },
    new Date(Date.now() + 60_000),
  );
  if (!("commit" in applied)) throw new Error("the branch moved");
  return performance.now() - began;
}

/** The same through `git cat-file --batch` and `git fast-import`, with files synced as ours are. */
function twoProcesses(path, round) {
  const began = performance.now();
  const tip = git(path, "rev-parse", "waybill/state");
  const between = performance.now() - began;
  run("git", ["cat-file", "--batch"], {
    cwd: path,
    input: touched.map((file) => `${tip}:${file}\n`).join(""),
    stdio: ["pipe", "pipe", "pipe"],
  });
  const files = [...touched.slice(1), eventOf(round)].map((file) => {
    const content = text(round, file);
    return `M 100644 inline ${file}\ndata ${content.length}\n${content}\n`;
  });
  const head = `commit refs/heads/waybill/state\ncommitter bench <b@x> ${1_800_000_000 + round} +0000\ndata 5\nbench\nfrom ${tip}\n`;
  run("git", ["-c", "core.fsync=all", "-c", "fastimport.unpackLimit=100", "fast-import", "--quiet", "--done"], {
    ...{ cwd: path, input: `${head}${files.join("")}\ndone\n`, stdio: ["pipe", "pipe", "pipe"] },
  });
  return performance.now() - began - between;
}
