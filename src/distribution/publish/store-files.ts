import { type Reason, reason, type Refused, refuse, ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { Draft, StoredFile, Upload } from "../../ports/artifact-store.ts";
import type { Task } from "../../ports/log.ts";
import type { ReleaseV1 } from "../../schema/types.gen.ts";
import { assetName, clashesOf, tagOf } from "../core/asset-name.ts";
import type { PublishDesk } from "./desk.ts";
import type { TakenRow } from "./take-files.ts";

/** Files that are stored at the same time. */
const PARALLEL = 4;

/** A release whose files are stored and visible. */
export interface StoredRelease {
  /** By SHA-256. */
  readonly files: ReadonlyMap<string, StoredFile>;
  readonly tag: string | null;
  readonly url: string | null;
}

/** One file of the store: rows with equal bytes share it. */
interface Wanted {
  readonly name: string;
  readonly row: TakenRow;
}

/** Says which names of the store would clash, before anything is written. */
export function nameClashes(rows: readonly TakenRow[]): readonly Reason[] {
  const named = rows.map(({ row, taken }) => ({
    name: assetName(row.filename, taken.sha256),
    filename: row.filename,
    sha256: taken.sha256,
  }));
  return clashesOf(named);
}

function wantedFiles(rows: readonly TakenRow[]): readonly Wanted[] {
  const first = new Map<string, Wanted>();
  for (const row of rows) {
    const { sha256 } = row.taken;
    if (!first.has(sha256)) first.set(sha256, { name: assetName(row.row.filename, sha256), row });
  }
  return [...first.values()];
}

/**
 * Stores the files of an intent in its draft, compares the whole set with the intent, publishes the draft and compares again. Nothing is
 * replaced; a crash leaves a draft that the next run goes on with. Refuses with `dist.upload.verify_failed` or `.unexpected_asset`.
 */
export async function storeFiles(
  desk: PublishDesk,
  release: ReleaseV1,
  rows: readonly TakenRow[],
): Promise<StoredRelease | Refused> {
  const draft = await desk.artifacts.draft({
    id: release.id,
    tag: tagOf(release.app_id, release),
    target: release.source.commit,
    ref: release.forge?.release_id ?? null,
  });
  const wanted = wantedFiles(rows);
  await putAll(desk, draft, wanted);
  const before = await compareSet(draft, wanted);
  if (before.length > 0) return asRefusal(before);
  desk.log.note(`verify ${wanted.length} of ${wanted.length}: name, state, size and digest equal the intent`);
  const { tag, url } = await draft.publish();
  const after = await compareSet(draft, wanted);
  if (after.length > 0) return asRefusal(after);
  const stored = await draft.list();
  const files = wanted.flatMap(({ name, row }) => {
    const file = stored.find((one) => one.name === name);
    return file === undefined ? [] : [[row.taken.sha256, file] as const];
  });
  return { files: new Map(files), tag, url };
}

/** Tells whether the store in use lacks bytes of a release that was published before, as another store, or a lost one, would. */
export async function lacksFiles({ artifacts }: PublishDesk, release: ReleaseV1): Promise<boolean> {
  for (const row of release.artifacts) {
    const { driver } = artifacts;
    const location = { driver, release_id: release.id, asset_id: null, asset_name: row.storage_key, url: null };
    if ((await artifacts.stat(row.sha256, location)) === null) return true;
  }
  return false;
}

function asRefusal([first, ...more]: readonly Reason[]): Refused {
  if (first === undefined) throw new ToolError("internal.bug", "A refusal has a reason");
  return refuse(first, ...more);
}

async function putAll(desk: PublishDesk, draft: Draft, wanted: readonly Wanted[]): Promise<void> {
  const there = await draft.list();
  for (const file of there) if (file.state === "incomplete") await draft.dropIncomplete(file);
  const total = wanted.reduce((sum, { row }) => sum + row.taken.sizeBytes, 0);
  const task = desk.log.task("upload", total, "bytes");
  const done = new Map<string, number>();
  const step = (name: string) => (bytes: number) => {
    done.set(name, bytes);
    task.step([...done.values()].reduce((sum, one) => sum + one, 0));
  };
  const queue = [...wanted];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { name } = next;
      await putOne(desk, draft, next, { step: step(name), end: () => undefined });
    }
  };
  try {
    const ends = await Promise.allSettled(Array.from({ length: PARALLEL }, worker));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  } finally {
    task.end(`${done.size} of ${wanted.length}`);
  }
}

async function putOne(desk: PublishDesk, draft: Draft, { name, row }: Wanted, task: Task): Promise<void> {
  const { row: wanted, path, taken } = row;
  const from = await desk.files.open(path);
  try {
    const upload: Upload = {
      name,
      label: wanted.filename,
      contentType: wanted.contentType,
      sizeBytes: taken.sizeBytes,
      sha256: taken.sha256,
      staged: taken.staged,
      from,
    };
    await draft.put(upload, task);
    task.step(taken.sizeBytes);
  } finally {
    await from.close();
  }
}

/** Compares what the store holds with the intent: name, state, size and digest of each file, and no file too many. */
async function compareSet(draft: Draft, wanted: readonly Wanted[]): Promise<readonly Reason[]> {
  const stored = await draft.list();
  const names = new Set(wanted.map(({ name }) => name));
  const extra = stored.filter(({ name }) => !names.has(name));
  const reasons = extra.map(({ name }) =>
    reason("dist.upload.unexpected_asset", `${printable(name)} is in this release and not in its intent`, { name }),
  );
  for (const { name, row } of wanted) {
    const file = stored.find((one) => one.name === name);
    const found = file?.state === "stored" && file.sizeBytes === row.taken.sizeBytes ? file.sha256 : null;
    if (found === row.taken.sha256) continue;
    const message = `${printable(row.row.filename)} is stored with other bytes than were read`;
    const data = { expected: row.taken.sha256, found: found ?? "(not there)" };
    reasons.push(reason("dist.upload.verify_failed", message, data, "Nothing is published; see dist artifact verify"));
  }
  return reasons;
}
