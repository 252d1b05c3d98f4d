// One writer of the contention bench: applies operations one after the other and prints what each took, in milliseconds.
import { performance } from "node:perf_hooks";
import { stdin } from "node:process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { build, location, cache, queue, name, operations, shared } = JSON.parse(process.argv[2]);
const load = (path) => import(pathToFileURL(join(build, path)).href);
const { openNativeStore } = await load("src/platform/git/native-store.js");
const { actOf } = await load("src/kernel/act.js");

const BRANCH = "waybill/state";
const store = await openNativeStore({
  ...{ location, cache, env: new Map(Object.entries(process.env)) },
  ...(queue ? {} : { queue: null }),
});
const encode = (text) => new TextEncoder().encode(text);
const app = shared ? "all" : name;
const paths = ["state.json", `dist/apps/${app}/app.json`, `dist/apps/${app}/channels/stable.json`];

/** Reads three documents, replaces two and adds an event, as a promotion does; plans again where they changed. */
async function operation(i) {
  const at = `${new Date().toISOString().slice(0, 19)}Z`;
  const actor = { kind: "tool", name, id: name, verified: false };
  const act = actOf({ operation: `op_${name}_${i}`, at, actor, requestId: `req_${i}`, command: "bench" });
  const deadline = new Date(Date.now() + 300_000);
  for (let tip = await store.head(BRANCH); ; ) {
    const found = await store.read(tip, paths);
    const reads = new Map(paths.map((path, k) => [path, found[k]?.oid ?? null]));
    const text = encode(JSON.stringify({ name, i, tip }));
    const writes = new Map([...paths.slice(1), `audit/2026/01/01/00/00/${name}-${i}.json`].map((path) => [path, text]));
    const applied = await store.apply(BRANCH, { act, reads, writes, message: `Bench ${name} ${i}` }, deadline);
    if ("commit" in applied) return;
    tip = applied.head;
  }
}

await store.head(BRANCH);
process.stdout.write("ready\n");
await new Promise((resolve) => stdin.once("data", resolve));
for (let i = 0; i < operations; i += 1) {
  const began = performance.now();
  await operation(i);
  process.stdout.write(`${(performance.now() - began).toFixed(2)}\n`);
}
await store.close();
process.exit(0);
