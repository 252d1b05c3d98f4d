// One writer of the concurrency test: node store-worker.mjs <build folder> <location> <cache> <name> <operations>
import { join } from "node:path";
import { argv, env } from "node:process";
import { pathToFileURL } from "node:url";

const [, , build, location, cache, name, operations] = argv;
const load = (path) => import(pathToFileURL(join(build, path)).href);
const { openNativeStore } = await load("src/platform/git/native-store.js");
const { actOf } = await load("src/kernel/act.js");

const BRANCH = "waybill/state";
const actor = { kind: "tool", name, id: name, verified: false };
const store = await openNativeStore({ location, cache, env: new Map(Object.entries(env)) });
const encode = (text) => new TextEncoder().encode(text);

/** Adds one to a counter that all writers share, and leaves a file of its own. */
async function count(i, head) {
  const at = `${new Date().toISOString().slice(0, 19)}Z`;
  const act = actOf({ operation: `op_${name}_${i}`, at, actor, requestId: `req_${i}`, command: "count" });
  const deadline = new Date(Date.now() + 60_000);
  for (let tip = head; ; ) {
    const [counter] = await store.read(tip, ["shared/counter"]);
    const value = Number(new TextDecoder().decode(counter.bytes));
    const reads = new Map([["shared/counter", counter.oid]]);
    const writes = new Map([
      ["shared/counter", encode(`${value + 1}`)],
      [`own/${name}/${i}`, encode(`${value}`)],
    ]);
    const applied = await store.apply(BRANCH, { act, reads, writes, message: `Count ${name} ${i}` }, deadline);
    if ("commit" in applied) return;
    tip = applied.head;
  }
}

for (let i = 0; i < Number(operations); i += 1) {
  await count(i, await store.head(BRANCH));
}
await store.close();
