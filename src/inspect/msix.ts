import type { ByteSource } from "../kernel/byte-source.ts";
import { printable } from "../kernel/text.ts";
import { cmsCertificates } from "./cms.ts";
import { readCertificate, signerFact, type Certificate } from "./certificate.ts";
import { defineInspector, type Notes, type Reading } from "./inspector.ts";
import { isProblem, problemsOf } from "./problem.ts";
import { attributeOf, elementsNamed, readXml, type XmlElement } from "./xml.ts";
import { openZip, type ZipArchive } from "./zip/archive.ts";
import { judgeLinks, noteArchive } from "./zip/judge.ts";
import { localHeaderWatch } from "./zip/local-header.ts";
import { readMember } from "./zip/member.ts";
import { peekNames } from "./zip/peek.ts";

const problems = problemsOf("msix", "bad_manifest", "case_collision");

const PACKAGE = "AppxManifest.xml";
const BUNDLE = "AppxMetadata/AppxBundleManifest.xml";
const SIGNATURE = "AppxSignature.p7x";
/** What stands before the message in a signature file. */
const SIGNATURE_MARK_BYTES = 4;
const LARGEST_MANIFEST = 4 << 20;
const LARGEST_SIGNATURE = 1 << 20;

/** Reads a Windows app package or bundle: identity, version, processor types, and whether a signature is there. */
export const msix = defineInspector({
  id: "msix",
  title: "Windows app package",
  version: 1,
  problems: problems.codes,
  detect: async (_, file) => {
    const names = await peekNames(file);
    return names.has("[Content_Types].xml") && (names.has(PACKAGE) || names.has(BUNDLE));
  },
  open: openMsix,
});

async function openMsix(file: ByteSource, notes: Notes): Promise<Reading> {
  const archive = await openZip(file);
  await notes.attempt(async () => noteManifest(await manifestOf(archive), notes));
  await notes.attempt(() => noteSignature(archive, notes));
  await judgeLinks(archive);
  noteArchive(archive, notes);
  if (archive.collision !== null) {
    const name = printable(archive.collision);
    throw problems.error("case_collision", `${name} replaces another file on a disk that ignores case`, { name });
  }
  return {
    onBytes: localHeaderWatch(archive.entries, archive.end.directoryOffset),
    finish: () => notes.check("msix.archive", "passed", "Directory, names and headers agree"),
  };
}

async function manifestOf(archive: ZipArchive): Promise<XmlElement> {
  const entry = archive.byName.get(PACKAGE) ?? archive.byName.get(BUNDLE);
  if (entry === undefined) throw problems.error("bad_manifest", "The package has no manifest");
  return readXml(await readMember(archive, entry, LARGEST_MANIFEST), (message) =>
    problems.error("bad_manifest", message),
  );
}

function noteManifest(manifest: XmlElement, notes: Notes): void {
  const identity = manifest.children.find(({ name }) => name === "Identity");
  const [name, version, publisher] = [
    attributeOf(identity, "Name"),
    attributeOf(identity, "Version"),
    attributeOf(identity, "Publisher"),
  ];
  if (name === undefined || version === undefined || publisher === undefined) {
    throw problems.error("bad_manifest", "The manifest names no identity with version and publisher");
  }
  const parts = [...elementsNamed(manifest, "Package")].filter((part) => attributeOf(part, "Type") === "application");
  const own = attributeOf(identity, "ProcessorArchitecture");
  const architectures = own === undefined ? parts.flatMap((part) => attributeOf(part, "Architecture") ?? []) : [own];
  const [target] = elementsNamed(manifest, "TargetDeviceFamily");
  const minimum = attributeOf(target, "MinVersion");
  notes.facts({
    identity: name,
    version,
    minimum_os: minimum === undefined ? undefined : `Windows ${minimum}`,
    architectures: architectures.length === 0 ? ["neutral"] : [...new Set(architectures)],
    publisher,
    bundle: parts.length > 0,
  });
  notes.check("msix.manifest", "passed", "The manifest was read");
}

/** Windows installs only signed packages; the signature is not checked here. */
async function noteSignature(archive: ZipArchive, notes: Notes): Promise<void> {
  const entry = archive.byName.get(SIGNATURE);
  if (entry === undefined) {
    notes.facts({ signature: { grade: "unsigned", signers: [], claimed_signers: [] } });
    notes.check("msix.signature", "warning", "The package is not signed, so Windows does not install it");
    return;
  }
  const signer = signerOf((await readMember(archive, entry, LARGEST_SIGNATURE)).subarray(SIGNATURE_MARK_BYTES));
  notes.facts({
    signature: { grade: "present", signers: [], claimed_signers: signer === null ? [] : [signerFact(signer)] },
  });
  notes.check("msix.signature", "passed", "A signature is there; it is not checked");
}

/** A message that cannot be read leaves the signer unknown. */
function signerOf(message: Uint8Array): Certificate | null {
  try {
    const certificates = cmsCertificates(message).flatMap((der) => readCertificate(der) ?? []);
    return certificates.find((certificate) => !certificate.isAuthority) ?? certificates[0] ?? null;
  } catch (cause) {
    if (isProblem(cause)) return null;
    throw cause;
  }
}
