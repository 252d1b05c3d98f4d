import { join } from "node:path";
import { errnoOf } from "../../file-errors.ts";
import type { QueueDisk } from "./disk.ts";
import type { Processes } from "./processes.ts";
import { type Entry, entryOf, FREE, nameOf, newTicket } from "./tickets.ts";

const ROOM = /^room-([0-9]{1,9})$/;
const EMPTY = new Uint8Array();

/** What a writer sees of the queue at one moment. */
export interface Sight {
  readonly entries: readonly Entry[];
  /** Who has the lead; null where it is free, undefined where it was not seen. */
  readonly leader: Entry | null | undefined;
}

/** What the rooms of a queue are made of. */
export interface RoomParts {
  readonly folder: string;
  readonly disk: QueueDisk;
  readonly processes: Processes;
  /** How long, in milliseconds, a leader may be silent. */
  readonly leaseMs: number;
}

/**
 * The folder in which writers meet: `room-<n>`, with a file `free` that stands for the lead. Whoever renames it to a name of its own
 * leads. A leader that is dead or silent is replaced by renaming the whole room to the next number: from then on nothing that the old
 * one writes by its path gets anywhere, so it cannot answer for what is no longer its own. Everything here is one rename or one new file
 * and can end at any point.
 */
export class Rooms {
  readonly #parts: RoomParts;

  constructor(parts: RoomParts) {
    this.#parts = parts;
  }

  /** Path of the room in use, made where there is none. */
  async open(): Promise<string> {
    const { folder, disk } = this.#parts;
    await disk.makeOwn(folder);
    const number = await this.#newest();
    if (number !== 0) return this.#path(number);
    const aside = join(folder, await this.#draftName());
    await disk.makeFolder(aside);
    await disk.create(join(aside, FREE), EMPTY);
    if (!(await this.#movesInto(aside, this.#path(1)))) await disk.remove(aside);
    return this.#path((await this.#newest()) || 1);
  }

  /** What lies in the room in use; null where there is none. */
  async peek(): Promise<Sight | null> {
    return this.look(this.#path(await this.#newest().catch(() => 0)));
  }

  /** What lies in a room; null where it is no longer in use. */
  async look(room: string): Promise<Sight | null> {
    try {
      const names = await this.#parts.disk.names(room);
      const entries = names.map(entryOf).filter((entry) => entry !== null);
      const leader = entries.find(({ kind }) => kind === "lead");
      return { entries, leader: leader ?? (names.includes(FREE) ? null : undefined) };
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return null;
      throw error;
    }
  }

  /** Puts a file into a room, whole or not at all; false where the room is no longer in use. */
  async put(room: string, kind: "request" | "answer", ticket: string, content: Uint8Array): Promise<boolean> {
    const { disk } = this.#parts;
    const draft = join(room, await this.#draftName());
    try {
      await disk.create(draft, content);
      return await disk.rename(draft, join(room, nameOf(kind, ticket)));
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return false;
      await disk.remove(draft).catch(() => {});
      throw error;
    }
  }

  /** Takes a lead that is free. */
  async lead(room: string, ticket: string): Promise<boolean> {
    const { disk } = this.#parts;
    // Who holds it must not look silent at the moment it takes it.
    return (await this.beat(join(room, FREE))) && disk.rename(join(room, FREE), this.leadPath(room, ticket));
  }

  /** Path of the file that stands for somebody's lead. */
  leadPath(room: string, ticket: string): string {
    return join(room, nameOf("lead", ticket));
  }

  /** Says that the leader is there. */
  beat(path: string): Promise<boolean> {
    return this.#parts.disk.beat(path, this.#parts.processes.elapsedMs() / 1000);
  }

  /** Tells whether a leader is dead, or has been silent for longer than a lease. */
  async isGone(room: string, { ticket, owner }: Entry): Promise<boolean> {
    const { disk, processes, leaseMs } = this.#parts;
    if (!(await processes.isAlive(owner))) return true;
    const beat = await disk.beatOf(this.leadPath(room, ticket));
    if (beat === null) return false;
    const silentMs = processes.elapsedMs() - beat * 1000;
    // A beat from later than now is from before the machine started again.
    return silentMs > leaseMs || silentMs < -leaseMs;
  }

  /** Takes the lead from whoever has it, by moving all into the next room; answers that room, or null where another was quicker. */
  async replace(room: string, ticket: string): Promise<string | null> {
    const { folder, disk } = this.#parts;
    const number = Number(ROOM.exec(room.slice(folder.length + 1))?.[1]);
    const next = this.#path(number + 1);
    if (!(await this.#movesInto(room, next))) return null;
    const names = await disk.names(next).catch(() => []);
    const [held, ...more] = names.filter((name) => name === FREE || entryOf(name)?.kind === "lead");
    for (const name of more) await disk.remove(join(next, name));
    if (held === undefined) await disk.create(join(next, FREE), EMPTY);
    const from = join(next, held ?? FREE);
    const isTaken = (await this.beat(from)) && (await disk.rename(from, this.leadPath(next, ticket)));
    if (!isTaken) return null;
    await this.#sweep(number + 1);
    return next;
  }

  /** Lets the lead go; who was replaced has none. */
  async release(room: string, ticket: string): Promise<void> {
    await this.#parts.disk.rename(this.leadPath(room, ticket), join(room, FREE));
  }

  /** Takes away what a writer left anywhere. */
  async leave(ticket: string): Promise<void> {
    const { folder, disk } = this.#parts;
    for (const name of await disk.names(folder)) {
      if (!ROOM.test(name)) continue;
      for (const kind of ["request", "answer"] as const) await disk.remove(join(folder, name, nameOf(kind, ticket)));
    }
  }

  async #draftName(): Promise<string> {
    const { processes } = this.#parts;
    return nameOf("draft", newTicket(processes.elapsedMs(), await processes.self()));
  }

  #path(number: number): string {
    return join(this.#parts.folder, `room-${number}`);
  }

  /** Highest number of a room, 0 where there is none. */
  async #newest(): Promise<number> {
    const numbers = (await this.#parts.disk.names(this.#parts.folder)).map((name) => Number(ROOM.exec(name)?.[1] ?? 0));
    return Math.max(0, ...numbers);
  }

  async #movesInto(from: string, to: string): Promise<boolean> {
    try {
      return await this.#parts.disk.rename(from, to);
    } catch (error) {
      if (["ENOTEMPTY", "EEXIST"].includes(errnoOf(error))) return false;
      throw error;
    }
  }

  /** Removes rooms that came into being beside the one in use, and what the dead left while they made one. */
  async #sweep(inUse: number): Promise<void> {
    const { folder, disk, processes } = this.#parts;
    for (const name of await disk.names(folder)) {
      const number = Number(ROOM.exec(name)?.[1] ?? Number.NaN);
      const entry = entryOf(name);
      if (number < inUse || (entry !== null && !(await processes.isAlive(entry.owner))))
        await disk.remove(join(folder, name));
    }
  }
}
