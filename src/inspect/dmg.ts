import type { ByteSource } from "../kernel/byte-source.ts";
import { blockReader } from "./block-reader.ts";
import { defineInspector, type Notes, type Reading } from "./inspector.ts";
import { readPlist } from "./plist.ts";
import { isDictionary } from "./plist/value.ts";
import { problemsOf } from "./problem.ts";

const problems = problemsOf("dmg", "bad_list", "list_too_large", "segmented", "truncated");

// Source: the trailer of 512 bytes at the end of a UDIF image, all numbers big-endian.
const TRAILER_BYTES = 512;
const FIELD = {
  dataOffset: 24,
  dataBytes: 32,
  segments: 60,
  listOffset: 216,
  listBytes: 224,
  signatureOffset: 296,
  signatureBytes: 304,
  sectors: 492,
} as const;
const LARGEST_LIST = 16 << 20;
const SECTOR_BYTES = 512;

/** Reads a macOS disk image: its trailer, partition list and whether it is signed; the volume in it is not looked into. */
export const dmg = defineInspector({
  id: "dmg",
  title: "macOS disk image",
  version: 1,
  problems: problems.codes,
  detect: async (_, file) => {
    if (file.sizeBytes < TRAILER_BYTES) return false;
    const trailer = await file.read(file.sizeBytes - TRAILER_BYTES, 8);
    // "koly", version 4, and then the size of the trailer.
    return new TextDecoder("latin1").decode(trailer.subarray(0, 4)) === "koly" && trailer[7] === 4;
  },
  open: openDmg,
});

async function openDmg(file: ByteSource, notes: Notes): Promise<Reading> {
  const reader = blockReader(file, (message) => problems.error("truncated", message));
  const trailer = await reader.read(file.sizeBytes - TRAILER_BYTES, TRAILER_BYTES);
  const view = new DataView(trailer.buffer, trailer.byteOffset, TRAILER_BYTES);
  const field = (at: number) => Number(view.getBigUint64(at));
  if (view.getUint32(FIELD.segments) > 1) throw problems.error("segmented", "The image is one part of several");
  if (field(FIELD.listBytes) > LARGEST_LIST)
    throw problems.error("list_too_large", `The list of partitions has ${field(FIELD.listBytes)} bytes`);
  const ends = [
    field(FIELD.dataOffset) + field(FIELD.dataBytes),
    field(FIELD.signatureOffset) + field(FIELD.signatureBytes),
  ];
  if (ends.some((end) => end > file.sizeBytes))
    throw problems.error("truncated", "The image is shorter than its trailer says");
  const list = readPlist(await reader.read(field(FIELD.listOffset), field(FIELD.listBytes)));
  const fork = list.get("resource-fork");
  const partitions = isDictionary(fork) ? fork.get("blkx") : undefined;
  if (!Array.isArray(partitions)) throw problems.error("bad_list", "The image has no list of partitions");
  const isSigned = field(FIELD.signatureBytes) > 0;
  notes.facts({
    partitions: partitions.length,
    volume_bytes: field(FIELD.sectors) * SECTOR_BYTES,
    code_signature: isSigned ? "present" : "unsigned",
  });
  return {
    finish: () => {
      notes.check("dmg.trailer", "passed", "Trailer and list of partitions were read");
      notes.check(
        "dmg.contents",
        "warning",
        "The volume in the image is not looked into, so identity and version are not known",
      );
      if (!isSigned) notes.check("dmg.signature", "warning", "The image is not signed");
    },
  };
}
