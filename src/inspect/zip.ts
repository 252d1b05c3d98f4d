import type { ByteSource } from "../kernel/byte-source.ts";
import { printable } from "../kernel/text.ts";
import { defineInspector, type Notes, type Reading } from "./inspector.ts";
import { openZip } from "./zip/archive.ts";
import { judgeLinks, noteArchive } from "./zip/judge.ts";
import { localHeaderWatch } from "./zip/local-header.ts";
import { zipProblems } from "./zip/problems.ts";

/** Reads a zip archive of no particular kind: entries, sizes, and whether its names can be trusted. */
export const zip = defineInspector({
  id: "zip",
  title: "Zip archive",
  version: 1,
  container: true,
  problems: zipProblems.codes,
  detect: startsAsZip,
  open: openPlainZip,
});

/** A local header, or the end record of an empty archive. */
function startsAsZip(head: Uint8Array): boolean {
  const text = String.fromCharCode(...head.subarray(0, 4));
  return text === "PK\u0003\u0004" || text === "PK\u0005\u0006";
}

async function openPlainZip(file: ByteSource, notes: Notes): Promise<Reading> {
  const archive = await openZip(file);
  notes.facts({ entries: archive.entries.length, total_bytes: archive.totalBytes });
  await judgeLinks(archive);
  noteArchive(archive, notes);
  if (archive.collision !== null) {
    const name = printable(archive.collision);
    notes.check("zip.case_collision", "warning", `${name} replaces another file on a disk that ignores case`, { name });
  }
  return {
    onBytes: localHeaderWatch(archive.entries, archive.end.directoryOffset),
    finish: () => notes.check("zip.directory", "passed", "Directory, names and headers agree"),
  };
}
