import type { Helpers } from "../../src/gate/verify/facts-ahead.ts";
import type { PartAnswer } from "../../src/state/verify/parts-ahead.ts";
import type { HelperJob } from "../worker/start-verify.ts";
import type { RepositoryAt } from "../world.ts";
import { type Driver, gitPlace } from "./store.ts";

/** Where a helper reads the same branches. */
export interface HelpersAt {
  readonly repository: RepositoryAt;
  readonly driver: Driver;
  readonly env: ReadonlyMap<string, string>;
  readonly cache: string;
  readonly closers: (() => Promise<void>)[];
}

/** Starts threads that walk long histories; null where the branches are not reached by git, or there is no second processor. */
export async function verifyHelpers({ repository, driver, env, cache, closers }: HelpersAt): Promise<Helpers | null> {
  const { availableParallelism } = await import("node:os");
  if (driver !== "native" || availableParallelism() < 2) return null;
  const { threadJobs } = await import("../../src/platform/thread-jobs.ts");
  const { startVerifyWorker } = await import("../worker/start-verify.ts");
  const { helpedNames } = await import("../verify-helped.ts");
  const at = { location: gitPlace(repository, null).location, env: [...env], cache };
  return {
    start() {
      const jobs = threadJobs<HelperJob, PartAnswer>(startVerifyWorker);
      closers.push(() => jobs.close());
      return { ask: (job) => jobs.ask({ ...job, at }), close: () => jobs.close(), helps: helpedNames };
    },
  };
}
