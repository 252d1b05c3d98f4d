import { expect } from "vitest";
import { artifactBytes } from "../../src/distribution/checks.ts";
import { holdsEvidence } from "../../src/gate/verify/against-facts.ts";
import type { Helpers } from "../../src/gate/verify/facts-ahead.ts";
import { holdsSegment } from "../../src/gate/verify/seal-anchored.ts";
import { type Verification, verifyRepository } from "../../src/gate/verify/verify-repository.ts";
import type { GateGround } from "../../src/gate/ground.ts";
import type { VerifyCheck, VerifyGround } from "../../src/state/verify/check.ts";
import { walkPart } from "../../src/state/verify/part.ts";
import { tallying } from "../../src/state/verify/tally.ts";
import { memoryFolder } from "./memory-folder.ts";

/** A helper that walks parts of so many commits, in this thread. */
export function helpersHere(ground: VerifyGround, checks: readonly VerifyCheck[], size: number): Helpers {
  const helped = () => [...checks, artifactBytes(null, { records: 0, read: 0 }, null), tallying({})];
  const isNoted: Parameters<typeof walkPart>[0]["isNoted"] = (file) => holdsEvidence(file) || holdsSegment(file);
  return {
    size,
    start: () => ({
      helps: new Set(helped().flatMap((check) => check.helped ?? [])),
      ask: (job) => walkPart({ ground, checks: helped, isNoted }, job).catch(() => null),
      close: () => Promise.resolve(),
    }),
  };
}

/** Verifies alone, and with a helper that walks parts of one commit each: both find the same. */
export async function verifyTwice(ground: GateGround, how: Verification): ReturnType<typeof verifyRepository> {
  const cache = await copyOf(ground.cache);
  const alone = await verifyRepository(ground, how);
  const helped = await verifyRepository({ ...ground, cache }, { ...how, helpers: helpersHere(ground, how.checks, 1) });
  expect({ ...helped, duration_ms: 0 }).toEqual({ ...alone, duration_ms: 0 });
  return alone;
}

async function copyOf(from: GateGround["cache"]): Promise<GateGround["cache"]> {
  const copy = memoryFolder();
  for (const path of await from.names("")) {
    const bytes = await from.read(path);
    if (bytes !== null) await copy.write(path, bytes);
  }
  return copy;
}
