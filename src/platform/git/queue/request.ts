import { actOf } from "../../../kernel/act.ts";
import { type Data, isData, type Json } from "../../../kernel/json.ts";
import { isOid, type Oid } from "../../../kernel/oid.ts";
import type { Change } from "../../../ports/git-store.ts";
import type { Act, Actor } from "../../../kernel/act.ts";

/** Longest request, as it lies in the queue; a larger change goes without. */
export const REQUEST_BYTES = 12 * 1024 * 1024;
/** Files that one request reads or writes. */
const MAX_PATHS = 20_000;

/** A change that waits in the queue. */
export interface Request {
  readonly branch: string;
  readonly change: Change;
  /** Its deadline, as time that has passed since the moment that all processes count from. */
  readonly untilMs: number;
}

/** Prints a request; null where it is too large to be queued. */
export function printRequest({ branch, change, untilMs }: Request): Uint8Array | null {
  const { act, reads, writes, message, onto, merge } = change;
  const sizeBytes = [...writes.values()].reduce((sum, bytes) => sum + (bytes?.length ?? 0), 0);
  if (sizeBytes > REQUEST_BYTES / 2 || reads.size > MAX_PATHS || writes.size > MAX_PATHS) return null;
  const { operation, at, actor, requestId, command } = act;
  const printed = Buffer.from(
    JSON.stringify({
      branch,
      untilMs,
      act: { operation, at, actor, requestId, command },
      reads: [...reads],
      writes: [...writes].map(([path, bytes]) => [path, bytes === null ? null : Buffer.from(bytes).toString("base64")]),
      message,
      onto: onto ?? null,
      merge: merge ?? null,
    }),
  );
  return printed.length > REQUEST_BYTES ? null : printed;
}

/** Reads a request; null where it is none. Paths and the name of the branch are judged where they are used. */
export function parseRequest(bytes: Uint8Array): Request | null {
  const value = jsonOf(bytes) ?? {};
  const { branch, untilMs } = value;
  const change = changeIn(value);
  return typeof branch === "string" && typeof untilMs === "number" && change !== null
    ? { branch, untilMs, change }
    : null;
}

function changeIn(value: Data): Change | null {
  const { message } = value;
  const act = actIn(value["act"]);
  const reads = pairsIn(value["reads"], oidOrNull);
  const writes = pairsIn(value["writes"], bytesOrNull);
  const [onto, merge] = [oidOrNull(value["onto"]), oidOrNull(value["merge"])];
  if (act === null || reads === null || writes === null || typeof message !== "string") return null;
  if (onto === undefined || merge === undefined) return null;
  return { act, reads, writes, message, ...(onto === null ? {} : { onto }), ...(merge === null ? {} : { merge }) };
}

/** Reads a JSON object; null where there is none. */
export function jsonOf(bytes: Uint8Array): Data | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return isData(value) ? value : null;
  } catch {
    return null;
  }
}

function actIn(value: Json | undefined): Act | null {
  if (!isData(value)) return null;
  const { operation, at, requestId, command } = value;
  const actor = actorIn(value["actor"]);
  if (actor === null || typeof operation !== "string" || typeof at !== "string") return null;
  if (typeof requestId !== "string" || typeof command !== "string" || Number.isNaN(Date.parse(at))) return null;
  return actOf({ operation, at, actor, requestId, command });
}

function actorIn(value: Json | undefined): Actor | null {
  if (!isData(value)) return null;
  const { kind, name, id, verified } = value;
  if (kind !== "human" && kind !== "workflow" && kind !== "token" && kind !== "tool") return null;
  return typeof name === "string" && typeof id === "string" && typeof verified === "boolean"
    ? { kind, name, id, verified }
    : null;
}

function pairsIn<T>(
  value: Json | undefined,
  read: (item: Json | undefined) => T | undefined,
): ReadonlyMap<string, T> | null {
  if (!isList(value) || value.length > MAX_PATHS) return null;
  const found = new Map<string, T>();
  for (const pair of value) {
    const [path, item] = isList(pair) ? pair : [];
    const given = read(item);
    if (typeof path !== "string" || given === undefined) return null;
    found.set(path, given);
  }
  return found;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function oidOrNull(value: Json | undefined): Oid | null | undefined {
  if (value === null) return null;
  return typeof value === "string" && isOid(value) ? value : undefined;
}

function bytesOrNull(value: Json | undefined): Uint8Array | null | undefined {
  if (value === null) return null;
  return typeof value === "string" ? Buffer.from(value, "base64") : undefined;
}
