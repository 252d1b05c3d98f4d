// The snapshot of 100,000 events and 12,500 releases of one year: cold, its size, after an operation, and a list of releases from it.
import { performance } from "node:perf_hooks";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { interleaved, median, ratio, run } from "./measure.mjs";
import { event, facts } from "./facts.mjs";
import { cleanEnv, freshFolder, git, importFacts } from "./repository.mjs";

/** Eight of ten documents are events. */
const DOCUMENTS = 125_000;
/** So that they end when the commit that brings them is made. */
const MINUTES_APART = 42;
const START = "2025-01-01T00:00:00Z";
const OPERATIONS = 7;

export async function snapshots(modules, program) {
  const { openNativeStore } = await modules("src/platform/git/native-store.js");
  const { buildSnapshot } = await modules("src/state/snapshot/build.js");
  const { openSnapshot } = await modules("src/state/snapshot/open.js");
  const { loadSchemas } = await modules("src/schema/documents.js");
  const { sqlEngine } = await modules("src/platform/sql-engine.js");
  const { nodeFolder } = await modules("src/platform/node-folder.js");
  const { documentKinds: kinds } = await modules("cli/compose/kinds.js");
  const engines = [];
  const sql = sqlEngine({ detail: (text) => engines.push(text) });
  const schemas = loadSchemas();

  const home = freshFolder();
  const env = { ...cleanEnv, HOME: home, XDG_CACHE_HOME: join(home, "cache"), XDG_CONFIG_HOME: join(home, "config") };
  const path = join(home, "repo.git");
  run("git", ["config", "--global", "user.name", "Bench"], {
    env: { ...env, GIT_CONFIG_GLOBAL: join(home, ".gitconfig") },
  });
  run(process.execPath, [program, "init", path], { env });
  const state = JSON.parse(git(path, "show", "waybill/state:state.json"));
  const scope = { tenant_id: state.tenant_id, repo_id: state.repo_id };
  await importFacts(path, facts(scope, DOCUMENTS, START, MINUTES_APART), 2);
  const store = await openNativeStore({ location: path, env: new Map(Object.entries(cleanEnv)) });
  const head = () => store.head("waybill/state");

  const cold = await interleaved(7, {
    async cold() {
      const from = { store, kinds, schemas, state: await head(), view: null };
      (await buildSnapshot(sql, from, async () => undefined)).database.close();
    },
    archive: () => run("sh", ["-c", "git archive waybill/state | wc -c"], { cwd: path }),
  });

  // Decisions are left out: what they cost does not follow from how much there is.
  const ground = {
    store: { ...store, head: async (branch) => (branch.endsWith("state") ? store.head(branch) : null) },
  };
  const cache = nodeFolder(join(home, "snapshot"));
  const more = {
    kinds,
    sql,
    cache,
    root: null,
    version: "bench",
    schemas: async () => schemas,
    decisions: async () => null,
  };
  const open = () => openSnapshot({ ...ground, ...more });
  const built = await open();
  const core = built.database.bytes();
  built.database.close();
  const [differences, refreshes] = [[], []];
  for (let n = 0; n < OPERATIONS; n += 1) {
    const before = await head();
    await importFacts(
      path,
      [event(scope, `2026-01-01T00:0${n}:00Z`, n, "app.updated", "app", "app-1", { app: "app-1" })],
      3 + n,
    );
    const after = await head();
    const differing = await timed(async () => {
      for await (const _ of store.diff(before, after));
    });
    const refreshing = await timed(async () => (await open()).database.close());
    if (n === 0) continue;
    differences.push(differing);
    refreshes.push(refreshing);
  }
  await store.close();

  const list = ["dist", "release", "list", "--app", "app-7", "--json"];
  const lists = await interleaved(15, {
    list: () => run(process.execPath, [program, ...list], { env, cwd: path }),
    floor: () => run(process.execPath, ["-e", "0"], { env }),
  });
  const [engine] = engines;
  const shards = `${built.history.shards.length} shards of old history besides`;
  return [
    ratio("snapshot of 100k events, cold / git archive | wc -c", cold.cold, cold.archive, 2),
    { name: "core of a snapshot of 100k events", value: core.length / 1e6, unit: "MB", target: 15, note: shards },
    { name: "the same core, gzip", value: gzipSync(core).length / 1e6, unit: "MB", target: 7, note: shards },
    { name: "difference of the trees of one operation", value: median(differences), unit: "ms", target: 15, note: "" },
    { name: "snapshot refreshed after one operation", value: median(refreshes), unit: "ms", target: 100, note: engine },
    ratio("release list at 12.5k releases, warm / node -e 0", lists.list, lists.floor, 5.5),
  ];
}

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
