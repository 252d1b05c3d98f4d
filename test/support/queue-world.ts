import { readdirSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../src/platform/clock.ts";
import { type QueueDisk, queueDisk } from "../../src/platform/git/queue/disk.ts";
import type { Line } from "../../src/platform/git/queue/line.ts";
import { type Processes, systemProcesses } from "../../src/platform/git/queue/processes.ts";
import { openQueue } from "../../src/platform/git/queue/queue.ts";
import { createMemoryGitStore, createMemoryRepository } from "../../src/platform/memory/git-store.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { GitStore } from "../../src/ports/git-store.ts";
import { makeFolder } from "./git-repo.ts";
import { BRANCH, collect } from "./store-under-test.ts";

/** One writer of a queue as a process of its own: what it may do and whether it lives. */
export interface WriterOptions {
  readonly disk?: QueueDisk;
  readonly clock?: Clock;
  readonly leaseMs?: number;
  readonly beforeSwap?: () => void | Promise<void>;
  readonly comers?: Line;
  /** Tells whether the process has died; without it, it lives. */
  isDead?(): boolean;
}

/** Several writers of one branch in memory that queue up in one folder; each counts as a process that can die. */
export function queueWorld() {
  const made = makeFolder();
  const folder = join(made.path, "queue");
  const repository = createMemoryRepository();
  const processes: WriterOptions[] = [];
  const processesOf = (pid: number): Processes => ({
    self: async () => ({ pid, born: 7 }),
    isAlive: async (process) => processes[process.pid]?.isDead?.() !== true,
    elapsedMs: () => systemProcesses.elapsedMs(),
  });
  return {
    folder,
    repository,
    remove: () => made.remove(),
    /** A store of a new process. */
    writer(options: WriterOptions = {}): GitStore {
      const pid = processes.push(options) - 1;
      const { disk = queueDisk, clock = systemClock, leaseMs = 5000, beforeSwap, comers = null } = options;
      const queue = openQueue({ folder, clock, leaseMs, disk, processes: processesOf(pid), comers });
      return createMemoryGitStore({ repository, clock, queue, ...(beforeSwap ? { beforeSwap } : {}) });
    },
    /** Operations on the branch, oldest first, as any reader sees them. */
    async landed(): Promise<readonly string[]> {
      const reader = createMemoryGitStore({ repository });
      const head = await reader.head(BRANCH);
      if (head === null) return [];
      const commits = await collect(reader.log(null, head));
      return commits.toReversed().map(({ trailers }) => trailers.get("Waybill-Operation") ?? "?");
    },
    /** Files of the room in use. */
    left(): readonly string[] {
      const rooms = readdirSync(folder).filter((name) => name.startsWith("room-"));
      return rooms.flatMap((room) => readdirSync(join(folder, room)));
    },
  };
}
