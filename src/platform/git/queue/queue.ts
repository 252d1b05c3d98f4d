import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../../ports/clock.ts";
import { ToolError } from "../../../kernel/errors.ts";
import { errnoOf } from "../../file-errors.ts";
import type { Land, Outcome, Queue } from "../store-parts.ts";
import { type Answer, ANSWER_BYTES, parseAnswer } from "./answer.ts";
import { type QueueDisk, queueDisk } from "./disk.ts";
import { leadUntilOwn, type Place } from "./leading.ts";
import { type Processes, systemProcesses } from "./processes.ts";
import { printRequest } from "./request.ts";
import { Rooms, type Sight } from "./room.ts";
import { arrivalOf, nameOf, newTicket } from "./tickets.ts";

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

/** How a queue is opened. */
export interface QueueOptions extends QueueSettings {
  /** Private folder of this queue alone, see {@link queueFolder}. */
  readonly folder: string;
  readonly clock: Clock;
}

/**
 * Folder of a queue in the user's private cache: one for each repository on this machine and each who asks, so that nobody pushes what
 * somebody else may not. `asks` is everything by which two writers may differ for the remote: its address, the repository that is pushed
 * from, its settings and credentials. Only a digest of it reaches the disk.
 */
export function queueFolder(cache: string, asks: readonly string[]): string {
  const all = JSON.stringify([1, hostname(), process.getuid?.() ?? "", ...asks]);
  return join(cache, "queues", createHash("sha256").update(all).digest("hex").slice(0, 32));
}

/**
 * Opens the queue of a remote's writers: each leaves its wish in a folder, and one of them, the leader, puts all of them on the branch
 * as a chain of commits with one push. That an operation lands once rests on compare-and-swap and on looking for it first, never on
 * the queue: a lost request, a second leader, or a file that cannot be written only makes writers race for a moment.
 */
export function openQueue({ folder, clock, leaseMs = LEASE_MS, ...given }: QueueOptions): Queue {
  const { disk = queueDisk, processes = systemProcesses } = given;
  const parts: QueueParts = { rooms: new Rooms({ folder, disk, processes, leaseMs }), disk, processes, clock, leaseMs };
  const arrivals = new Map<string, string>();
  return {
    async apply(branch, wish, land) {
      const { operation } = wish.change.act;
      const drawn = newTicket(processes.elapsedMs(), await processes.self());
      // Who comes back with a new plan keeps its place in the line.
      const arrival = arrivals.get(operation) ?? arrivalOf(processes.elapsedMs());
      const ticket = arrival + drawn.slice(arrival.length);
      const outcome = await queued(parts, { ticket, branch, wish }, land);
      if (outcome !== null && "moved" in outcome) arrivals.set(operation, arrival);
      else arrivals.delete(operation);
      return outcome;
    },
  };
}

interface QueueParts {
  readonly rooms: Rooms;
  readonly disk: QueueDisk;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly leaseMs: number;
}

/** Null where the queue is of no use: the request is too large for it, or its folder cannot be written. */
async function queued(parts: QueueParts, own: Place, land: Land): Promise<Outcome | null> {
  const { change, deadline } = own.wish;
  const leftMs = deadline.getTime() - parts.clock.now().getTime();
  const request = printRequest({ branch: own.branch, change, untilMs: parts.processes.elapsedMs() + leftMs });
  if (request === null) return null;
  try {
    const answer = await waitOrLead(parts, own, request, land);
    return answer === "alone" ? null : answer;
  } catch (error) {
    if (errnoOf(error) === "" && !(error instanceof ToolError)) throw error;
    return null;
  } finally {
    await parts.rooms.leave(own.ticket).catch(() => {});
  }
}

async function waitOrLead(parts: QueueParts, own: Place, request: Uint8Array, land: Land): Promise<Answer> {
  const { rooms, clock } = parts;
  const watch = watcher(parts, own.ticket);
  let room = await enter(parts, own.ticket, request);
  for (let pauseMs = SHORT_MS; ; pauseMs = Math.min(LONG_MS, pauseMs * 1.5)) {
    const sight = await rooms.look(room);
    const answer = await answerIn(parts, room, own.ticket, sight);
    if (answer !== null) return answer;
    if (!isIn(sight, own.ticket)) room = await enter(parts, own.ticket, request);
    const led = sight === null ? null : await watch(room, sight);
    if (led !== null) {
      room = led;
      const outcome = await lead(parts, room, own, land);
      if (outcome !== null) return outcome;
    } else {
      await clock.sleep(pauseMs);
    }
  }
}

function isIn(sight: Sight | null, ticket: string): boolean {
  return sight?.entries.some((entry) => entry.kind === "request" && entry.ticket === ticket) === true;
}

async function enter({ rooms }: QueueParts, ticket: string, request: Uint8Array): Promise<string> {
  for (;;) {
    const room = await rooms.open();
    if (await rooms.put(room, "request", ticket, request)) return room;
  }
}

/** An answer is there before its request goes, so one that is not there while the request is gone never was. */
async function answerIn(
  { disk }: QueueParts,
  room: string,
  ticket: string,
  sight: Sight | null,
): Promise<Answer | null> {
  const isAnswered = sight?.entries.some((entry) => entry.kind === "answer" && entry.ticket === ticket) === true;
  if (!isAnswered && isIn(sight, ticket)) return null;
  const bytes = await disk.read(join(room, nameOf("answer", ticket)), ANSWER_BYTES);
  return bytes === null ? null : parseAnswer(bytes);
}

/** Watches the lead; answers the room in which the writer has it now, or null while somebody else does. */
function watcher({ rooms, processes }: QueueParts, ticket: string) {
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

async function lead(parts: QueueParts, room: string, own: Place, land: Land): Promise<Outcome | null> {
  const { rooms, disk, processes, clock, leaseMs } = parts;
  const path = rooms.leadPath(room, own.ticket);
  const beat = setInterval(() => void rooms.beat(path).catch(() => {}), leaseMs / 4);
  beat.unref();
  try {
    return await leadUntilOwn({ rooms, disk, processes, clock, land }, room, own);
  } finally {
    clearInterval(beat);
    await rooms.release(room, own.ticket).catch(() => {});
  }
}
