import fc from "fast-check";
import { expect, test } from "vitest";
import { InFlight } from "../../../src/kernel/in-flight.ts";

/** Takes lists until some are known, as who gives up then does. */
async function take(flight: InFlight<number>, count: number): Promise<readonly number[]> {
  const taken: number[] = [];
  if (count === 0) return taken;
  for await (const list of flight.lists()) {
    taken.push(...list);
    if (taken.length >= count) break;
  }
  return taken;
}

test("whoever begins again begins with the first that is not answered, and nothing is lost", async () => {
  const lists = fc.array(fc.array(fc.nat(), { maxLength: 5 }), { maxLength: 8 });
  const tries = fc.array(fc.record({ takes: fc.nat(20), answers: fc.nat(20) }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(lists, tries, fc.boolean(), async (source, attempts, isLate) => {
      const late = async function* () {
        for (const list of source) yield await Promise.resolve(list);
      };
      const flight = new InFlight(isLate ? late() : source);
      const all = source.flat();
      let done = 0;
      for (const { takes, answers } of attempts) {
        const taken = await take(flight, takes);
        expect(taken).toEqual(all.slice(done, done + taken.length));
        const answered = flight.answer(Math.min(answers, taken.length));
        expect(answered).toEqual(taken.slice(0, answers));
        done += answered.length;
      }
      expect(await take(flight, Number.POSITIVE_INFINITY)).toEqual(all.slice(done));
      expect(flight.open()).toEqual(all.slice(done));
      flight.answer(all.length);
      expect(flight.isDone).toBe(true);
    }),
  );
});

test("no list is asked for while as many are in flight as may be", async () => {
  let asked = 0;
  const source = function* () {
    for (; asked < 100; asked += 1) yield [asked];
  };
  const flight = new InFlight(source(), 3);
  const seen: number[] = [];
  let most = 0;
  for await (const list of flight.lists()) {
    seen.push(...list);
    most = Math.max(most, flight.size);
    if (flight.size === 3) setImmediate(() => flight.answer(2));
  }
  expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(most).toBe(3);
});

test("everyone hears that the source failed, after what it said before", async () => {
  const source = async function* () {
    yield [1, 2];
    throw new Error("no more");
  };
  const flight = new InFlight(source());
  expect(await flight.knows(2)).toBe(true);
  expect(await flight.knows(3)).toBe(false);
  for (const _ of ["first", "second"]) {
    const lists = flight.lists();
    expect((await lists.next()).value).toEqual([1, 2]);
    await expect(lists.next()).rejects.toThrow("no more");
  }
  expect(flight.isDone).toBe(false);
});

test("its end lets go of who waits for room, and of the source", async () => {
  let hasGone = false;
  const source = async function* () {
    try {
      for (;;) yield [1];
    } finally {
      hasGone = true;
    }
  };
  const flight = new InFlight(source(), 2);
  const lists = flight.lists();
  expect([(await lists.next()).value, (await lists.next()).value]).toEqual([[1], [1]]);
  const waiting = lists.next();
  flight.end();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(hasGone).toBe(true);
});
