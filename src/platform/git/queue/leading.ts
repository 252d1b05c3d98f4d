import { branchName } from "../paths.ts";
import type { Land, Outcome, Wish } from "../store-parts.ts";
import { printAnswer } from "./answer.ts";
import { type Line, reply, requestIn } from "./line.ts";
import { parseRequest, REQUEST_BYTES } from "./request.ts";
import type { Entry } from "./tickets.ts";

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

/** How a leader leads. */
export interface Leading {
  readonly land: Land;
  /** A line from which writers come; null where there is none. */
  readonly comers: Line | null;
}

/**
 * Lands what is in a room, oldest first, until the leader's own wish has its outcome; null where the room went to another leader
 * before that. A request is removed after its answer is there, so whoever dies in between leaves one that the next leader finds landed.
 */
export async function leadUntilOwn(line: Line, room: string, own: Place, how: Leading): Promise<Outcome | null> {
  await gather(line, room, how.comers);
  for (;;) {
    const sight = await line.rooms.look(room);
    if (sight === null) return null;
    const { branch, places } = await nextBatch(line, room, sight.entries, own);
    const outcomes = await how.land(
      branch,
      places.map(({ wish }) => wish),
    );
    let mine: Outcome | null = null;
    for (const [i, { ticket }] of places.entries()) {
      const outcome = outcomes[i];
      if (outcome === undefined) continue;
      if (ticket === own.ticket) mine = outcome;
      else if (!(await reply(line, room, ticket, printAnswer(outcome)))) return mine;
    }
    if (mine !== null) return mine;
  }
}

/**
 * Waits for who was answered together and comes back, which takes each a while: else the first few of them get a push, and the many only
 * the one after it. An answer that lies there is of somebody who has not read it yet, and who still fetches what it reads probably
 * writes next.
 */
async function gather({ rooms, clock }: Line, room: string, comers: Line | null): Promise<void> {
  let [before, quietMs, isBusy] = [0, 0, false];
  for (let waitedMs = 0; waitedMs < MAX_GATHER_MS; waitedMs += GATHER_MS) {
    const entries = (await rooms.look(room))?.entries ?? [];
    const requests = entries.filter(({ kind }) => kind === "request").length;
    const isAwaited = entries.some(({ kind }) => kind === "answer") || (await isUsed(comers));
    isBusy ||= isAwaited || requests > 1;
    quietMs = isAwaited || requests > before ? 0 : quietMs + GATHER_MS;
    if (quietMs >= (isBusy ? QUIET_MS : GATHER_MS)) return;
    before = requests;
    await clock.sleep(GATHER_MS);
  }
}

/** Tells whether somebody who lives stands in a line. */
async function isUsed(line: Line | null): Promise<boolean> {
  const standing = (await line?.rooms.peek())?.entries.filter(({ kind }) => kind === "request" || kind === "answer");
  for (const { owner } of standing ?? []) if (await line?.processes.isAlive(owner)) return true;
  return false;
}

/** The oldest requests of one branch, the leader's own among them if it is of that branch and its turn has come. */
async function nextBatch(
  line: Line,
  room: string,
  entries: readonly Entry[],
  own: Place,
): Promise<{ readonly branch: string; readonly places: readonly Place[] }> {
  const places: Place[] = [];
  let sizeBytes = 0;
  for (const entry of entries.toSorted((a, b) => (a.ticket < b.ticket ? -1 : 1))) {
    if (places.length === BATCH || sizeBytes > BATCH_BYTES) break;
    const found = entry.ticket === own.ticket ? { place: own, sizeBytes: 0 } : await readPlace(line, room, entry);
    if (found === null || entry.kind !== "request") continue;
    if (places[0] !== undefined && places[0].branch !== found.place.branch) continue;
    places.push(found.place);
    sizeBytes += found.sizeBytes;
  }
  // Somebody may have removed the leader's own request, but nobody else answers it now.
  if (places.length === 0) places.push(own);
  return { branch: places[0]?.branch ?? own.branch, places };
}

/** Null for what is no request that can be carried out. */
async function readPlace(
  line: Line,
  room: string,
  entry: Entry,
): Promise<{ readonly place: Place; readonly sizeBytes: number } | null> {
  const { processes } = line;
  const { ticket } = entry;
  const found = await requestIn(line, room, entry, REQUEST_BYTES);
  if (found === null) return null;
  const request = found.bytes === null ? null : parseRequest(found.bytes);
  if (found.bytes === null || request === null || !isBranch(request.branch)) {
    await reply(line, room, ticket, printAnswer({ failure: new Error("The request cannot be read") }));
    return null;
  }
  const { branch, change, untilMs } = request;
  const leftMs = untilMs - processes.elapsedMs();
  const wish: Wish = {
    change,
    deadline: new Date(Date.now() + leftMs),
    isLate: () => processes.elapsedMs() >= untilMs,
  };
  return { place: { ticket, branch, wish }, sizeBytes: found.bytes.length };
}

function isBranch(name: string): boolean {
  try {
    return branchName(name) === name;
  } catch {
    return false;
  }
}
