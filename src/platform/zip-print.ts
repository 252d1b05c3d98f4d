import { Readable } from "node:stream";
import { ZipArchive } from "archiver";
import type { PrintZip } from "../ports/archives.ts";

/** Times before 1980 do not fit into a zip. */
const EARLIEST = Date.parse("1980-01-01T00:00:00Z");
const MODE = 0o644;

/** Prints zip archives with archiver; one file is open at a time. */
export const printZip: PrintZip = async function* (files, at) {
  const archive = new ZipArchive({ store: true });
  const date = new Date(Math.max(EARLIEST, Date.parse(at)));
  const fail = (cause: unknown) => void archive.destroy(cause instanceof Error ? cause : new Error(String(cause)));
  archive.on("warning", fail);
  for (const { name, open } of files) archive.append(lazily(open, fail), { name, date, mode: MODE });
  archive.finalize().catch(fail);
  for await (const chunk of archive) if (chunk instanceof Uint8Array) yield chunk;
};

/** A stream that opens its source when the archive comes to it. */
function lazily(open: () => AsyncIterable<Uint8Array>, fail: (cause: unknown) => void): Readable {
  async function* chunks() {
    yield* open();
  }
  return Readable.from(chunks(), { objectMode: false }).on("error", fail);
}
