import type { ByteSource } from "../kernel/byte-source.ts";
import { readAabManifest, type AabManifest } from "./aab/manifest.ts";
import { aabProblems } from "./aab/problems.ts";
import { readJarSignature } from "./apk/jar-signature.ts";
import { signerFact } from "./certificate.ts";
import { defineInspector, type Notes, type Reading } from "./inspector.ts";
import { openZip, type ZipArchive } from "./zip/archive.ts";
import { judgeLinks, noteArchive } from "./zip/judge.ts";
import { localHeaderWatch } from "./zip/local-header.ts";
import { readMember } from "./zip/member.ts";
import { peekNames } from "./zip/peek.ts";

const CONFIG = "BundleConfig.pb";
const MANIFEST = "base/manifest/AndroidManifest.xml";
const LARGEST_MANIFEST = 8 << 20;
const MODULE = /^([A-Za-z][A-Za-z0-9_]{0,63})\/manifest\/AndroidManifest\.xml$/;
const LIBRARY = /^[A-Za-z][A-Za-z0-9_]*\/lib\/([A-Za-z0-9_-]{1,32})\/[^/]+\.so$/;

/** Reads an Android app bundle: a file for a store, which makes packages of it; no phone installs it. */
export const aab = defineInspector({
  id: "aab",
  title: "Android app bundle",
  version: 1,
  problems: aabProblems.codes,
  detect: async (_, file) => {
    const names = await peekNames(file);
    return names.has(CONFIG) || names.has(MANIFEST);
  },
  open: openAab,
});

async function openAab(file: ByteSource, notes: Notes): Promise<Reading> {
  const archive = await openZip(file);
  await notes.attempt(async () => noteManifest(await manifestOf(archive), archive, notes));
  await notes.attempt(() => noteSignature(archive, notes));
  await judgeLinks(archive);
  noteArchive(archive, notes);
  if (!archive.byName.has(CONFIG)) throw aabProblems.error("no_bundle_config", `The bundle has no ${CONFIG}`);
  return {
    onBytes: localHeaderWatch(archive.entries, archive.end.directoryOffset),
    finish: () => notes.check("aab.archive", "passed", "Directory, names and headers agree"),
  };
}

async function manifestOf(archive: ZipArchive): Promise<AabManifest> {
  const entry = archive.byName.get(MANIFEST);
  if (entry === undefined) throw aabProblems.error("no_base_module", "The bundle has no base module");
  return readAabManifest(await readMember(archive, entry, LARGEST_MANIFEST));
}

function noteManifest(manifest: AabManifest, archive: ZipArchive, notes: Notes): void {
  const abis = [...new Set(archive.entries.flatMap((entry) => LIBRARY.exec(entry.name)?.[1] ?? []))];
  notes.facts({
    identity: manifest.package,
    version: manifest.versionName ?? undefined,
    build: manifest.versionCode === null ? undefined : String(manifest.versionCode),
    minimum_os: manifest.minSdk === null ? undefined : `API ${manifest.minSdk}`,
    architectures: abis,
    package: manifest.package,
    version_code: manifest.versionCode,
    version_name: manifest.versionName,
    min_sdk: manifest.minSdk,
    target_sdk: manifest.targetSdk,
    permissions: manifest.permissions,
    abis,
    modules: archive.entries.flatMap((entry) => MODULE.exec(entry.name)?.[1] ?? []),
  });
  notes.check("aab.manifest", "passed", "The manifest of the base module was read");
}

/** Bundles are signed as JAR files are; a store checks that, and signs the packages itself. */
async function noteSignature(archive: ZipArchive, notes: Notes): Promise<void> {
  const jar = await readJarSignature(archive);
  const claimed = (jar?.certificates ?? []).map(signerFact);
  notes.facts({ signature: { grade: jar === null ? "unsigned" : "present", signers: [], claimed_signers: claimed } });
  if (jar === null) notes.check("aab.signature", "warning", "The bundle is not signed, so no store takes it");
  else notes.check("aab.signature", "passed", "A JAR signature is there; its digests are not checked");
}
