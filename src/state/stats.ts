import type { Oid } from "../kernel/oid.ts";
import { byCodePoint } from "../kernel/text.ts";
import type { GitStore } from "../ports/git-store.ts";
import type { StateStatsResultV1 } from "../schema/types.gen.ts";
import { DECISIONS } from "./branches.ts";
import { type AnyKind, folderFinder, kindFinder, type Place } from "./document-kind.ts";
import { linesOf } from "./seal/segment.ts";
import { sealedFolder, segmentFinder } from "./seal/segment-path.ts";
import type { Snapshot } from "./snapshot/open.ts";
import { quoted, schemaOf } from "./snapshot/schema.ts";
import { tipOf } from "./transact.ts";

/** Blobs that are measured together. */
const CHUNK = 2000;

interface Counted {
  readonly store: GitStore;
  readonly kinds: readonly AnyKind[];
}

/** Counts files, bytes and commits of both branches, and rows of the snapshot. What lies where no document can is not counted. */
export async function stateStats(on: Counted, snapshot: Snapshot): Promise<StateStatsResultV1> {
  const { store } = on;
  const tip = await tipOf(store);
  const commit = await store.commit(tip);
  const seq = Number(commit.trailers.get("Waybill-Seq") ?? Number.NaN);
  const files = await filesOf(on, tip, commit.at.slice(0, 10));
  return {
    schema: "state-stats-result.v1",
    facts: {
      tip,
      at: commit.at,
      seq: Number.isSafeInteger(seq) ? seq : null,
      commits: await commitsOf(store, tip),
      ...files.totals,
    },
    decisions: await decisionsOf(on),
    kinds: files.kinds,
    sealing: files.sealing,
    tables: [...schemaOf(on.kinds).tables.keys()].map((name) => {
      const [[rows] = []] = snapshot.database.rows(`SELECT count(*) FROM ${quoted(name)}`).rows;
      return { name, rows: typeof rows === "number" ? rows : 0 };
    }),
  };
}

async function decisionsOf({ store, kinds }: Counted): Promise<StateStatsResultV1["decisions"]> {
  const tip = await store.head(DECISIONS);
  if (tip === null) return null;
  let files = 0;
  for await (const _ of store.diff(null, tip, foldersOn(kinds, "decisions"))) files += 1;
  return { tip, at: (await store.commit(tip)).at, commits: await commitsOf(store, tip), files };
}

function foldersOn(kinds: readonly AnyKind[], branch: AnyKind["branch"]): (folder: string) => boolean {
  return folderFinder(kinds.filter((kind) => kind.branch === branch));
}

async function commitsOf(store: GitStore, tip: Oid): Promise<number> {
  let commits = 0;
  for await (const _ of store.log(null, tip)) commits += 1;
  return commits;
}

async function filesOf({ store, kinds }: Counted, tip: Oid, today: string) {
  const placeOf = kindFinder(kinds, "state");
  const segmentOf = segmentFinder(kinds);
  const days = new Set<string>();
  const sealing = { segments: 0, documents: 0, sealable_files: 0 };
  const byKind = new Map<string | null, { files: number; size_bytes: number }>();
  const folders = new Map<string, number>();
  let chunk: { readonly oid: Oid; readonly kind: string | null; readonly isSegment: boolean }[] = [];
  const measure = async () => {
    let at = 0;
    for await (const { bytes } of store.blobs(chunk.map(({ oid }) => oid))) {
      const kind = chunk[at]?.kind ?? null;
      if (chunk[at]?.isSegment === true) sealing.documents += linesOf(bytes);
      const sum = byKind.get(kind) ?? { files: 0, size_bytes: 0 };
      byKind.set(kind, { files: sum.files + 1, size_bytes: sum.size_bytes + bytes.length });
      at += 1;
    }
    chunk = [];
  };
  for await (const { path, after } of store.diff(null, tip, foldersOn(kinds, "state"))) {
    if (after === null) continue;
    countFolders(folders, path);
    const place = placeOf(path);
    const segment = place === undefined ? segmentOf(path) : undefined;
    if (segment !== undefined) sealing.segments += 1;
    const folder = place && sealableFolder(place, today);
    if (folder !== undefined) {
      sealing.sealable_files += 1;
      days.add(folder);
    }
    chunk.push({ oid: after, kind: (place ?? segment)?.kind.name ?? null, isSegment: segment !== undefined });
    if (chunk.length === CHUNK) await measure();
  }
  await measure();
  const rows = [...byKind].map(([name, sum]) => ({ name, ...sum }));
  const [path, entries] = [...folders].reduce((a, b) => (b[1] > a[1] ? b : a), ["", 0] as const);
  return {
    kinds: rows.toSorted((a, b) => byCodePoint(a.name ?? "", b.name ?? "")),
    sealing: { ...sealing, sealable_days: days.size },
    totals: {
      files: rows.reduce((sum, row) => sum + row.files, 0),
      size_bytes: rows.reduce((sum, row) => sum + row.size_bytes, 0),
      folders: folders.size,
      largest_folder: { path, entries },
    },
  };
}

/** The folder of a day that is over, whose documents could be lines. */
function sealableFolder({ kind, key }: Place, today: string): string | undefined {
  return kind.sealed !== undefined && kind.sealed.dayOf(key) < today ? sealedFolder(kind, key) : undefined;
}

/** Counts an entry in the folder of a path and, where that is new, the folder itself in the one above. */
function countFolders(folders: Map<string, number>, path: string): void {
  for (let end = path.lastIndexOf("/"); ; end = path.lastIndexOf("/", end - 1)) {
    const folder = end < 0 ? "" : path.slice(0, end);
    const known = folders.get(folder);
    folders.set(folder, (known ?? 0) + 1);
    if (known !== undefined || end < 0) return;
  }
}
