import { join } from "node:path";
import type { Clock } from "../../../ports/clock.ts";
import { branchName } from "../paths.ts";
import type { Land, Outcome, Wish } from "../store-parts.ts";
import { printAnswer } from "./answer.ts";
import type { QueueDisk } from "./disk.ts";
import type { Processes } from "./processes.ts";
import { parseRequest, REQUEST_BYTES } from "./request.ts";
import type { Rooms } from "./room.ts";
import { type Entry, nameOf } from "./tickets.ts";

/** Requests that one move of a branch carries, and their bytes. */
const BATCH = 64;
const BATCH_BYTES = 2 * REQUEST_BYTES;
/** How often it is looked whether others come, and for how long nobody may have come: less where there is nobody else. */
const GATHER_MS = 3;
const QUIET_MS = 15;
/** Longest that a batch is waited for: less than the push takes that each batch costs. */
const MAX_GATHER_MS = 60;

/** What a writer waits for: its ticket, the branch and the wish. */
export interface Place {
  readonly ticket: string;
  readonly branch: string;
  readonly wish: Wish;
}

/** What leading needs. */
export interface LeadParts {
  readonly rooms: Rooms;
  readonly disk: QueueDisk;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly land: Land;
}

/**
 * Lands what is in a room, oldest first, until the leader's own wish has its outcome; null where the room went to another leader
 * before that. A request is removed after its answer is there, so whoever dies in between leaves one that the next leader finds landed.
 */
export async function leadUntilOwn(parts: LeadParts, room: string, own: Place): Promise<Outcome | null> {
  await gather(parts, room);
  for (;;) {
    const sight = await parts.rooms.look(room);
    if (sight === null) return null;
    const { branch, places } = await nextBatch(parts, room, sight.entries, own);
    const outcomes = await parts.land(
      branch,
      places.map(({ wish }) => wish),
    );
    let mine: Outcome | null = null;
    for (const [i, { ticket }] of places.entries()) {
      const outcome = outcomes[i];
      if (outcome === undefined) continue;
      if (ticket === own.ticket) mine = outcome;
      else if (!(await answer(parts, room, ticket, outcome))) return mine;
    }
    if (mine !== null) return mine;
  }
}

/**
 * Waits for who was answered together and comes back, which takes each a while: else the first few of them get a push, and the many only
 * the one after it. An answer that lies there is of somebody who has not read it yet.
 */
async function gather({ rooms, clock }: LeadParts, room: string): Promise<void> {
  let [before, quietMs, isBusy] = [0, 0, false];
  for (let waitedMs = 0; waitedMs < MAX_GATHER_MS; waitedMs += GATHER_MS) {
    const entries = (await rooms.look(room))?.entries ?? [];
    const requests = entries.filter(({ kind }) => kind === "request").length;
    const isAwaited = entries.some(({ kind }) => kind === "answer");
    isBusy ||= isAwaited || requests > 1;
    quietMs = isAwaited || requests > before ? 0 : quietMs + GATHER_MS;
    if (quietMs >= (isBusy ? QUIET_MS : GATHER_MS)) return;
    before = requests;
    await clock.sleep(GATHER_MS);
  }
}

/** False where the room went to another leader. What cannot be written for want of space stays a request, and its writer leads in time. */
async function answer({ rooms, disk }: LeadParts, room: string, ticket: string, outcome: Outcome): Promise<boolean> {
  if (!(await rooms.put(room, "answer", ticket, printAnswer(outcome)))) return false;
  await disk.remove(join(room, nameOf("request", ticket)));
  return true;
}

/** The oldest requests of one branch, the leader's own among them if it is of that branch and its turn has come. */
async function nextBatch(
  parts: LeadParts,
  room: string,
  entries: readonly Entry[],
  own: Place,
): Promise<{ readonly branch: string; readonly places: readonly Place[] }> {
  const places: Place[] = [];
  let sizeBytes = 0;
  for (const entry of entries.toSorted((a, b) => (a.ticket < b.ticket ? -1 : 1))) {
    if (places.length === BATCH || sizeBytes > BATCH_BYTES) break;
    const found = entry.ticket === own.ticket ? { place: own, sizeBytes: 0 } : await readPlace(parts, room, entry);
    if (found === null || entry.kind !== "request") continue;
    if (places[0] !== undefined && places[0].branch !== found.place.branch) continue;
    places.push(found.place);
    sizeBytes += found.sizeBytes;
  }
  // Somebody may have removed the leader's own request, but nobody else answers it now.
  if (places.length === 0) places.push(own);
  return { branch: places[0]?.branch ?? own.branch, places };
}

/** Null for what is no request, and for what the dead left, which goes. */
async function readPlace(
  parts: LeadParts,
  room: string,
  { kind, ticket, owner }: Entry,
): Promise<{ readonly place: Place; readonly sizeBytes: number } | null> {
  const { disk, processes } = parts;
  if (kind === "lead") return null;
  const path = join(room, nameOf(kind, ticket));
  if (!(await processes.isAlive(owner))) {
    await disk.remove(path);
    return null;
  }
  if (kind !== "request") return null;
  const bytes = await disk.read(path, REQUEST_BYTES);
  const request = bytes === null ? null : parseRequest(bytes);
  if (bytes === null || request === null || !isBranch(request.branch)) {
    await answer(parts, room, ticket, { failure: new Error("The request cannot be read") });
    return null;
  }
  const { branch, change, untilMs } = request;
  const leftMs = untilMs - processes.elapsedMs();
  const wish: Wish = {
    change,
    deadline: new Date(Date.now() + leftMs),
    isLate: () => processes.elapsedMs() >= untilMs,
  };
  return { place: { ticket, branch, wish }, sizeBytes: bytes.length };
}

function isBranch(name: string): boolean {
  try {
    return branchName(name) === name;
  } catch {
    return false;
  }
}
