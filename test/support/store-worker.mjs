// One writer of the concurrency tests: node store-worker.mjs '<JSON: build, driver, location, cache, name, operations, shared>'
// Prints `start <operation>` before each operation and `done <operation> <commit>` when it was acknowledged.
import { join } from "node:path";
import { argv, env, stdout } from "node:process";
import { pathToFileURL } from "node:url";

const { build, driver, location, cache, name, operations, shared } = JSON.parse(argv[2]);
const load = (path) => import(pathToFileURL(join(build, path)).href);
const { actOf } = await load("src/kernel/act.js");
const open = {
  native: async () => (await load("src/platform/git/native-store.js")).openNativeStore,
  portable: async () => (await load("src/platform/portable/portable-store.js")).openPortableStore,
};

const BRANCH = "waybill/state";
const actor = { kind: "tool", name, id: name, verified: false };
const openStore = await open[driver]();
const store = await openStore({ location, cache, env: new Map(Object.entries(env)) });
const encode = (text) => new TextEncoder().encode(text);

/** Leaves a file of its own; every `shared`-th operation also adds one to a counter that all writers share. */
async function count(i) {
  const at = `${new Date().toISOString().slice(0, 19)}Z`;
  const operation = `op_${name}_${i}`;
  const act = actOf({ operation, at, actor, requestId: `req_${i}`, command: "count" });
  const deadline = new Date(Date.now() + 120_000);
  stdout.write(`start ${operation}\n`);
  for (let tip = await store.head(BRANCH); ; ) {
    const reads = new Map();
    const writes = new Map([[`own/${name}/${i}`, encode(`${i}`)]]);
    if (i % shared === 0) {
      const [counter] = await store.read(tip, ["shared/counter"]);
      reads.set("shared/counter", counter.oid);
      writes.set("shared/counter", encode(`${Number(new TextDecoder().decode(counter.bytes)) + 1}`));
    }
    const applied = await store.apply(BRANCH, { act, reads, writes, message: `Count ${name} ${i}` }, deadline);
    if ("commit" in applied) return void stdout.write(`done ${operation} ${applied.commit}\n`);
    tip = applied.head;
  }
}

for (let i = 0; i < operations; i += 1) await count(i);
await store.close();
