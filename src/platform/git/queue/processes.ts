import { readFileSync } from "node:fs";
import { errnoOf } from "../../file-errors.ts";

/** A process of this machine: its number, and when it was born, which tells it from a later one of the same number. */
export interface ProcessId {
  readonly pid: number;
  /** Ticks since the machine started; 0 where they are not known. */
  readonly born: number;
}

/** Processes of this machine, and a time that all of them share and nobody sets. */
export interface Processes {
  self(): Promise<ProcessId>;
  isAlive(process: ProcessId): Promise<boolean>;
  /** Milliseconds since some moment that is one for all processes until the machine starts again; no clock that is set moves it. */
  elapsedMs(): number;
}

let self: ProcessId | undefined;

/** The processes as the system shows them. */
export const systemProcesses: Processes = {
  async self() {
    return (self ??= { pid: process.pid, born: statusOf(process.pid) ?? 0 });
  },
  async isAlive({ pid, born }) {
    if (!answersSignals(pid)) return false;
    const now = statusOf(pid);
    return now === null || born === 0 || now === born;
  },
  elapsedMs: () => Number(process.hrtime.bigint() / 1000n) / 1000,
};

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be signalled, but it lives.
    return errnoOf(error) === "EPERM";
  }
}

/** When a process was born; -1 for one that is dead and waits for its parent, null where the system does not say. Source: proc(5). */
function statusOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state = "", ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? -1 : Number(fields[18]);
  } catch {
    return null;
  }
}
