import type { Act } from "../../kernel/act.ts";
import { printCanonical } from "../../kernel/canonical-json.ts";
import { isData } from "../../kernel/json.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { GitStore } from "../../ports/git-store.ts";
import type { Database } from "../../ports/sql.ts";
import { SNAPSHOT } from "../branches.ts";
import type { AnyKind } from "../document-kind.ts";
import type { AsOf } from "./cache.ts";
import { digestTables } from "./compare.ts";
import { quoted, schemaOf, type SnapshotSchema } from "./schema.ts";

/** One table of a snapshot: how many rows, and their digest. */
export interface TableSummary {
  readonly name: string;
  readonly rows: number;
  readonly sha256: string;
}

/** Counts and digests every table, in order of names. */
export function summarise(database: Database, schema: SnapshotSchema): readonly TableSummary[] {
  const digests = digestTables(database, schema);
  return [...digests].map(([name, sha256]) => {
    const [[rows] = []] = database.rows(`SELECT count(*) FROM ${quoted(name)}`).rows;
    return { name, rows: typeof rows === "number" ? rows : 0, sha256 };
  });
}

/**
 * Replaces `waybill/snapshot` by one commit of the database and of what it shows; null where it shows the same already.
 * For browsers and other machines; nobody who decides anything reads it.
 */
export async function publishSnapshot(
  { store, kinds }: { readonly store: GitStore; readonly kinds: readonly AnyKind[] },
  { asOf, database }: { readonly database: Database; readonly asOf: AsOf },
  act: Act,
): Promise<Oid | null> {
  const schema = schemaOf(kinds);
  const tables = summarise(database, schema).map((table) => ({ ...table }));
  const about = Buffer.from(printCanonical({ ...asOf, schema: schema.digest, tables }));
  const head = await store.head(SNAPSHOT);
  const [before] = head === null ? [null] : await store.read(head, [ABOUT]);
  if (before && "bytes" in before && Buffer.compare(before.bytes, about) === 0) return null;
  const files = new Map<string, Uint8Array>([
    [ABOUT, about],
    [DATABASE, database.bytes()],
  ]);
  return store.replace(SNAPSHOT, files, act);
}

/** File of the database. */
export const DATABASE = "snapshot.sqlite";
/** File that says which tips the database shows. */
const ABOUT = "snapshot.json";

/** Tips that a published snapshot says it shows; null where it does not say. */
export async function publishedTips(
  store: GitStore,
  head: Oid,
): Promise<{ readonly state: string; readonly decisions: string | null } | null> {
  const [found] = await store.read(head, [ABOUT]);
  if (!found || !("bytes" in found)) return null;
  const about = jsonOf(found.bytes);
  const { state, decisions } = isData(about) ? about : {};
  if (typeof state !== "string") return null;
  return { state, decisions: typeof decisions === "string" ? decisions : null };
}

/** A branch that anybody may have replaced: what is no JSON says nothing. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
