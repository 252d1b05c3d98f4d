import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../file-errors.ts";
import { byCodePoint } from "../../kernel/text.ts";
import type { Clock } from "../../ports/clock.ts";

/** A ticket that nobody has touched for so long belongs to nobody. */
const STALE_MS = 120_000;
const POLL_MS = 8;
const TOUCH_MS = 10_000;
const TICKET = /^[0-9]{15}-([0-9]{1,10})-[A-Za-z0-9_-]+$/;

/**
 * Takes turns among the processes of one user: each draws a ticket in a folder, and the oldest living one goes first. Whoever
 * wins a race for a remote branch knows its head and wins again, so without turns the others starve. Only fairness rests on
 * this: what is written is kept right by compare-and-swap, so a lost ticket or a second winner does no harm.
 */
export async function inTurn<T>(folder: string, clock: Clock, deadline: Date, work: () => Promise<T>): Promise<T> {
  const ticket = await drawTicket(folder, clock);
  try {
    if (ticket !== null) await waitForTurn(folder, ticket, clock, deadline);
    return await work();
  } finally {
    if (ticket !== null) await rm(join(folder, ticket), { force: true }).catch(() => {});
  }
}

/** Null where the folder cannot be written: then there are no turns. */
async function drawTicket(folder: string, clock: Clock): Promise<string | null> {
  const ticket = `${clock.now().getTime().toString().padStart(15, "0")}-${process.pid}-${randomBytes(6).toString("base64url")}`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
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
    await rm(join(folder, name), { force: true }).catch(() => {});
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
