import type { Reason } from "../src/kernel/errors.ts";
import { actsOf } from "../src/platform/acts.ts";
import { systemClock } from "../src/platform/clock.ts";
import { systemEntropy } from "../src/platform/entropy.ts";
import { nodeAssets, nodeFiles } from "../src/platform/node-files.ts";
import type { GithubClient } from "../src/platform/github/client.ts";
import type { ProgressLog } from "../src/platform/progress-log.ts";
import { progressOf, promptOf } from "./compose/terminal.ts";
import { secretsOf } from "./compose/secrets.ts";
import { requestOf } from "./compose/asker.ts";
import { Journal } from "./compose/journal.ts";
import type { CacheHome } from "./compose/cache-folder.ts";
import { clientOf } from "./compose/github.ts";
import { repositoryParts } from "./compose/repository-parts.ts";
import { once, type EngineParts, type MachineParts, type RepositoryParts, worldWith } from "./compose/world-with.ts";
import type { AnyCommand, Args } from "./command.ts";
import type { Style } from "./output/style.ts";
import type { RepositoryAt, World } from "./world.ts";

/** What one run was asked for, and the terminal around it. */
export interface Settings {
  readonly command: AnyCommand;
  readonly args: Args;
  readonly env: ReadonlyMap<string, string>;
  /** Folder of the package, where schemas and templates lie. */
  readonly packageFolder: string;
  /** Version of the tool. */
  readonly version: () => Promise<string>;
  readonly err: Style;
  readonly writeErr: (text: string) => void;
  readonly ask: ((question: string, hidden: boolean) => Promise<string>) | null;
}

/** The world of one run, and what the door needs to know of it afterwards. */
export interface Composed {
  readonly world: Partial<World>;
  readonly progress: ProgressLog;
  readonly warnings: readonly Reason[];
  /** What this run wrote, in words. */
  readonly written: () => string;
  readonly close: () => Promise<unknown>;
}

/** What the parts of one run share. */
export interface Run extends Settings {
  readonly journal: Journal;
  readonly progress: ProgressLog;
  readonly warnings: Reason[];
  /** Called in reverse order at the end. */
  readonly closers: (() => Promise<void>)[];
  readonly repository: () => Promise<RepositoryAt>;
  readonly caches: () => Promise<CacheHome>;
  /** GitHub's API; null where the repository is elsewhere. */
  readonly client: () => Promise<GithubClient | null>;
}

/** Wires exactly what a command needs, by what the flags and the environment say. */
export async function compose(settings: Settings): Promise<Composed> {
  const { args, env, command } = settings;
  const progress = progressOf(settings, systemClock);
  const run: Run = {
    ...settings,
    journal: new Journal(),
    progress,
    warnings: [],
    closers: [],
    repository: once(async () => {
      const missing = command.creates !== true ? "fail" : args["dry-run"] === true ? "plan" : "make";
      return (await import("./compose/repository.ts")).repositoryOf(args, env, missing);
    }),
    caches: once(async () => (await import("./compose/cache-folder.ts")).cacheHome(env, run.warnings, run.closers)),
    client: once(async () => clientOf(await run.repository(), env, progress)),
  };
  const parts = { ...machineParts(run), ...repositoryParts(run) };
  const close = () => Promise.allSettled(run.closers.toReversed().map((closer) => closer()));
  try {
    const world = await worldWith({ ...parts, ...engineParts(run, parts) }, command.needs);
    return { world, progress: run.progress, warnings: run.warnings, written: () => run.journal.text(), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What this machine gives any command. */
function machineParts(run: Run): MachineParts {
  return {
    clock: once(async () => systemClock),
    entropy: once(async () => systemEntropy),
    acts: once(async () => actsOf(systemClock, systemEntropy, requestOf(run.env))),
    env: once(async () => run.env),
    log: once(async () => run.progress),
    prompt: once(async () => promptOf(run, run.progress)),
    assets: once(async () => nodeAssets(run.packageFolder)),
    files: once(async () => run.journal.files(nodeFiles())),
    schemas: once(async () => (await import("../src/schema/documents.ts")).loadSchemas()),
    sql: once(async () => (await import("../src/platform/sql-engine.ts")).sqlEngine(run.progress)),
    growSlowly: once(async () => (await import("../src/platform/slow-heap.ts")).growSlowly),
    printZip: once(async () => (await import("../src/platform/zip-print.ts")).printZip),
    intake: once(async () => {
      const { workerIntake } = await import("../src/platform/intake/worker-intake.ts");
      const { startInspectWorker } = await import("./worker/start.ts");
      const intake = workerIntake(startInspectWorker);
      run.closers.push(() => intake.close());
      return intake;
    }),
  };
}

/** What use cases stand on, joined from the other parts. */
function engineParts({ args, env, version, client }: Run, parts: MachineParts & RepositoryParts): EngineParts {
  const ground = once(async () => {
    const { groundOf } = await import("./compose/ground.ts");
    const given = { root: args["root"], secrets: secretsOf(args, env), version: await version(), client };
    return groundOf(parts, given);
  });
  const snapshotGround = once(async () => {
    const { snapshotGroundOf } = await import("./compose/ground.ts");
    return snapshotGroundOf(parts, ground, version, { root: args["root"], client });
  });
  return {
    ground,
    openGround: once(async () => ground),
    openStore: once(async () => parts.store),
    openArtifacts: once(async () => parts.artifacts),
    snapshotGround,
    openSnapshot: once(async () => {
      // SQLite is loaded while git is asked for the repository.
      const warming = parts.sql().then((sql) => sql.warm?.());
      const open = import("../src/state/snapshot/open.ts");
      const [{ openSnapshot }, on] = await Promise.all([open, snapshotGround(), warming]);
      return () => openSnapshot(on);
    }),
  };
}
