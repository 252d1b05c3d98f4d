import { isSha256, sha256Hex } from "../../kernel/digest.ts";
import { isData, type Json } from "../../kernel/json.ts";
import { isOid, type Oid } from "../../kernel/oid.ts";
import type { Folder } from "../../ports/files.ts";

/** What a snapshot shows: tips of both branches, their times, and the root that decisions were judged from. */
export interface AsOf {
  readonly state: Oid;
  readonly stateAt: string;
  readonly decisions: Oid | null;
  readonly decisionsAt: string | null;
  readonly root: Oid | null;
  /** An attestor's word that the branches had come this far; null where none vouches for these tips. */
  readonly checkpoint: { readonly madeAt: string; readonly expires: string } | null;
}

/** What a stored snapshot must agree with besides the tips; `root` null takes any, since the cache folder pins one. */
export interface CacheKey {
  readonly version: string;
  readonly schema: string;
  readonly root: Oid | null;
}

/** A snapshot as it was stored. */
export interface Stored {
  readonly asOf: AsOf;
  readonly bytes: Uint8Array;
}

const FILE = "snapshot";
/** Longest first line; ours have about 400 bytes. */
const MAX_HEADER_BYTES = 4096;

/**
 * Reads the stored snapshot. One file holds a line of JSON with key and digest, and the database behind it, so that the two
 * never come from different runs. Null where there is none, it does not fit, or a byte of it is wrong.
 */
export async function readCached(cache: Folder, key: CacheKey): Promise<Stored | null> {
  const file = await cache.read(FILE);
  const end = file?.subarray(0, MAX_HEADER_BYTES).indexOf(0x0a) ?? -1;
  if (file === null || end < 0) return null;
  const header = headerOf(new TextDecoder().decode(file.subarray(0, end)));
  if (header === null || header.version !== key.version || header.schema !== key.schema) return null;
  if (key.root !== null && header.asOf.root !== key.root) return null;
  const bytes = file.subarray(end + 1);
  return sha256Hex(bytes) === header.sha256 ? { asOf: header.asOf, bytes } : null;
}

/** Stores a snapshot; the folder's writer replaces the old file as a whole. */
export async function writeCached(cache: Folder, key: CacheKey, asOf: AsOf, bytes: Uint8Array): Promise<void> {
  const header = { version: key.version, schema: key.schema, sha256: sha256Hex(bytes), asOf };
  await cache.write(FILE, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), bytes]));
}

interface Header extends Omit<CacheKey, "root"> {
  readonly sha256: string;
  readonly asOf: AsOf;
}

function headerOf(text: string): Header | null {
  const value = parsed(text);
  if (!isData(value) || !isData(value["asOf"])) return null;
  const { version, schema, sha256, asOf } = value;
  const { state, stateAt, decisions, decisionsAt, root, checkpoint } = asOf;
  if (typeof version !== "string" || typeof schema !== "string" || typeof sha256 !== "string") return null;
  if (!isSha256(sha256) || !isOidText(state) || typeof stateAt !== "string") return null;
  if (!isOidOrNull(decisions) || !isOidOrNull(root)) return null;
  if (decisionsAt !== null && typeof decisionsAt !== "string") return null;
  const vouched = checkpointOf(checkpoint);
  return { version, schema, sha256, asOf: { state, stateAt, decisions, decisionsAt, root, checkpoint: vouched } };
}

function checkpointOf(value: Json | undefined): AsOf["checkpoint"] {
  const { madeAt, expires } = isData(value) ? value : {};
  return typeof madeAt === "string" && typeof expires === "string" ? { madeAt, expires } : null;
}

function isOidText(value: unknown): value is Oid {
  return typeof value === "string" && isOid(value);
}

function isOidOrNull(value: unknown): value is Oid | null {
  return value === null || isOidText(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
