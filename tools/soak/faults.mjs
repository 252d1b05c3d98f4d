// What goes wrong around the writers: a server with bad moments, a branch that somebody else holds, a folder that cannot be written.
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const SERVER = ["busy", "refused", "dropped", "answer-lost"];

/** Faults from the soak's chance; `pause` ends them until `resume`. */
export function makeFaults(chance, repository) {
  let bad = null;
  let isPaused = true;
  const counts = {};
  const count = (what) => (counts[what] = (counts[what] ?? 0) + 1);
  const moments = {
    async server() {
      bad = chance.of(SERVER);
      await wait(chance.between(300, 2000));
      bad = null;
    },
    /** As another program does that is in the middle of moving the branch. */
    async lock() {
      const path = join(repository, "refs", "heads", "waybill", "state.lock");
      try {
        writeFileSync(path, "", { flag: "wx" });
      } catch {
        return;
      }
      count("lock");
      await wait(chance.between(100, 1500));
      rmSync(path);
    },
    async readOnly() {
      const path = join(repository, "objects");
      count("read-only");
      chmodSync(path, 0o555);
      await wait(chance.between(200, 1500));
      chmodSync(path, 0o755);
    },
  };
  // To root every folder can be written.
  const names = ["server", "server", "lock", ...(process.getuid?.() === 0 ? [] : ["readOnly"])];
  let current = Promise.resolve();
  return {
    counts,
    misfortune() {
      if (bad === null || chance.next() < 0.4) return null;
      count(bad);
      return bad;
    },
    resume() {
      isPaused = false;
      current = (async () => {
        while (!isPaused) {
          await wait(chance.between(500, 4000));
          if (!isPaused) await moments[chance.of(names)]();
        }
      })();
    },
    async pause() {
      isPaused = true;
      await current;
    },
  };
}
