import { InFlight } from "../kernel/in-flight.ts";
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

/** Files that are listed together. */
const LISTED = 256;
/** Months of growth that are told. */
const MONTHS = 12;

interface Counted {
  readonly store: GitStore;
  readonly kinds: readonly AnyKind[];
}

interface FileOfKind {
  readonly oid: Oid;
  readonly kind: string | null;
  readonly isSegment: boolean;
}

/** Counts files, bytes and commits of both branches, and rows of the snapshot. What lies where no document can is not counted. */
export async function stateStats(on: Counted, snapshot: Snapshot): Promise<StateStatsResultV1> {
  const { store } = on;
  const tip = await tipOf(store);
  const commit = await store.commit(tip);
  const seq = Number(commit.trailers.get("Waybill-Seq") ?? Number.NaN);
  const files = await filesOf(on, tip, commit.at.slice(0, 10));
  const months = await monthsOf(store, tip);
  return {
    schema: "state-stats-result.v1",
    facts: {
      tip,
      at: commit.at,
      seq: Number.isSafeInteger(seq) ? seq : null,
      commits: [...months.values()].reduce((sum, commits) => sum + commits, 0),
      ...files.totals,
    },
    decisions: await decisionsOf(on),
    kinds: files.kinds,
    sealing: files.sealing,
    growth: [...months].slice(0, MONTHS).map(([month, commits]) => ({ month, commits })),
    tables: [...schemaOf(on.kinds).tables.keys()].map((name) => {
      const [[rows] = []] = snapshot.database.rows(`SELECT count(*) FROM ${quoted(name)}`).rows;
      return { name, rows: (typeof rows === "number" ? rows : 0) + snapshot.history.rowsOf(name) };
    }),
  };
}

/** Commits by month, newest first. */
async function monthsOf(store: GitStore, tip: Oid): Promise<ReadonlyMap<string, number>> {
  const months = new Map<string, number>();
  for await (const { at } of store.log(null, tip)) {
    const month = at.slice(0, 7);
    months.set(month, (months.get(month) ?? 0) + 1);
  }
  return new Map([...months].toSorted(([a], [b]) => byCodePoint(b, a)));
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
  const sealable = new Map<string, Sealable>();
  const sealing = { segments: 0, documents: 0 };
  const byKind = new Map<string | null, { files: number; size_bytes: number }>();
  const folders = new Map<string, number>();
  const found = async function* () {
    let files: FileOfKind[] = [];
    for await (const { path, after } of store.diff(null, tip, foldersOn(kinds, "state"))) {
      if (after === null) continue;
      countFolders(folders, path);
      const place = placeOf(path);
      const segment = place === undefined ? segmentOf(path) : undefined;
      if (segment !== undefined) sealing.segments += 1;
      if (place !== undefined) countSealable(sealable, place, today);
      files.push({ oid: after, kind: (place ?? segment)?.kind.name ?? null, isSegment: segment !== undefined });
      if (files.length < LISTED) continue;
      yield files;
      files = [];
    }
    yield files;
  };
  const flight = new InFlight(found());
  try {
    for await (const some of store.blobs(idsOf(flight.lists())))
      for (const [i, { kind, isSegment }] of flight.answer(some.length).entries()) {
        const bytes = some[i]?.bytes ?? new Uint8Array();
        if (isSegment) sealing.documents += linesOf(bytes);
        const sum = byKind.get(kind) ?? { files: 0, size_bytes: 0 };
        byKind.set(kind, { files: sum.files + 1, size_bytes: sum.size_bytes + bytes.length });
      }
  } finally {
    flight.end();
  }
  const rows = [...byKind].map(([name, sum]) => ({ name, ...sum }));
  const [path, entries] = [...folders].reduce((a, b) => (b[1] > a[1] ? b : a), ["", 0] as const);
  return {
    kinds: rows.toSorted((a, b) => byCodePoint(a.name ?? "", b.name ?? "")),
    sealing: { ...sealing, ...sealableOf([...sealable.values()]) },
    totals: {
      files: rows.reduce((sum, row) => sum + row.files, 0),
      size_bytes: rows.reduce((sum, row) => sum + row.size_bytes, 0),
      folders: folders.size,
      largest_folder: { path, entries },
    },
  };
}

async function* idsOf(lists: AsyncIterable<readonly FileOfKind[]>): AsyncGenerator<readonly Oid[]> {
  for await (const files of lists) yield files.map(({ oid }) => oid);
}

/** How many files of how many folders could be lines. */
function sealableOf(folders: readonly Sealable[]) {
  const worth = folders.filter(({ files, least }) => files >= least);
  return { sealable_files: worth.reduce((sum, { files }) => sum + files, 0), sealable_days: worth.length };
}

/** Files of a folder whose documents could be lines, and from how many on they become lines. */
interface Sealable {
  readonly files: number;
  readonly least: number;
}

/** Counts a file in its folder, where that is a day that is over, or one of documents that are sealed one by one. */
function countSealable(folders: Map<string, Sealable>, { kind, key }: Place, today: string): void {
  const { sealed } = kind;
  const folder = sealedFolder(kind, key);
  if (folder === undefined || (sealed?.by === "day" && sealed.dayOf(key) >= today)) return;
  const files = (folders.get(folder)?.files ?? 0) + 1;
  folders.set(folder, { files, least: sealed?.by === "document" ? sealed.least : 1 });
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
