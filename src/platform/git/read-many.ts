import { on } from "node:events";
import { setImmediate } from "node:timers/promises";
import { InFlight, type Lists } from "../../kernel/in-flight.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { Blob } from "../../ports/git-store.ts";
import type { Git } from "./git-process.ts";
import { ObjectCutter, type ObjectStream, type StreamedObject, streamOf } from "./object-stream.ts";
import type { Algorithm, ObjectKind } from "./objects.ts";

/** How many pieces of a stream are taken ahead, of at most 64 KiB each. */
const AHEAD = { highWaterMark: 64, lowWaterMark: 32 };

/**
 * Objects that git is asked for before it has answered. It holds back up to a few KiB, which half a thousand of the smallest ones are
 * more than; so many that it has something to do while others work.
 */
const MOST_IN_FLIGHT = 2048;

/** What a stream of objects is asked for. */
export interface Wanted {
  readonly oids: Lists<Oid>;
  readonly kind: ObjectKind;
  readonly maxBytes: number;
}

/**
 * Reads objects of one kind from a folder of them, those of a piece together, through one git that gathers what it says, which takes
 * half the time of asking it for each. It ends early at an object that is absent, larger, of another kind or damaged, where its ids do,
 * and where no git can be had: whoever asks for the next one by itself gets the reason.
 */
export async function* readMany(
  git: Git,
  folder: string,
  algorithm: Algorithm,
  wanted: Wanted,
): AsyncGenerator<readonly Blob[]> {
  const flight = new InFlight(wanted.oids, MOST_IN_FLIGHT);
  try {
    const stream = await streamOf(git, folder, algorithm, flight.lists()).catch(() => null);
    if (stream !== null) yield* readStream(stream, algorithm, wanted, flight);
  } finally {
    flight.end();
  }
}

/** Reads objects of one kind off a stream, those that are in flight or whatever comes, as {@link readMany} does. */
export async function* readStream(
  stream: ObjectStream,
  algorithm: Algorithm,
  wanted: Omit<Wanted, "oids">,
  flight?: InFlight<Oid>,
): AsyncGenerator<readonly Blob[]> {
  try {
    for await (const objects of objectsOf(stream, algorithm, wanted.maxBytes)) {
      const other = objects.findIndex(
        ({ oid, kind }, i) => kind !== wanted.kind || (flight !== undefined && flight.at(i) !== oid),
      );
      const some = other < 0 ? objects : objects.slice(0, other);
      flight?.answer(some.length);
      if (some.length > 0) yield some;
      if (other >= 0 || flight?.isDone === true) return;
    }
  } finally {
    stream.end();
  }
}

/**
 * Objects of a stream, those of a piece together. Pieces are taken while those before are worked on, so that git goes on meanwhile: a
 * pipe holds little, and who works in promises alone leaves it full.
 */
async function* objectsOf(
  { contents }: ObjectStream,
  algorithm: Algorithm,
  maxBytes: number,
): AsyncGenerator<readonly StreamedObject[]> {
  // Nobody hears the end of what has ended already; what it said is gone.
  if (contents.destroyed) return;
  const cutter = new ObjectCutter(algorithm, maxBytes);
  const pieces = on(contents, "data", { close: ["close"], ...AHEAD }) as AsyncIterable<readonly [Buffer]>;
  for await (const [piece] of pieces) {
    yield cutter.take(piece);
    if (cutter.hasEnded) return;
    await setImmediate();
  }
}
