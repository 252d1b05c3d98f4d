import { isOid, type Oid } from "../../kernel/oid.ts";
import { errorOf } from "./chain.ts";
import { type Line, orWithout, reply, requestIn, stand } from "./queue/line.ts";
import { newTicket } from "./queue/tickets.ts";

/** Objects that one process may want others to fetch for it. */
const MOST = 10_000;
const REQUEST_BYTES = MOST * 65;
/** Longer than any answer. */
const ANSWER_BYTES = 16;

/** What the one who fetches says: all that was wanted is here, or each is to fetch by itself, which tells it what is wrong, if anything is. */
type Answer = "here" | "alone";

/** How a process fetches for all. */
interface Fetching {
  readonly absentOf: (oids: readonly Oid[]) => Promise<readonly Oid[]>;
  /** False where not all of them came. */
  readonly fetch: (oids: readonly Oid[]) => Promise<boolean>;
}

/**
 * Fetches objects for all processes that want some of the same mirror at the same time: one asks the remote while the others wait, and then
 * another for all who are left. False where each is to fetch for itself: that is the answer to all but plain success, so that nobody
 * fails for what another wants.
 */
export async function fetchInLine(line: Line, oids: readonly Oid[], work: Fetching): Promise<boolean> {
  if (oids.length > MOST) return false;
  const { processes } = line;
  const ticket = newTicket(processes.elapsedMs(), await processes.self());
  const outcome = await orWithout(() =>
    stand<Answer | Error>(line, {
      ticket,
      request: Buffer.from(oids.join("\n")),
      answerBytes: ANSWER_BYTES,
      parse: (answer) => (Buffer.from(answer).toString("latin1") === "here" ? "here" : "alone"),
      lead: (room, hasWaited) => leadOnce(line, room, { ticket, oids, hasWaited }, work),
    }),
  );
  if (outcome instanceof Error) throw outcome;
  return outcome === "here";
}

async function leadOnce(
  line: Line,
  room: string,
  { ticket, oids, hasWaited }: { readonly ticket: string; readonly oids: readonly Oid[]; readonly hasWaited: boolean },
  work: Fetching,
): Promise<Answer | Error | null> {
  const others = await othersIn(line, room, ticket);
  if (others === null) return null;
  const all = [...new Set([...oids, ...[...others.values()].flat()])];
  // Whoever was here before may have fetched all of it.
  const outcome = await fetchAbsent(hasWaited ? await work.absentOf(all) : all, work);
  const answer: Answer = outcome instanceof Error ? "alone" : outcome;
  for (const other of others.keys()) if (!(await reply(line, room, other, Buffer.from(answer)))) break;
  return others.size === 0 ? outcome : answer;
}

async function fetchAbsent(oids: readonly Oid[], { fetch }: Fetching): Promise<Answer | Error> {
  try {
    return oids.length === 0 || (await fetch(oids)) ? "here" : "alone";
  } catch (cause) {
    return errorOf(cause);
  }
}

/** What others want, by ticket; null where the room went to another leader. */
async function othersIn(line: Line, room: string, own: string): Promise<ReadonlyMap<string, readonly Oid[]> | null> {
  const sight = await line.rooms.look(room);
  if (sight === null) return null;
  const others = new Map<string, readonly Oid[]>();
  for (const entry of sight.entries) {
    const found = entry.ticket === own ? null : await requestIn(line, room, entry, REQUEST_BYTES);
    if (found === null) continue;
    const lines = Buffer.from(found.bytes ?? [])
      .toString("latin1")
      .split("\n");
    others.set(entry.ticket, lines.filter(isOid));
  }
  return others;
}
