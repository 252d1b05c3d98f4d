import type { ByteSource } from "../kernel/byte-source.ts";
import { readManifest, type ApkManifest } from "./apk/manifest.ts";
import { apkProblems } from "./apk/problems.ts";
import { resolveResource } from "./apk/resources.ts";
import { openSignature } from "./apk/signature.ts";
import { defineInspector, type Notes, type Reading } from "./inspector.ts";
import { openZip, type ZipArchive } from "./zip/archive.ts";
import { judgeLinks, noteArchive } from "./zip/judge.ts";
import { localHeaderWatch } from "./zip/local-header.ts";
import { readMember } from "./zip/member.ts";
import { peekNames } from "./zip/peek.ts";

const MANIFEST = "AndroidManifest.xml";
const RESOURCES = "resources.arsc";
const LARGEST_MANIFEST = 8 << 20;
const LARGEST_RESOURCES = 64 << 20;
const LIBRARY = /^lib\/([A-Za-z0-9_-]{1,32})\/[^/]+\.so$/;

/** Reads an Android package: identity, versions, permissions, processor types, and who signed which content. */
export const apk = defineInspector({
  id: "apk",
  title: "Android package",
  version: 1,
  problems: apkProblems.codes,
  detect: async (_, file) => {
    const names = await peekNames(file);
    // A library for developers (.aar) has a manifest too, but as text, and its classes in an archive of their own.
    return names.has(MANIFEST) && !names.has("classes.jar");
  },
  open: openApk,
});

async function openApk(file: ByteSource, notes: Notes): Promise<Reading> {
  const archive = await openZip(file);
  await notes.attempt(async () => noteManifest(await manifestOf(archive), archive, notes));
  await judgeLinks(archive);
  noteArchive(archive, notes);
  const signature = await notes.attempt(() => openSignature(archive));
  const watch = localHeaderWatch(archive.entries, signature?.contentEnd ?? archive.end.directoryOffset);
  return {
    onBytes: (bytes, offset) => {
      watch(bytes, offset);
      signature?.onBytes(bytes, offset);
    },
    finish: () => {
      notes.check("apk.archive", "passed", "Directory, names and headers agree");
      signature?.finish(notes);
    },
  };
}

async function manifestOf(archive: ZipArchive): Promise<ApkManifest> {
  const entry = archive.byName.get(MANIFEST);
  if (entry === undefined) throw apkProblems.error("bad_manifest", "The package has no manifest");
  if (entry.sizeBytes > LARGEST_MANIFEST) {
    throw apkProblems.error(
      "manifest_too_large",
      `The manifest has ${entry.sizeBytes} bytes, allowed are ${LARGEST_MANIFEST}`,
    );
  }
  let table: Uint8Array | undefined;
  return readManifest(await readMember(archive, entry, LARGEST_MANIFEST), async (id) => {
    const resources = archive.byName.get(RESOURCES);
    if (resources === undefined) return undefined;
    table ??= await readMember(archive, resources, LARGEST_RESOURCES);
    return resolveResource(table, id);
  });
}

function noteManifest(manifest: ApkManifest, archive: ZipArchive, notes: Notes): void {
  const abis = new Set(archive.entries.flatMap((entry) => LIBRARY.exec(entry.name)?.[1] ?? []));
  notes.facts({
    identity: manifest.package,
    version: manifest.versionName ?? undefined,
    build: manifest.versionCode === null ? undefined : String(manifest.versionCode),
    minimum_os: manifest.minSdk === null ? undefined : `API ${manifest.minSdk}`,
    architectures: [...abis],
    package: manifest.package,
    version_code: manifest.versionCode,
    version_name: manifest.versionName,
    min_sdk: manifest.minSdk,
    target_sdk: manifest.targetSdk,
    permissions: manifest.permissions,
    abis: [...abis],
    debuggable: manifest.debuggable,
    split: manifest.split ?? undefined,
  });
  notes.check("apk.manifest", "passed", "The manifest was read");
  if (manifest.split !== null) {
    notes.check("apk.split", "warning", "This is one part of a split package, which no device installs alone", {
      split: manifest.split,
    });
  }
}
