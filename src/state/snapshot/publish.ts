import type { Act } from "../../kernel/act.ts";
import { printCanonical } from "../../kernel/canonical-json.ts";
import { sha256Hex } from "../../kernel/digest.ts";
import { ToolError } from "../../kernel/errors.ts";
import { type Data, isData } from "../../kernel/json.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { GitStore } from "../../ports/git-store.ts";
import type { SqlEngine } from "../../ports/sql.ts";
import { SNAPSHOT } from "../branches.ts";
import type { AnyKind } from "../document-kind.ts";
import { digestShard, digestTables, type TableDigests } from "./compare.ts";
import type { Snapshot } from "./open.ts";
import { schemaOf } from "./schema.ts";

/** What digesting a snapshot needs. */
export interface Digesting {
  readonly sql: SqlEngine;
  readonly kinds: readonly AnyKind[];
}

/** Counts and digests every table of the core and of every shard, in order of names and months. */
export async function summarise(
  { sql, kinds }: Digesting,
  { database, history }: Pick<Snapshot, "database" | "history">,
): Promise<TableDigests> {
  const schema = schemaOf(kinds);
  const digests = new Map(digestTables(database, schema));
  for (const { month, bytes } of await history.bytes())
    for (const [name, digest] of await digestShard(sql, schema, { month, bytes })) digests.set(name, digest);
  return digests;
}

/**
 * Replaces `waybill/snapshot` by one commit of the databases and of what they show; null where the same bytes are there already. A shard
 * that was published before is no new object. For browsers and other machines; nobody who decides anything reads it.
 */
export async function publishSnapshot(
  on: Digesting & { readonly store: GitStore },
  snapshot: Pick<Snapshot, "database" | "history" | "asOf">,
  act: Act,
): Promise<Oid | null> {
  const tables = [...(await summarise(on, snapshot))].map(([name, digest]) => ({ name, ...digest }));
  const shows = { ...snapshot.asOf, schema: schemaOf(on.kinds).digest, tables };
  const core = snapshot.database.bytes();
  const shards = await snapshot.history.bytes();
  const files = new Map<string, Uint8Array>([
    ...partsOf(CORE, core),
    ...shards.flatMap(({ month, bytes }) => partsOf(month, bytes)),
  ]);
  const named = [
    { name: CORE, size_bytes: core.length, sha256: sha256Hex(core) },
    ...snapshot.history.shards.map((shard) => ({
      name: shard.month,
      size_bytes: shard.size_bytes,
      sha256: shard.sha256,
    })),
  ];
  files.set(ABOUT, Buffer.from(printCanonical({ ...shows, files: named })));
  return (await isPublished(on.store, files)) ? null : on.store.replace(SNAPSHOT, files, act);
}

/** Tells whether every byte is there already: what is said of them there, anybody may have written. */
async function isPublished(store: GitStore, files: ReadonlyMap<string, Uint8Array>): Promise<boolean> {
  const head = await store.head(SNAPSHOT);
  if (head === null) return false;
  for (const [path, bytes] of files) {
    const [found] = await store.read(head, [path]).catch(tooLargeIsNothing);
    if (!found || !("bytes" in found) || Buffer.compare(found.bytes, bytes) !== 0) return false;
  }
  return true;
}

function tooLargeIsNothing(cause: unknown): readonly null[] {
  if (cause instanceof ToolError && cause.code === "state.limit.exceeded") return [];
  throw cause;
}

/** Name of the core among the files; a shard has its month's. */
const CORE = "core";
/** File that says which tips the databases show, and which there are. */
const ABOUT = "snapshot.json";
/** A forge advises objects of less than a megabyte, and readers take no larger ones. */
const PART_BYTES = 512 * 1024;
/** Most bytes of databases that are read back. */
const MAX_BYTES = 1024 * 1024 * 1024;

const partPath = (name: string, i: number) => `${name}.sqlite.${String(i).padStart(4, "0")}`;

function partsOf(name: string, bytes: Uint8Array): readonly (readonly [string, Uint8Array])[] {
  const count = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
  return Array.from({ length: count }, (_, i) => [
    partPath(name, i),
    bytes.subarray(i * PART_BYTES, (i + 1) * PART_BYTES),
  ]);
}

/** Databases of a published snapshot, by name; null where a part of one is missing or too large. */
export interface PublishedFile {
  readonly name: string;
  read(): Promise<Uint8Array | null>;
}

/** Core of a published snapshot and its shards. */
export interface Published {
  readonly core: PublishedFile;
  readonly shards: readonly PublishedFile[];
}

/** Databases that a published snapshot says it has; null where it does not say. */
export async function publishedFiles(store: GitStore, head: Oid): Promise<Published | null> {
  const about = await readAbout(store, head);
  const files = about?.["files"];
  if (!Array.isArray(files)) return null;
  let left = MAX_BYTES;
  const found = files.flatMap((file: unknown) => {
    const { name, size_bytes: size } = isData(file) ? file : {};
    if (typeof name !== "string" || typeof size !== "number" || !(size >= 0 && size <= left)) return [];
    left -= size;
    return name === CORE || /^\d{4}-\d{2}$/.test(name)
      ? [{ name, read: () => readParts(store, head, name, size) }]
      : [];
  });
  const core = found.find(({ name }) => name === CORE);
  return core === undefined ? null : { core, shards: found.filter((file) => file !== core) };
}

async function readParts(store: GitStore, head: Oid, name: string, size: number): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  for (let i = 0; i < Math.max(1, Math.ceil(size / PART_BYTES)); i += 1) {
    const [part] = await store.read(head, [partPath(name, i)]);
    if (!part || !("bytes" in part)) return null;
    parts.push(part.bytes);
  }
  return Buffer.concat(parts);
}

/** Tips that a published snapshot says it shows; null where it does not say. */
export async function publishedTips(
  store: GitStore,
  head: Oid,
): Promise<{ readonly state: string; readonly decisions: string | null } | null> {
  const { state, decisions } = (await readAbout(store, head)) ?? {};
  if (typeof state !== "string") return null;
  return { state, decisions: typeof decisions === "string" ? decisions : null };
}

async function readAbout(store: GitStore, head: Oid): Promise<Data | null> {
  const [found] = await store.read(head, [ABOUT]);
  const about = found && "bytes" in found ? jsonOf(found.bytes) : null;
  return isData(about) ? about : null;
}

/** A branch that anybody may have replaced: what is no JSON says nothing. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
