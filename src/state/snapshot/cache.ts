import { isSha256, sha256Hex } from "../../kernel/digest.ts";
import { ToolError } from "../../kernel/errors.ts";
import { type Data, isData, type Json } from "../../kernel/json.ts";
import { isOid, type Oid } from "../../kernel/oid.ts";
import { checksum } from "../../inspect/checksum.ts";
import type { Folder } from "../../ports/files.ts";
import { isMonth } from "./months.ts";
import { type Step, stepsOf } from "./redo.ts";
import type { KeepShard, Shard } from "./shards.ts";

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

/** Names a core: by its digest, and by what every command checks, since whoever may write here could write both. */
export interface CoreName {
  readonly sha256: string;
  readonly checksum: string;
}

/** What is stored of a snapshot besides its databases. */
export interface Kept {
  readonly asOf: AsOf;
  readonly core: CoreName;
  readonly shards: readonly Shard[];
  /** What was written to the core since it was stored. */
  readonly steps: readonly Step[];
}

/** A snapshot as it was stored: with the bytes of its core. */
export interface Stored extends Kept {
  readonly bytes: Uint8Array;
}

/** Names everything else; read first, and written last. */
const HEAD = "snapshot";
/** Databases of a snapshot begin with this, and go on with what they are and their digest: a file of one name never changes. */
const PREFIX = "snapshot-";

const coreFile = ({ sha256 }: CoreName) => `${PREFIX}core-${sha256.slice(0, 16)}`;
const shardFile = ({ month, sha256 }: Shard) => `${PREFIX}${month}-${sha256.slice(0, 16)}`;

/**
 * Reads the stored snapshot, without its shards. Null where there is none, it does not fit, or a byte of it is wrong: the first line
 * of its head is the digest of the rest, and the head has the checksum of the core.
 */
export async function readCached(cache: Folder, key: CacheKey): Promise<Stored | null> {
  const kept = await readHead(cache, key);
  if (kept === null) return null;
  const bytes = await readCore(cache, kept.core);
  if (bytes !== null) return { ...kept, bytes };
  // Another process may have put a newer one in its place between the two reads.
  const again = await readHead(cache, key);
  if (again === null || again.core.sha256 === kept.core.sha256) return null;
  const newer = await readCore(cache, again.core);
  return newer === null ? null : { ...again, bytes: newer };
}

async function readHead(cache: Folder, key: CacheKey): Promise<Kept | null> {
  const file = await readFile(cache, HEAD);
  const end = file?.indexOf(0x0a) ?? -1;
  if (file === null || end < 0) return null;
  const rest = file.subarray(end + 1);
  if (sha256Hex(rest) !== new TextDecoder().decode(file.subarray(0, end))) return null;
  const value = parsed(new TextDecoder().decode(rest));
  if (!isData(value) || value["version"] !== key.version || value["schema"] !== key.schema) return null;
  const kept = keptOf(value);
  return kept === null || (key.root !== null && kept.asOf.root !== key.root) ? null : kept;
}

/** A folder or a link in the place of a file is damage as well. */
async function readFile(cache: Folder, name: string): Promise<Uint8Array | null> {
  try {
    return await cache.read(name);
  } catch (cause) {
    if (cause instanceof ToolError && cause.code === "file.not_regular") return null;
    throw cause;
  }
}

async function readCore(cache: Folder, name: CoreName): Promise<Uint8Array | null> {
  const bytes = await readFile(cache, coreFile(name));
  return bytes !== null && checksum(bytes) === name.checksum ? bytes : null;
}

async function readDigested(cache: Folder, file: string, sha256: string): Promise<Uint8Array | null> {
  const bytes = await readFile(cache, file);
  return bytes !== null && sha256Hex(bytes) === sha256 ? bytes : null;
}

/** Stores the core of a snapshot and answers its name, which nothing else knows yet. */
export async function writeCore(cache: Folder, bytes: Uint8Array): Promise<CoreName> {
  const name = { sha256: sha256Hex(bytes), checksum: checksum(bytes) };
  await cache.write(coreFile(name), bytes);
  return name;
}

/** Removes databases that the head does not name. Who has read an older head and finds none of its files reads the head again. */
export async function removeOthers(cache: Folder, { core, shards }: Pick<Kept, "core" | "shards">): Promise<void> {
  const named = new Set([coreFile(core), ...shards.map(shardFile)]);
  for (const name of await cache.names("")) if (name.startsWith(PREFIX) && !named.has(name)) await cache.remove(name);
}

/** Stores what names the databases, which are there by then; the folder's writer replaces it as a whole. */
export async function writeHead(cache: Folder, { version, schema }: Omit<CacheKey, "root">, kept: Kept): Promise<void> {
  const rest = Buffer.from(JSON.stringify({ version, schema, ...kept }));
  await cache.write(HEAD, Buffer.concat([Buffer.from(`${sha256Hex(rest)}\n`), rest]));
}

/** Shards of this run: in the cache, or in memory where they cannot be stored. */
export interface ShardStore {
  readonly keep: KeepShard;
  /** Null where it is not there, or a byte of it is wrong. */
  read(shard: Shard): Promise<Uint8Array | null>;
}

/** Opens the shards of a cache. */
export function shardStore(cache: Folder): ShardStore {
  const held = new Map<string, Uint8Array>();
  return {
    async keep(shard, bytes) {
      try {
        await cache.write(shardFile(shard), bytes);
      } catch (cause) {
        if (!(cause instanceof ToolError) || cause.code === "internal.bug") throw cause;
        held.set(shard.sha256, bytes);
      }
    },
    read: async (shard) => held.get(shard.sha256) ?? readDigested(cache, shardFile(shard), shard.sha256),
  };
}

function keptOf({ asOf, core, shards, steps }: Data): Kept | null {
  const shown = isData(asOf) ? asOfOf(asOf) : null;
  const written = stepsOf(steps);
  const parts = Array.isArray(shards) ? shards.map(shardOf) : [null];
  const name = isData(core) ? coreNameOf(core) : null;
  if (shown === null || written === null || name === null) return null;
  const known = parts.filter((shard) => shard !== null);
  return known.length === parts.length ? { asOf: shown, core: name, shards: known, steps: written } : null;
}

function coreNameOf({ sha256, checksum: sum }: Data): CoreName | null {
  return typeof sha256 === "string" && isSha256(sha256) && typeof sum === "string" ? { sha256, checksum: sum } : null;
}

/** Reads what names a shard; null where it names none. */
function shardOf(value: unknown): Shard | null {
  if (!isData(value)) return null;
  const { month, rows, size_bytes: size, sha256 } = value;
  if (typeof month !== "string" || !isMonth(month) || typeof size !== "number") return null;
  if (typeof sha256 !== "string" || !isSha256(sha256) || !isData(rows)) return null;
  const counts = Object.entries(rows).map(([name, count]) => [name, Number(count)] as const);
  return { month, rows: Object.fromEntries(counts), size_bytes: size, sha256 };
}

function asOfOf({ state, stateAt, decisions, decisionsAt, root, checkpoint }: Data): AsOf | null {
  if (!isOidText(state) || typeof stateAt !== "string") return null;
  if (!isOidOrNull(decisions) || !isOidOrNull(root)) return null;
  if (decisionsAt !== null && typeof decisionsAt !== "string") return null;
  return { state, stateAt, decisions, decisionsAt, root, checkpoint: checkpointOf(checkpoint) };
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
