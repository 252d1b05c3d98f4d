import { join } from "node:path";
import type { Clock } from "../../../ports/clock.ts";
import { ToolError } from "../../../kernel/errors.ts";
import { errnoOf } from "../../file-errors.ts";
import { type QueueDisk, queueDisk } from "./disk.ts";
import { type Processes, systemProcesses } from "./processes.ts";
import { Rooms, type Sight } from "./room.ts";
import { type Entry, nameOf } from "./tickets.ts";

/** How long, in milliseconds, a leader may be silent before another takes its place; it says that it is there four times as often. */
const LEASE_MS = 10_000;
/** Pauses between two looks, shortest and longest. */
const SHORT_MS = 3;
const LONG_MS = 16;
/** How often it is asked whether the leader still lives, and for how long nobody may have been seen with the lead. */
const WATCH_MS = 50;
const LOST_MS = 500;

/** What a test sets; nothing else does. */
export interface QueueSettings {
  readonly leaseMs?: number;
  readonly disk?: QueueDisk;
  readonly processes?: Processes;
}

/** How a line is opened. */
export interface LineOptions extends QueueSettings {
  /** Private folder of this line alone. */
  readonly folder: string;
  readonly clock: Clock;
}

/** Processes that want the same kind of thing done, and meet in a folder, where one does it for all. */
export interface Line {
  readonly rooms: Rooms;
  readonly disk: QueueDisk;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly leaseMs: number;
}

/** What somebody stands in a line for. */
export interface Errand<A> {
  readonly ticket: string;
  readonly request: Uint8Array;
  readonly answerBytes: number;
  /** Reads what the leader answered. */
  readonly parse: (answer: Uint8Array) => A;
  /** Does what waits in a room, its own among it; null where the room went to another leader before that. */
  lead(room: string, hasWaited: boolean): Promise<A | null>;
}

/** Opens a line. */
export function openLine({ folder, clock, leaseMs = LEASE_MS, ...given }: LineOptions): Line {
  const { disk = queueDisk, processes = systemProcesses } = given;
  return { rooms: new Rooms({ folder, disk, processes, leaseMs }), disk, processes, clock, leaseMs };
}

/** Leaves a request, and waits until it is answered or leads. Throws what the disk refuses. */
export async function stand<A>(line: Line, errand: Errand<A>): Promise<A> {
  try {
    return await waitOrLead(line, errand);
  } finally {
    await line.rooms.leave(errand.ticket).catch(() => {});
  }
}

/** What a line comes to; null where its folder cannot be written, so that it has to be done without. */
export async function orWithout<A>(work: () => Promise<A>): Promise<A | null> {
  try {
    return await work();
  } catch (error) {
    if (errnoOf(error) === "" && !(error instanceof ToolError)) throw error;
    return null;
  }
}

async function waitOrLead<A>(line: Line, errand: Errand<A>): Promise<A> {
  const { rooms, clock } = line;
  const watch = watcher(line, errand.ticket);
  let room = await enter(line, errand);
  for (let pauseMs = SHORT_MS; ; pauseMs = Math.min(LONG_MS, pauseMs * 1.5)) {
    const sight = await rooms.look(room);
    const answer = await answerIn(line, room, errand, sight);
    if (answer !== null) return answer.read;
    if (!isIn(sight, errand.ticket)) room = await enter(line, errand);
    const led = sight === null ? null : await watch(room, sight);
    if (led !== null) {
      room = led;
      const outcome = await lead(line, room, errand, pauseMs > SHORT_MS);
      if (outcome !== null) return outcome;
    } else {
      await clock.sleep(pauseMs);
    }
  }
}

function isIn(sight: Sight | null, ticket: string): boolean {
  return sight?.entries.some((entry) => entry.kind === "request" && entry.ticket === ticket) === true;
}

async function enter<A>({ rooms }: Line, { ticket, request }: Errand<A>): Promise<string> {
  for (;;) {
    const room = await rooms.open();
    if (await rooms.put(room, "request", ticket, request)) return room;
  }
}

/** An answer is there before its request goes, so one that is not there while the request is gone never was. */
async function answerIn<A>(
  { disk }: Line,
  room: string,
  { ticket, answerBytes, parse }: Errand<A>,
  sight: Sight | null,
): Promise<{ readonly read: A } | null> {
  const isAnswered = sight?.entries.some((entry) => entry.kind === "answer" && entry.ticket === ticket) === true;
  if (!isAnswered && isIn(sight, ticket)) return null;
  const bytes = await disk.read(join(room, nameOf("answer", ticket)), answerBytes);
  return bytes === null ? null : { read: parse(bytes) };
}

/** Watches the lead; answers the room in which the writer has it now, or null while somebody else does. */
function watcher({ rooms, processes }: Line, ticket: string) {
  let watchedMs = 0;
  let seenMs = processes.elapsedMs();
  return async (room: string, { leader }: Sight): Promise<string | null> => {
    const now = processes.elapsedMs();
    if (leader !== undefined) seenMs = now;
    if (leader === null) return (await rooms.lead(room, ticket)) ? room : null;
    if (leader === undefined) return now - seenMs > LOST_MS ? rooms.replace(room, ticket) : null;
    if (now - watchedMs < WATCH_MS) return null;
    watchedMs = now;
    return (await rooms.isGone(room, leader)) ? rooms.replace(room, ticket) : null;
  };
}

async function lead<A>(
  { rooms, leaseMs }: Line,
  room: string,
  errand: Errand<A>,
  hasWaited: boolean,
): Promise<A | null> {
  const path = rooms.leadPath(room, errand.ticket);
  const beat = setInterval(() => void rooms.beat(path).catch(() => {}), leaseMs / 4);
  beat.unref();
  try {
    return await errand.lead(room, hasWaited);
  } finally {
    clearInterval(beat);
    await rooms.release(room, errand.ticket).catch(() => {});
  }
}

/** A request of a living process, null in it where it is too long or no file; null for all else, and what the dead left goes. */
export async function requestIn(
  { disk, processes }: Line,
  room: string,
  { kind, ticket, owner }: Entry,
  maxBytes: number,
): Promise<{ readonly bytes: Uint8Array | null } | null> {
  if (kind === "lead") return null;
  const path = join(room, nameOf(kind, ticket));
  if (!(await processes.isAlive(owner))) {
    await disk.remove(path);
    return null;
  }
  return kind === "request" ? { bytes: await disk.read(path, maxBytes) } : null;
}

/** False where the room went to another leader. What cannot be written for want of space stays a request, and its owner leads in time. */
export async function reply({ rooms, disk }: Line, room: string, ticket: string, answer: Uint8Array): Promise<boolean> {
  if (!(await rooms.put(room, "answer", ticket, answer))) return false;
  await disk.remove(join(room, nameOf("request", ticket)));
  return true;
}
