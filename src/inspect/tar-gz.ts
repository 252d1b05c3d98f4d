import { constants, createGunzip, gunzipSync, type Gunzip } from "node:zlib";
import { createTarDecoder } from "modern-tar";
import { printable } from "../kernel/text.ts";
import { defineInspector, type Notes, type Reading } from "./inspector.ts";
import { isProblem } from "./problem.ts";
import { tarGzProblems, tarJudge, type TarJudge } from "./tar/entries.ts";

const CHUNK_BYTES = 1 << 17;
/** More than this many bytes out of one, in an archive of some size, is unusual for software. */
const USUAL_RATIO = 200;
const RATIO_FROM_BYTES = 100_000_000;

/** Bounds of an archive, which a test sets lower. */
export interface TarGzLimits {
  readonly outputBytes: number;
  readonly entries: number;
}

/** Reads a tar archive packed with gzip: entries, sizes, and whether its names and links stay inside. */
export const tarGz = tarGzWithin({ outputBytes: 16 * 2 ** 30, entries: 500_000 });

/** The same with other bounds. */
export function tarGzWithin(limits: TarGzLimits) {
  return defineInspector({
    id: "tar_gz",
    title: "Compressed tar archive",
    version: 1,
    container: true,
    problems: tarGzProblems.codes,
    detect: (head) => head[0] === 0x1f && head[1] === 0x8b && startsAsTar(unpackedHead(head)),
    open: (_, notes) => openTarGz(limits, notes),
  });
}

async function openTarGz(limits: TarGzLimits, notes: Notes): Promise<Reading> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const judge = tarJudge(limits.entries);
  const work = pump(gunzip, judge, limits.outputBytes);
  // A failure is met with the next bytes or at the end; until then it is not unhandled.
  work.catch(() => gunzip.destroy());
  let packedBytes = 0;
  return {
    onBytes: async (bytes) => {
      packedBytes += bytes.length;
      // A stream that is destroyed may never call back, but then the work has failed.
      await Promise.race([work, written(gunzip, bytes)]);
    },
    finish: async () => {
      gunzip.end();
      const outputBytes = await work;
      const { entries, totalBytes } = judge.counts();
      notes.facts({ entries, total_bytes: totalBytes });
      const ratio = Math.round(outputBytes / Math.max(1, packedBytes));
      if (ratio > USUAL_RATIO && outputBytes > RATIO_FROM_BYTES) {
        notes.check("tar_gz.ratio", "warning", `The archive unpacks to ${ratio} times its size`, {
          ratio,
          output_bytes: outputBytes,
        });
      }
      notes.check("tar_gz.entries", "passed", "Archive, names and links agree");
    },
    close: () => gunzip.destroy(),
  };
}

/** Unpacks and lists until the end, and answers how many bytes came out. */
async function pump(gunzip: Gunzip, judge: TarJudge, largestOutput: number): Promise<number> {
  const decoder = createTarDecoder({ strict: true });
  const listed = list(decoder.readable, judge);
  listed.catch((cause: unknown) => gunzip.destroy(typed(cause)));
  const writer = decoder.writable.getWriter();
  let outputBytes = 0;
  try {
    for await (const chunk of gunzip) {
      if (!(chunk instanceof Uint8Array)) continue;
      outputBytes += chunk.length;
      if (outputBytes > largestOutput) {
        throw tarGzProblems.error("output_too_large", `The archive unpacks to more than ${largestOutput} bytes`);
      }
      await writer.write(chunk);
    }
    await writer.close();
    await listed;
  } catch (cause) {
    await writer.abort(cause).catch(() => undefined);
    // Where the list found a problem, that is the reason, and the rest only its echo.
    await listed;
    throw typed(cause);
  }
  return outputBytes;
}

async function list(entries: ReturnType<typeof createTarDecoder>["readable"], judge: TarJudge): Promise<void> {
  const reader = entries.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      judge.entry(value.header);
      await value.body.cancel();
    }
  } catch (cause) {
    await reader.cancel().catch(() => undefined);
    throw typed(cause);
  }
}

function written(gunzip: Gunzip, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    gunzip.write(bytes, (cause) => (cause ? reject(typed(cause)) : resolve()));
  });
}

/** zlib names its errors `Z_…`; the tar reader has only sentences. */
function typed(cause: unknown): Error {
  if (isProblem(cause)) return cause;
  const message = cause instanceof Error ? printable(cause.message, 120) : "";
  const packed =
    cause instanceof Error && "code" in cause && typeof cause.code === "string" && /^(?:Z_|ERR_)/.test(cause.code);
  return packed
    ? tarGzProblems.error("bad_compression", `The gzip stream is damaged: ${message}`)
    : tarGzProblems.error("bad_archive", `The tar archive is damaged: ${message}`);
}

/** The first bytes of what a gzip stream holds; where its beginning is damaged, those before the damage. */
function unpackedHead(head: Uint8Array): Uint8Array {
  for (let length = head.length; length > 18; length = Math.floor(length / 2)) {
    try {
      return gunzipSync(head.subarray(0, length), { finishFlush: constants.Z_SYNC_FLUSH });
    } catch {
      // Half of it may end before the damage.
    }
  }
  return new Uint8Array();
}

/** A tar header holds the sum of its bytes, with blanks where the sum stands. */
function startsAsTar(bytes: Uint8Array): boolean {
  if (bytes.length < 512 || bytes[0] === 0) return false;
  let sum = 0;
  for (let at = 0; at < 512; at += 1) sum += at >= 148 && at < 156 ? 0x20 : (bytes[at] ?? 0);
  return Number.parseInt(new TextDecoder().decode(bytes.subarray(148, 156)).trim(), 8) === sum;
}
