import type { Intake } from "../../ports/intake.ts";
import { disk as realDisk, newStaged, type Disk } from "../disk.ts";
import { readOnce } from "./read-once.ts";

/** Takes files in on this thread, without bounds on memory and time: for tests, where no bundle with a worker exists. */
export function inProcessIntake(disk: Disk = realDisk): Intake {
  return {
    take: (path, staging, onBytes) =>
      readOnce({ path, stagedPath: newStaged(staging), uninspected: null }, onBytes, { disk }),
    close: async () => undefined,
  };
}
