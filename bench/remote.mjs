// What a remote costs, over smart HTTP on loopback: the first contact of a machine that has nothing, and the push of one operation.
import { rmSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { countingServer } from "./counting-server.mjs";
import { ownHistory } from "./history/cache.mjs";
import { interleaved, median, ratio } from "./measure.mjs";
import { openStore, operationOn, short } from "./operations.mjs";
import { plainPush } from "./plain-push.mjs";
import { freshFolder } from "./repository.mjs";

const ROUNDS = 20;
const COLD_ROUNDS = 5;
/** Operations after which a mirror is surely packed. */
const GATHERED = 150;

/** Rows about remotes: requests and bytes at first contact, the push at each end of the scale, and what packing a mirror costs. */
export async function remote(modules, _program, { scales }) {
  const [least, most] = [scales[0], scales.at(-1)];
  const server = await countingServer();
  const made = [];
  const stores = [];
  const addressOf = async (scale, options) => {
    const one = await ownHistory(scale, options);
    made.push(one);
    return server.address(one.path);
  };
  try {
    const sealed = await addressOf(most, { sealed: true });
    const cold = await firstContact(modules, server, sealed);
    const sides = {};
    for (const [side, address] of Object.entries({ least: await addressOf(least, { sealed: true }), most: sealed })) {
      const store = await openStore(modules, address, { cache: freshFolder(), freshMs: 1e9, queue: null });
      stores.push(store);
      sides[side] = await operationOn(modules, store);
      sides[`${side}, plain`] = await plainPush(address);
    }
    const ms = await interleaved(ROUNDS, sides);
    const packing = await packingOf(modules, await addressOf(least));
    const name = `${short(most)} documents, sealed`;
    return [
      ...cold.map((row) => ({ ...row, name: `from nothing to a pushed operation, ${name}: ${row.name}` })),
      ratio(`push of one operation at ${name} / at ${short(least)}`, ms.most, ms.least, 1.2),
      ratio("the same by git push alone, of a commit with one event", ms["most, plain"], ms["least, plain"], null),
      packing,
    ];
  } finally {
    for (const store of stores) await store.close();
    await server.stop();
    for (const one of made) one.remove();
  }
}

async function firstContact(modules, server, address) {
  const [times, asked, received] = [[], [], []];
  let decisions = { requests: 0, bytes: 0 };
  for (let round = 0; round < COLD_ROUNDS; round += 1) {
    const cache = freshFolder();
    server.counted();
    const began = performance.now();
    const store = await openStore(modules, address, { cache, freshMs: 1e9, queue: null });
    await (await operationOn(modules, store))(round);
    times.push(performance.now() - began);
    const { requests, bytes } = server.counted();
    asked.push(requests);
    received.push(bytes / 1000);
    await store.head("waybill/decisions");
    decisions = server.counted();
    await store.close();
    rmSync(cache, { recursive: true, force: true });
  }
  const more = `its decisions besides: ${decisions.requests} requests, ${Math.round(decisions.bytes / 1000)} KB`;
  return [
    { name: "requests", value: median(asked), unit: "requests", target: 7, note: more },
    { name: "received", value: median(received), unit: "KB", target: 300, note: "all commits, folders and documents" },
    { name: "time", value: median(times), unit: "ms", target: null, note: "" },
  ];
}

/** What packing costs an operation: a mirror is closed after many. */
async function packingOf(modules, address) {
  const path = `file://${new URL(address).pathname}`;
  const store = await openStore(modules, path, { cache: freshFolder(), freshMs: 1e9, queue: null });
  const operate = await operationOn(modules, store);
  for (let round = 0; round < GATHERED; round += 1) await operate(round);
  const began = performance.now();
  await store.close();
  const ms = performance.now() - began;
  return {
    ...{ name: "packing of a mirror for each operation", value: ms / GATHERED, unit: "ms", target: null },
    note: `${ms.toFixed(0)} ms after ${GATHERED} operations`,
  };
}
