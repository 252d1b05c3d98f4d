import { createHash } from "node:crypto";
import type { ByteSource } from "../kernel/byte-source.ts";
import { sha256Hex } from "../kernel/digest.ts";
import { printable } from "../kernel/text.ts";
import { blockReader } from "./block-reader.ts";
import { defineInspector, type Notes, type Reading } from "./inspector.ts";
import { readRpmHeader, rpmProblems, type RpmHeader } from "./rpm/header.ts";

const LEAD_BYTES = 96;

// Tags of the signature header and of the header itself; source: rpmtag.h.
const SHA256_OF_HEADER = 273;
const SIGNATURES = [267, 268, 278, 1002, 1005];
const TAG = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  arch: 1022,
  sourceRpm: 1044,
  payloadDigest: 5092,
  payloadAlgorithm: 5093,
} as const;
/** Number of SHA-256 in OpenPGP, which RPM uses. */
const SHA256 = 8;

/** Reads an RPM package: name, version, processor type, and whether header and payload are those of their digests. */
export const rpm = defineInspector({
  id: "rpm",
  title: "RPM package",
  version: 1,
  problems: rpmProblems.codes,
  detect: (head) => head[0] === 0xed && head[1] === 0xab && head[2] === 0xee && head[3] === 0xdb,
  open: openRpm,
});

async function openRpm(file: ByteSource, notes: Notes): Promise<Reading> {
  const reader = blockReader(file, (message) => rpmProblems.error("truncated", message));
  const signature = await readRpmHeader(reader, LEAD_BYTES);
  // The signature header is padded to a multiple of eight.
  const header = await readRpmHeader(reader, (signature.next + 7) & ~7);
  noteIdentity(header, notes);
  const isHeaderVerified = compareHeader(signature, header);
  const isSigned = SIGNATURES.some((tag) => signature.has(tag));
  const payload = createHash("sha256");
  return {
    onBytes: (bytes, offset) => {
      if (offset + bytes.length > header.next) payload.update(bytes.subarray(Math.max(0, header.next - offset)));
    },
    finish: () => {
      const isPayloadVerified = comparePayload(header, payload.digest("hex"));
      const grade = !isSigned ? "unsigned" : isHeaderVerified && isPayloadVerified ? "digest_verified" : "present";
      notes.facts({ signature: { grade, signers: [], claimed_signers: [] } });
      if (isHeaderVerified && isPayloadVerified)
        notes.check("rpm.digests", "passed", "Header and payload are those of their digests");
      else notes.check("rpm.digests", "warning", "The package holds no SHA-256 digest of its header or payload");
      if (!isSigned) notes.check("rpm.signature", "warning", "The package is not signed");
    },
  };
}

function noteIdentity(header: RpmHeader, notes: Notes): void {
  const text = (tag: number) => {
    const value = header.text(tag);
    return value === undefined ? undefined : printable(value);
  };
  const [name, version] = [text(TAG.name), text(TAG.version)];
  if (name === undefined || version === undefined)
    throw rpmProblems.error("bad_header", "The package has no name or version");
  notes.facts({
    identity: name,
    version,
    build: text(TAG.release),
    architectures: [text(TAG.arch) ?? "unknown"],
    name,
    epoch: header.number(TAG.epoch) ?? null,
    // A package of sources names no package that it was built from.
    source: !header.has(TAG.sourceRpm),
  });
  notes.check("rpm.header", "passed", "The header was read");
}

/** True when it was compared; a digest that differs is thrown. */
function compareHeader(signature: RpmHeader, header: RpmHeader): boolean {
  const expected = signature.text(SHA256_OF_HEADER);
  if (expected === undefined) return false;
  if (sha256Hex(header.bytes) !== expected)
    throw rpmProblems.error("digest_mismatch", "The header of the package is not the one of its digest");
  return true;
}

function comparePayload(header: RpmHeader, actual: string): boolean {
  const expected = header.text(TAG.payloadDigest);
  if (expected === undefined || header.number(TAG.payloadAlgorithm) !== SHA256) return false;
  if (actual !== expected)
    throw rpmProblems.error("digest_mismatch", "The payload of the package is not the one of its digest");
  return true;
}
