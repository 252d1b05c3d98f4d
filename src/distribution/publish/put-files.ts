import { printable } from "../../kernel/text.ts";
import type { Draft, StoredFile, Upload } from "../../ports/artifact-store.ts";
import type { Task } from "../../ports/log.ts";
import type { PublishDesk } from "./desk.ts";
import type { Wanted } from "./wanted-files.ts";

/** Files that are stored at the same time. */
const PARALLEL = 4;
const BYTES_PER_MB = 1_000_000;

/** Stores every file that is not there yet, the largest first, and answers the name that each has in the store, by SHA-256. */
export async function putAll(
  desk: PublishDesk,
  draft: Draft,
  wanted: readonly Wanted[],
): Promise<ReadonlyMap<string, string>> {
  if (draft.state === "resumed") await tidy(desk, draft, wanted);
  const total = wanted.reduce((sum, { row }) => sum + row.taken.sizeBytes, 0);
  const task = desk.log.task("upload", total, "bytes");
  const done = new Map<string, number>();
  const names = new Map<string, string>();
  const step = (name: string) => (bytes: number) => {
    done.set(name, bytes);
    task.step([...done.values()].reduce((sum, one) => sum + one, 0));
  };
  // The last one to begin should not be the one that takes longest.
  const queue = wanted.toSorted((a, b) => b.row.taken.sizeBytes - a.row.taken.sizeBytes);
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const stored = await putOne(desk, draft, next, { step: step(next.name), end: () => undefined });
      names.set(next.row.taken.sha256, stored.name);
    }
  };
  const stopping = async () => {
    try {
      await worker();
    } catch (cause) {
      // Nothing further is begun where one file cannot be stored.
      queue.length = 0;
      throw cause;
    }
  };
  try {
    const ends = await Promise.allSettled(Array.from({ length: PARALLEL }, stopping));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  } finally {
    task.end(`${names.size} of ${wanted.length}`);
  }
  return names;
}

/** Removes what an earlier run never finished, and says what it finished. */
async function tidy({ log }: PublishDesk, draft: Draft, wanted: readonly Wanted[]): Promise<void> {
  const there = await draft.list();
  const broken = there.filter(({ state }) => state === "incomplete");
  for (const file of broken) await draft.dropIncomplete(file);
  const kept = wanted.filter(({ row }) => there.some(({ sha256 }) => sha256 === row.taken.sha256));
  const megabytes = kept.reduce((sum, { row }) => sum + row.taken.sizeBytes, 0) / BYTES_PER_MB;
  log.note(`resume ${kept.length} of ${wanted.length} uploads equal by digest and kept (${megabytes.toFixed(1)} MB)`);
  if (broken.length === 0) return;
  const names = broken.map(({ name }) => printable(name)).join(", ");
  const uploads = broken.length === 1 ? "1 upload" : `${broken.length} uploads`;
  log.note(`resume removed ${uploads} of this draft that never finished: ${names}`);
}

async function putOne(desk: PublishDesk, draft: Draft, { name, row }: Wanted, task: Task): Promise<StoredFile> {
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
    const stored = await draft.put(upload, task);
    task.step(taken.sizeBytes);
    return stored;
  } finally {
    await from.close();
  }
}
