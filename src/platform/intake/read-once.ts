import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { dirname } from "node:path";
import type { ByteSource } from "../../kernel/byte-source.ts";
import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import { opaque, startInspection, type Inspecting } from "../../inspect/inspect-file.ts";
import type { Inspection } from "../../inspect/inspection.ts";
import type { Taken } from "../../ports/intake.ts";
import { disk as realDisk, fillNewFile, readFully, STORED_MODE, writeFully, type Disk, type Handle } from "../disk.ts";
import { onPath } from "../file-errors.ts";

/** Files beyond this are not inspected; no format of ours is larger, and forges take no more. */
const LARGEST_INSPECTED_BYTES = 2_147_483_647;

const BUFFER_BYTES = 1 << 20;

/** One file to take in. */
export interface Job {
  readonly path: string;
  /** File to copy to; it must not exist. Null: no copy. */
  readonly stagedPath: string | null;
  /** Why the content is not looked at; null: it is. Digest and copy are made in any case. */
  readonly uninspected: Inspection | null;
}

/** The disk to copy to and the bound on inspected files, where a test brings its own. */
export interface ReadOptions {
  readonly disk?: Disk;
  readonly largestInspectedBytes?: number;
}

/**
 * Reads a file once from beginning to end with one handle: digest, inspection, and a synced copy where one is asked for.
 * Reading, hashing and writing overlap in two reused buffers. When anything fails, the copy is removed again.
 * Throws `file.not_found`, `file.not_regular`, `file.empty`, `file.changed`, `file.no_space`, `file.read_only`, `file.not_permitted`.
 */
export async function readOnce(
  job: Job,
  onBytes: (doneBytes: number) => void,
  options: ReadOptions = {},
): Promise<Taken> {
  const { disk = realDisk, largestInspectedBytes = LARGEST_INSPECTED_BYTES } = options;
  // Neither a link nor a pipe is opened: what is hashed is the file that was named, and nothing is waited for.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await onPath(job.path, () => disk.open(job.path, flags));
  try {
    const before = await stateOf(handle, job.path);
    const source: ByteSource = {
      sizeBytes: before.sizeBytes,
      read: (offset, length) => onPath(job.path, () => readPart(handle, before.sizeBytes, offset, length)),
    };
    const inspecting = await startOrSkip(source, job, largestInspectedBytes);
    const pass = (copy: Handle | null) =>
      readThrough({ job, handle, sizeBytes: before.sizeBytes, inspecting, copy, onBytes });
    const { stagedPath } = job;
    const sha256 = await (stagedPath === null
      ? pass(null)
      : onPath(stagedPath, async () => {
          await disk.mkdir(dirname(stagedPath), { recursive: true });
          return await fillNewFile(disk, stagedPath, STORED_MODE, async (copy) => {
            const digest = await pass(copy);
            await refuseChange(handle, before, job.path);
            return digest;
          });
        }));
    const inspection = await inspecting.finish();
    await refuseChange(handle, before, job.path);
    return { sha256, sizeBytes: before.sizeBytes, inspection, staged: stagedPath };
  } finally {
    await handle.close();
  }
}

interface FileState {
  readonly sizeBytes: number;
  readonly modifiedNs: bigint;
}

async function stateOf(handle: Handle, path: string): Promise<FileState> {
  const found = await handle.stat({ bigint: true });
  const data = { path: printable(path) };
  if (!found.isFile())
    throw new ToolError("file.not_regular", `${data.path} is no regular file`, { data, hints: ["Name a file"] });
  if (found.size === 0n)
    throw new ToolError("file.empty", `${data.path} is empty`, { data, hints: ["Check the step that builds it"] });
  return { sizeBytes: Number(found.size), modifiedNs: found.mtimeNs };
}

async function refuseChange(handle: Handle, before: FileState, path: string): Promise<void> {
  const now = await handle.stat({ bigint: true });
  if (Number(now.size) !== before.sizeBytes || now.mtimeNs !== before.modifiedNs) throw changed(path);
}

async function readPart(handle: Handle, sizeBytes: number, offset: number, length: number): Promise<Uint8Array> {
  const into = new Uint8Array(Math.max(0, Math.min(length, sizeBytes - offset)));
  return into.subarray(0, await readFully(handle, into, into.length, offset));
}

async function startOrSkip(source: ByteSource, job: Job, largestBytes: number): Promise<Inspecting> {
  const uninspected = source.sizeBytes > largestBytes ? tooLarge(source.sizeBytes, largestBytes) : job.uninspected;
  if (uninspected === null) return startInspection(source);
  return { onBytes: () => undefined, finish: async () => uninspected };
}

interface Pass {
  readonly job: Job;
  readonly handle: Handle;
  readonly sizeBytes: number;
  readonly inspecting: Inspecting;
  readonly copy: Handle | null;
  readonly onBytes: (doneBytes: number) => void;
}

async function readThrough({ job, handle, sizeBytes, inspecting, copy, onBytes }: Pass): Promise<string> {
  const hash = createHash("sha256");
  let [current, next] = [new Uint8Array(BUFFER_BYTES), new Uint8Array(BUFFER_BYTES)];
  const fill = (buffer: Uint8Array, offset: number) =>
    onPath(job.path, () => readFully(handle, buffer, Math.min(BUFFER_BYTES, sizeBytes - offset), offset));
  let coming = fill(current, 0);
  for (let offset = 0; offset < sizeBytes; ) {
    const length = await coming;
    if (length === 0) throw changed(job.path);
    const bytes = current.subarray(0, length);
    const after = offset + length;
    // The disk reads ahead and writes behind while this thread hashes.
    coming = after < sizeBytes ? fill(next, after) : Promise.resolve(0);
    const writing = copy === null ? undefined : writeFully(copy, bytes, offset);
    hash.update(bytes);
    const looked = (async () => inspecting.onBytes(bytes, offset))();
    await settled([writing ?? Promise.resolve(), looked, coming]);
    onBytes(after);
    offset = after;
    [current, next] = [next, current];
  }
  return hash.digest("hex");
}

/** Waits for all, so that no buffer is reused or handle closed under work that still runs; then the first failure is thrown. */
async function settled(work: readonly Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(work)) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
}

function changed(path: string): ToolError {
  return new ToolError("file.changed", `${printable(path)} changed while it was read`, {
    data: { path: printable(path) },
    hints: ["Publish again once nothing writes to the file"],
  });
}

function tooLarge(sizeBytes: number, limitBytes: number): Inspection {
  const detail = { code: "inspect.limit.size", size_bytes: sizeBytes, limit_bytes: limitBytes };
  return opaque({
    id: "limit.size",
    status: "skipped",
    message: `Files above ${limitBytes} bytes are not inspected`,
    detail,
  });
}
