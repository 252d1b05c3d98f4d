import type { ByteSource } from "../kernel/byte-source.ts";
import { blockReader } from "./block-reader.ts";
import { signerFact } from "./certificate.ts";
import { readAuthenticode, type Authenticode } from "./exe/authenticode.ts";
import { findHeader, readHeaders } from "./exe/headers.ts";
import { exeProblems } from "./exe/problems.ts";
import { readVersion, type ExeVersion } from "./exe/version.ts";
import { defineInspector, type Notes, type Reading } from "./inspector.ts";

/** Reads a Windows program or library: processor type, versions, and whether its content is the one that was signed. */
export const exe = defineInspector({
  id: "exe",
  title: "Windows program",
  version: 1,
  problems: exeProblems.codes,
  detect: async (head, file) => head[0] === 0x4d && head[1] === 0x5a && (await findHeader(readerOf(file))) !== null,
  open: openExe,
});

function readerOf(file: ByteSource) {
  return blockReader(file, (message) => exeProblems.error("bad_header", message));
}

async function openExe(file: ByteSource, notes: Notes): Promise<Reading> {
  const reader = readerOf(file);
  const headers = await readHeaders(reader);
  notes.facts({ architectures: [headers.architecture], library: headers.isLibrary, dotnet: headers.isDotNet });
  notes.check("exe.headers", "passed", "The headers were read");
  await notes.attempt(async () => noteVersion(await readVersion(reader, headers), notes));
  const signature = await notes.attempt(() => readAuthenticode(reader, headers));
  return {
    ...(signature ? { onBytes: signature.update } : {}),
    finish: () => {
      if (signature !== undefined) noteSignature(signature, notes);
    },
  };
}

function noteVersion(version: ExeVersion | null, notes: Notes): void {
  if (version === null) return;
  const { fileVersion, texts } = version;
  notes.facts({
    version: texts.get("ProductVersion") ?? fileVersion,
    build: fileVersion,
    file_version: fileVersion,
    name: texts.get("ProductName") ?? null,
    company: texts.get("CompanyName") ?? null,
  });
  notes.check("exe.version", "passed", "The version resource was read");
}

function noteSignature(signature: Authenticode | null, notes: Notes): void {
  if (signature === null) {
    notes.facts({ signature: { grade: "unsigned", signers: [], claimed_signers: [] } });
    notes.check("exe.signature", "warning", "The program is not signed, so Windows warns whoever starts it");
    return;
  }
  const claimed = signature.signer === null ? [] : [signerFact(signature.signer)];
  const matches = signature.matches();
  const grade = matches ? "digest_verified" : "present";
  notes.facts({ signature: { grade, digest_algorithm: signature.algorithm, signers: [], claimed_signers: claimed } });
  if (!matches) throw exeProblems.error("digest_mismatch", "The content of the program is not what was signed");
  notes.check(
    "exe.signature",
    "passed",
    "The content is the one that was signed; the signature itself is not checked",
    { algorithm: signature.algorithm },
  );
}
