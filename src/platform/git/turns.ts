import { randomBytes } from "node:crypto";
import { readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../file-errors.ts";
import { makeFolders } from "../make-folders.ts";
import { byCodePoint } from "../../kernel/text.ts";
import type { Clock } from "../../ports/clock.ts";

/** A ticket that nobody has touched for so long belongs to nobody. */
const STALE_MS = 120_000;
const POLL_MS = 8;
const TOUCH_MS = 10_000;
const TICKET = /^[0-9]{15}-([0-9]{1,10})-[A-Za-z0-9_-]+$/;

/** How long a turn is kept for work that has to be planned again. */
const GRACE_MS = 500;

/**
 * Turns among the processes of one user: each draws a ticket in a folder, and the oldest living one goes first. Whoever wins a
 * race for a remote branch knows its head and wins again, so without turns the others starve. Work that must be planned again
 * keeps its turn for a moment, or the next in line would spoil the new plan too. Only fairness rests on this: what is written is
 * kept right by compare-and-swap, so a lost ticket or a second winner does no harm.
 */
export class Turns {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #kept = new Map<string, { readonly ticket: string; readonly timer: NodeJS.Timeout }>();

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** Runs work when its turn comes, at the deadline at the latest. `comesBack` tells whether work of this key follows at once. */
  async take<T>(key: string, deadline: Date, work: () => Promise<T>, comesBack: (result: T) => boolean): Promise<T> {
    const ticket = this.#keptTicket(key) ?? (await drawTicket(this.#folder, this.#clock));
    if (ticket === null) return work();
    let isKept = false;
    try {
      await waitForTurn(this.#folder, ticket, this.#clock, deadline);
      const result = await work();
      isKept = comesBack(result);
      return result;
    } finally {
      if (isKept) this.#kept.set(key, { ticket, timer: setTimeout(() => void this.#giveBack(key), GRACE_MS) });
      else await removeTicket(this.#folder, ticket);
    }
  }

  /** Gives back the turns that were kept for work that never came. */
  async close(): Promise<void> {
    await Promise.all([...this.#kept.keys()].map((key) => this.#giveBack(key)));
  }

  #keptTicket(key: string): string | undefined {
    const kept = this.#kept.get(key);
    clearTimeout(kept?.timer);
    this.#kept.delete(key);
    return kept?.ticket;
  }

  async #giveBack(key: string): Promise<void> {
    const ticket = this.#keptTicket(key);
    if (ticket !== undefined) await removeTicket(this.#folder, ticket);
  }
}

async function removeTicket(folder: string, ticket: string): Promise<void> {
  await rm(join(folder, ticket), { force: true }).catch(() => {});
}

/** Null where the folder cannot be written: then there are no turns. */
async function drawTicket(folder: string, clock: Clock): Promise<string | null> {
  const ticket = `${clock.now().getTime().toString().padStart(15, "0")}-${process.pid}-${randomBytes(6).toString("base64url")}`;
  try {
    await makeFolders(folder, 0o700);
    await writeFile(join(folder, ticket), "", { flag: "wx", mode: 0o600 });
    return ticket;
  } catch {
    return null;
  }
}

async function waitForTurn(folder: string, ticket: string, clock: Clock, deadline: Date): Promise<void> {
  let touched = clock.now().getTime();
  while (!(await isFirst(folder, ticket, clock))) {
    const now = clock.now();
    if (now >= deadline) return;
    if (now.getTime() - touched > TOUCH_MS) {
      await utimes(join(folder, ticket), now, now).catch(() => {});
      touched = now.getTime();
    }
    await clock.sleep(POLL_MS);
  }
}

async function isFirst(folder: string, ticket: string, clock: Clock): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.toSorted(byCodePoint)) {
    if (name >= ticket) return true;
    const pid = Number(TICKET.exec(name)?.[1] ?? "NaN");
    if (Number.isNaN(pid)) continue;
    if (isAlive(pid) && !(await isStale(join(folder, name), clock))) return false;
    await removeTicket(folder, name);
  }
  return true;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be signalled, but it lives.
    return errnoOf(error) === "EPERM";
  }
}

async function isStale(path: string, clock: Clock): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found === null || clock.now().getTime() - found.mtimeMs > STALE_MS;
}
