// One operation (reads 3 files, replaces 2, adds 1, moves the ref) against two git processes for the same, at each scale.
import { chmodSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { performance } from "node:perf_hooks";
import { ownHistory } from "./history/cache.mjs";
import { interleaved, ratio, run } from "./measure.mjs";
import { cleanEnv, freshFolder, git } from "./repository.mjs";

const ROUNDS = 40;
const touched = ["state.json", "dist/apps/app-0/app.json", "dist/apps/app-1/app.json"];

/** Rows of the operation at each scale, with and without waiting for the disk. */
export async function operations(modules, _program, { scales }) {
  const made = [];
  const own = async (scale) => {
    const one = await ownHistory(scale);
    made.push(one);
    return one.path;
  };
  const stores = [];
  const sides = {};
  try {
    for (const scale of scales) {
      for (const [kind, options] of Object.entries({ synced: {}, plain: await withoutSync(modules) })) {
        const store = await openStore(modules, await own(scale), options);
        stores.push(store);
        sides[`${kind} ${scale}`] = await operationOn(modules, store);
      }
      const path = await own(scale);
      sides[`git ${scale}`] = (round) => twoProcesses(path, round);
    }
    return rowsOf(scales, await interleaved(ROUNDS, sides));
  } finally {
    for (const store of stores) await store.close();
    for (const one of made) one.remove();
  }
}

/** How people say a scale. */
export const short = (scale) => (scale < 1e6 ? `${scale / 1000} k` : `${scale / 1e6} M`);

function rowsOf(scales, ms) {
  const [least, most] = [scales[0], scales.at(-1)];
  return [
    ...scales.flatMap((scale) => [
      ratio(
        `operation at ${short(scale)} documents / two git processes`,
        ms[`plain ${scale}`],
        ms[`git ${scale}`],
        0.45,
      ),
      ratio(`the same, all of ours synced`, ms[`synced ${scale}`], ms[`git ${scale}`], 0.75),
    ]),
    ratio(`operation at ${short(most)} documents / at ${short(least)}`, ms[`plain ${most}`], ms[`plain ${least}`], 1.6),
    ratio(`the same, synced`, ms[`synced ${most}`], ms[`synced ${least}`], 1.6),
  ];
}

/** Opens a repository as the program does. */
export async function openStore(modules, location, { path, ...options } = {}) {
  const { openNativeStore } = await modules("src/platform/git/native-store.js");
  const env = new Map(Object.entries({ ...cleanEnv, ...(path ? { PATH: path } : {}) }));
  return openNativeStore({ location, env, ...options });
}

/** Options of a store that waits for the disk nowhere, as the git processes beside it do not: neither for objects nor for the ref. */
export async function withoutSync(modules) {
  const { diskOps } = await modules("src/platform/git/file-ops.js");
  const folder = freshFolder();
  const real = run("sh", ["-c", "command -v git"]).toString().trim();
  const program = join(folder, "git");
  writeFileSync(program, `#!/bin/sh\nGIT_TEST_FSYNC=0 exec '${real}' "$@"\n`);
  chmodSync(program, 0o755);
  const create = async (...file) => ({ ...(await diskOps.create(...file)), sync: async () => undefined });
  return { path: `${folder}${delimiter}${process.env["PATH"]}`, fileOps: { ...diskOps, create } };
}

const text = (round, path) => Buffer.from(`{\n  "path": "${path}",\n  "round": ${round}\n}\n`);
const eventOf = (round) => `audit/2026/04/15/00/${String(Math.abs(round) % 60).padStart(2, "0")}/aud_${round + 2}.json`;

/** A function that does one operation on a store, and answers its milliseconds. */
export async function operationOn(modules, store) {
  const { actOf } = await modules("src/kernel/act.js");
  return async (round) => {
    const act = actOf({
      ...{ operation: `op_bench_${round}_${Math.random()}`, at: `${new Date().toISOString().slice(0, 19)}Z` },
      ...{ requestId: "req_1", command: "bench", actor: { kind: "tool", name: "bench", id: "bench", verified: false } },
    });
    const began = performance.now();
    const head = await store.head("waybill/state");
    const found = await store.read(head, touched);
    const reads = new Map(touched.map((path, i) => [path, found[i]?.oid ?? null]));
    const writes = new Map([...touched.slice(1), eventOf(round)].map((path) => [path, text(round, path)]));
    const change = { act, reads, writes, message: "bench" };
    const applied = await store.apply("waybill/state", change, new Date(Date.now() + 60_000));
    if (!("commit" in applied)) throw new Error("the branch moved");
    return performance.now() - began;
  };
}

/** The same through `git cat-file --batch` and `git fast-import`, which syncs nothing here. */
function twoProcesses(path, round) {
  const tip = git(path, "rev-parse", "waybill/state");
  const began = performance.now();
  const stdio = ["pipe", "pipe", "pipe"];
  run("git", ["cat-file", "--batch"], { cwd: path, input: touched.map((file) => `${tip}:${file}\n`).join(""), stdio });
  const files = [...touched.slice(1), eventOf(round)].map((file) => {
    const content = text(round, file);
    return `M 100644 inline ${file}\ndata ${content.length}\n${content}\n`;
  });
  const head = `commit refs/heads/waybill/state\ncommitter bench <b@x> ${1_800_000_000 + round} +0000\ndata 5\nbench\nfrom ${tip}\n`;
  const input = `${head}${files.join("")}\ndone\n`;
  run("git", ["-c", "fastimport.unpackLimit=100", "fast-import", "--quiet", "--done"], { cwd: path, input, stdio });
  return performance.now() - began;
}
