import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Outcome, Queue } from "../store-parts.ts";
import { type Answer, ANSWER_BYTES, parseAnswer } from "./answer.ts";
import { type Leading, leadUntilOwn, type Place } from "./leading.ts";
import { type Line, type LineOptions, openLine, orWithout, stand } from "./line.ts";
import { printRequest } from "./request.ts";
import { arrivalOf, newTicket } from "./tickets.ts";

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
 * the queue: a lost request, a second leader, or a file that cannot be written only makes writers race for a moment. `comers` is a line in
 * which they may have stood just before.
 */
export function openQueue({ comers = null, ...options }: LineOptions & { readonly comers?: Line | null }): Queue {
  const line = openLine(options);
  const { processes } = line;
  const arrivals = new Map<string, string>();
  return {
    async apply(branch, wish, land) {
      const { operation } = wish.change.act;
      const drawn = newTicket(processes.elapsedMs(), await processes.self());
      // Who comes back with a new plan keeps its place in the line.
      const arrival = arrivals.get(operation) ?? arrivalOf(processes.elapsedMs());
      const ticket = arrival + drawn.slice(arrival.length);
      const outcome = await queued(line, { ticket, branch, wish }, { land, comers });
      if (outcome !== null && "moved" in outcome) arrivals.set(operation, arrival);
      else arrivals.delete(operation);
      return outcome;
    },
  };
}

/** Null where the queue is of no use: the request is too large for it, or its folder cannot be written. */
async function queued(line: Line, own: Place, how: Leading): Promise<Outcome | null> {
  const { change, deadline } = own.wish;
  const leftMs = deadline.getTime() - line.clock.now().getTime();
  const request = printRequest({ branch: own.branch, change, untilMs: line.processes.elapsedMs() + leftMs });
  if (request === null) return null;
  const answer = await orWithout(() =>
    stand<Answer>(line, {
      ticket: own.ticket,
      request,
      answerBytes: ANSWER_BYTES,
      parse: parseAnswer,
      lead: (room) => leadUntilOwn(line, room, own, how),
    }),
  );
  return answer === "alone" ? null : answer;
}
