// The snapshot of 100,000 documents: cold, after 30 changed files, and a list of 10,000 releases from a warm one.
import { performance } from "node:perf_hooks";
import { join } from "node:path";
import { interleaved, median, ratio, run } from "./measure.mjs";
import { facts } from "./facts.mjs";
import { cleanEnv, freshFolder, git, importFacts } from "./repository.mjs";

export async function snapshots(modules, program) {
  const { openNativeStore } = await modules("src/platform/git/native-store.js");
  const { buildSnapshot } = await modules("src/state/snapshot/build.js");
  const { updateSnapshot } = await modules("src/state/snapshot/update.js");
  const { loadSchemas } = await modules("src/schema/documents.js");
  const { sqlJsEngine } = await modules("src/platform/sql-js.js");
  const { documentKinds: kinds } = await modules("cli/compose/kinds.js");
  const sql = sqlJsEngine();
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
  await importFacts(path, facts(scope, 100_000), 2);
  const store = await openNativeStore({ location: path, env: new Map(Object.entries(cleanEnv)) });

  const build = async () =>
    buildSnapshot(sql, { store, kinds, schemas, state: await store.head("waybill/state"), view: null });
  const cold = await interleaved(3, {
    cold: async () => (await build()).close(),
    archive: () => run("sh", ["-c", "git archive waybill/state | wc -c"], { cwd: path }),
  });

  const warm = await build();
  const updates = [];
  let before = await store.head("waybill/state");
  for (let round = 0; round < 7; round += 1) {
    await importFacts(
      path,
      [...facts(scope, 230 + round, `2027-01-0${round + 1}T00:00:00Z`)].slice(200 + round),
      3 + round,
    );
    const now = await store.head("waybill/state");
    const began = performance.now();
    const fits = await updateSnapshot(
      warm,
      { state: before, decisions: null },
      { store, kinds, schemas, state: now, view: null },
    );
    if (!fits) throw new Error("the snapshot could not be brought up to date");
    if (round > 0) updates.push(performance.now() - began);
    before = now;
  }
  warm.close();
  await store.close();

  const list = ["dist", "release", "list", "--app", "app-7", "--json"];
  const lists = await interleaved(15, {
    list: () => run(process.execPath, [program, ...list], { env, cwd: path }),
    floor: () => run(process.execPath, ["-e", "0"], { env }),
  });
  return [
    ratio("snapshot of 100k documents, cold / git archive | wc -c", cold.cold, cold.archive, 2),
    { name: "snapshot after 30 changed files", value: median(updates), unit: "ms", target: 100, note: "" },
    ratio("release list at 10k releases, warm / node -e 0", lists.list, lists.floor, 5.5),
  ];
}
