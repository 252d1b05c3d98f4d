import { setImmediate, setTimeout } from "node:timers/promises";
import { ToolError } from "../../kernel/errors.ts";
import { InFlight } from "../../kernel/in-flight.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { Blob } from "../../ports/git-store.ts";
import { type RawObjects, readAllOf } from "./raw-objects.ts";
import type { ObjectKind } from "./objects.ts";
import type { Wanted } from "./read-many.ts";

/** Objects that are not here, by id. */
export type Orders = ReadonlyMap<Oid, ObjectKind>;

/** Where objects come from that a repository does not hold. */
export interface Supplier {
  /** Brings objects here, all of them together. One that nobody has stays away. */
  supply(orders: Orders): Promise<void>;
  /** Ids of those that are not here. */
  absentOf(oids: readonly Oid[]): Promise<readonly Oid[]>;
  /** Makes good what is damaged here; false where that cannot be, was tried already, or the other side does not have it. */
  heal(damaged: Oid): Promise<boolean>;
  /** What to say of an object that could not be had. */
  notHad(error: ToolError, oid: Oid): ToolError;
}

/** Longest that a batch waits for reads which may want more. Before Git 2.45 a process ends at each object that a partial clone lacks. */
const PATIENCE_MS = 2000;
/** Turns of the event loop after which a batch looks once a millisecond. */
const TURNS = 50;

/**
 * Puts a supplier behind raw objects. What is found absent is ordered together with all that is found absent until every reader
 * waits, so that one fetch serves them; then they are read again. `open` makes the objects anew where the disk was exchanged.
 */
export function suppliedObjects(open: () => RawObjects, supplier: Supplier): RawObjects {
  const opened = [open()];
  const raw = (): RawObjects => opened.at(-1) ?? open();
  const batch = new Batch((orders) => supplier.supply(orders));
  const attempt: RawObjects["read"] = (...asked) => batch.reading(raw().read(...asked));
  const readSupplied: RawObjects["read"] = async (oid, kind, accept) => {
    const before = await attempt(oid, kind, accept).catch((error: unknown) => orMissing(error));
    if (before instanceof Uint8Array) return before;
    await batch.order([oid], kind);
    return attempt(oid, kind, accept);
  };
  const read: RawObjects["read"] = async (oid, kind, accept) => {
    try {
      return await readSupplied(oid, kind, accept);
    } catch (error) {
      const isHealed = isLost(error) && (await supplier.heal(oid));
      if (isHealed) opened.push(open());
      // What is not there even now was damaged or gone on the other side too.
      const again = isHealed ? await readSupplied(oid, kind, accept).catch((cause: unknown) => asError(cause)) : error;
      if (again instanceof Uint8Array) return again;
      const final = hasCode(again, "state.object.missing") ? error : again;
      throw hasCode(final, "state.object.missing") ? supplier.notHad(final, oid) : final;
    }
  };
  return {
    algorithm: raw().algorithm,
    read,
    async readAll(oids, kind, accept) {
      const together = () => batch.reading(readAllOf(raw())(oids, kind, accept));
      try {
        return await together();
      } catch (error) {
        orMissing(error);
        await batch.order(await supplier.absentOf(oids), kind);
      }
      return together();
    },
    readMany: (wanted) => manySupplied(raw, supplier, batch, wanted),
    firstParents: (stretch, wanted) => raw().firstParents?.(stretch, wanted) ?? none(),
    write: (objects) => raw().write(objects),
    async close() {
      await Promise.all(opened.map((each) => each.close()));
    },
  };
}

/** Orders what stops a reading together with all that is known to be absent behind it, and goes on. */
async function* manySupplied(
  raw: () => RawObjects,
  supplier: Supplier,
  batch: Batch,
  wanted: Wanted,
): AsyncGenerator<readonly Blob[]> {
  const flight = new InFlight(wanted.oids);
  try {
    for (;;) {
      for await (const some of manyOf(raw(), { ...wanted, oids: flight.lists() })) {
        flight.answer(some.length);
        yield some;
      }
      if (flight.isDone) return;
      const absent = await supplier.absentOf(flight.open());
      if (absent.length === 0) return;
      await batch.order(absent, wanted.kind);
      // Still not here: reading it by itself says why.
      if ((await supplier.absentOf(absent)).length > 0) return;
    }
  } finally {
    flight.end();
  }
}

function manyOf(raw: RawObjects, wanted: Wanted): AsyncIterable<readonly Blob[]> {
  return raw.readMany?.(wanted) ?? none();
}

async function* none(): AsyncGenerator<never> {}

function hasCode(error: unknown, code: ToolError["code"]): error is ToolError {
  return error instanceof ToolError && error.code === code;
}

/** Tells whether an object is damaged, or not to be had although it was just fetched. */
function isLost(error: unknown): boolean {
  return hasCode(error, "state.object.missing") || hasCode(error, "state.object.corrupt");
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}

/** The error of an absent object; any other is thrown on. */
function orMissing(error: unknown): ToolError {
  if (hasCode(error, "state.object.missing")) return error;
  throw error;
}

/** Orders that are carried out together as soon as nobody is reading. */
class Batch {
  readonly #supply: (orders: Orders) => Promise<void>;
  #reading = 0;
  #orders = new Map<Oid, ObjectKind>();
  #next: Promise<void> | null = null;

  constructor(supply: (orders: Orders) => Promise<void>) {
    this.#supply = supply;
  }

  async reading<T>(work: Promise<T>): Promise<T> {
    this.#reading += 1;
    try {
      return await work;
    } finally {
      this.#reading -= 1;
    }
  }

  order(oids: readonly Oid[], kind: ObjectKind): Promise<void> {
    for (const oid of oids) this.#orders.set(oid, kind);
    this.#next ??= this.#carryOut();
    return this.#next;
  }

  async #carryOut(): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    for (let turns = 0; turns === 0 || (this.#reading > 0 && performance.now() < until); turns += 1)
      await (turns < TURNS ? setImmediate() : setTimeout(1));
    const orders = this.#orders;
    this.#orders = new Map();
    this.#next = null;
    if (orders.size > 0) await this.#supply(orders);
  }
}
