// One operation at 10 k documents by the driver that needs no git, against the native one, and the first one of a process.
import { ownHistory } from "./history/cache.mjs";
import { interleaved, ratio } from "./measure.mjs";
import { openStore, operationOn, withoutSync } from "./operations.mjs";
import { cleanEnv } from "./repository.mjs";

const ROUNDS = 25;
const SCALE = 10_000;

/** Rows of the portable driver; they are stated, not judged. */
export async function portable(modules) {
  const { openPortableStore } = await modules("src/platform/portable/portable-store.js");
  const own = [];
  const path = async () => {
    own.push(await ownHistory(SCALE));
    return own.at(-1).path;
  };
  const plain = await withoutSync(modules);
  const env = new Map(Object.entries(cleanEnv));
  const open = async (location) => openPortableStore({ location, env, fileOps: plain.fileOps });
  const [nativePath, portablePath] = [await path(), await path()];
  const stores = [await openStore(modules, nativePath, plain), await open(portablePath)];
  try {
    const [native, warm] = await Promise.all(stores.map((store) => operationOn(modules, store)));
    const ms = await interleaved(ROUNDS, {
      ...{ native, portable: warm },
      "native, cold": (round) => once(modules, () => openStore(modules, nativePath, plain), -100 - round),
      "portable, cold": (round) => once(modules, () => open(portablePath), -100 - round),
    });
    return [
      ratio("portable operation at 10 k documents / native", ms.portable, ms.native, null),
      ratio("the same, opened for each", ms["portable, cold"], ms["native, cold"], null),
    ];
  } finally {
    for (const store of stores) await store.close();
    for (const one of own) one.remove();
  }
}

/** An operation of a process that has just begun: opens, does it, and closes. */
async function once(modules, open, round) {
  const began = performance.now();
  const store = await open();
  await (await operationOn(modules, store))(round);
  await store.close();
  return performance.now() - began;
}
