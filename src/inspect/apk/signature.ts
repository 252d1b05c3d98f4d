import type { Data } from "../../kernel/json.ts";
import { signerFact, type Certificate } from "../certificate.ts";
import type { Notes } from "../inspector.ts";
import { isProblem } from "../problem.ts";
import type { ZipArchive } from "../zip/archive.ts";
import { contentDigest, type ContentDigest, type DigestName } from "./content-digest.ts";
import { apkProblems } from "./problems.ts";
import { readSigners, SCHEME_IDS, type Scheme, type Signer } from "./signers.ts";
import { readSigningBlock, type SigningBlock } from "./signing-block.ts";
import { readJarSignature, type JarSignature } from "./jar-signature.ts";

/** What was checked of a signature, and never more. */
export type Grade = "unsigned" | "present" | "digest_verified" | "signature_verified";

/** The signatures of a package, whose content is compared while the file goes by. */
export interface ApkSignature {
  /** Where the signed entries end. */
  readonly contentEnd: number;
  readonly onBytes: (bytes: Uint8Array, offset: number) => void;
  /** Notes grades and checks of every scheme. */
  readonly finish: (notes: Notes) => void;
}

const SCHEMES: readonly Scheme[] = ["v2", "v3", "v3_1"];
/** Where the end record says at which offset the directory begins. */
const DIRECTORY_OFFSET_AT = 16;

/** What is known of a scheme before the content was read: its signers, or what is wrong with it. */
type Found = ReadonlyMap<Scheme, readonly Signer[] | Error>;

/** Reads all signatures; a scheme that is broken is noted as such, and the others are still looked at. */
export async function openSignature(archive: ZipArchive): Promise<ApkSignature> {
  const block = await readSigningBlock(archive);
  const jar = await readJarSignature(archive);
  const found = findSigners(block);
  const contentEnd = block?.offset ?? archive.end.directoryOffset;
  const endRecord = Buffer.from(
    await archive.reader.read(archive.end.endOffset, archive.reader.sizeBytes - archive.end.endOffset),
  );
  // The directory was signed where it lay before the block was put in.
  endRecord.writeUInt32LE(contentEnd, DIRECTORY_OFFSET_AT);
  const sections = [
    { from: 0, to: contentEnd },
    { from: archive.end.directoryOffset, to: archive.end.endOffset },
  ];
  const digests = new Map<DigestName, ContentDigest>();
  for (const name of namesOf(found)) digests.set(name, contentDigest(name, sections, endRecord.length));
  return {
    contentEnd,
    onBytes: (bytes, offset) => {
      for (const digest of digests.values()) digest.update(bytes, offset);
    },
    finish: (notes) => {
      const actual = new Map([...digests].map(([name, digest]) => [name, digest.finish(endRecord)] as const));
      const grades = new Map(SCHEMES.map((scheme) => [scheme, gradeOf(scheme, found, actual, notes)] as const));
      noteStripping(found, jar, notes);
      noteSummary(found, jar, grades, notes);
    },
  };
}

function findSigners(block: SigningBlock | null): Found {
  const found = new Map<Scheme, readonly Signer[] | Error>();
  for (const scheme of SCHEMES) {
    const value = block?.values.get(SCHEME_IDS[scheme]);
    if (value === undefined) continue;
    try {
      found.set(scheme, readSigners(scheme, value));
    } catch (cause) {
      if (!isProblem(cause)) throw cause;
      found.set(scheme, cause);
    }
  }
  return found;
}

function signersOf(found: Found, scheme: Scheme): readonly Signer[] {
  const signers = found.get(scheme);
  return signers === undefined || signers instanceof Error ? [] : signers;
}

function namesOf(found: Found): ReadonlySet<DigestName> {
  return new Set(SCHEMES.flatMap((scheme) => signersOf(found, scheme).flatMap((signer) => [...signer.digests.keys()])));
}

/** Compares what a scheme's signers vouch for with the content, and says how far that went. */
function gradeOf(scheme: Scheme, found: Found, actual: ReadonlyMap<DigestName, Buffer>, notes: Notes): Grade | null {
  const signers = found.get(scheme);
  if (signers === undefined) return null;
  const id = `apk.${scheme}`;
  if (signers instanceof Error) {
    const code = isProblem(signers) ? signers.code : null;
    notes.check(id, "failed", `Signature scheme ${scheme}: ${signers.message}`, { code });
    return "present";
  }
  const compared = signers.flatMap((signer) =>
    [...signer.digests].map(([name, digest]) => actual.get(name)?.equals(digest) === true),
  );
  if (compared.includes(false)) {
    const { code } = apkProblems.error("digest_mismatch", "");
    notes.check(id, "failed", `Signature scheme ${scheme}: the content is not what was signed`, { code });
    return "present";
  }
  const isCompared = signers.every((signer) => signer.digests.size > 0);
  if (!isCompared) {
    notes.check(id, "warning", `Signature scheme ${scheme} is there, but uses digests that are not computed here`);
    return "present";
  }
  const grade = signers.every((signer) => signer.verified) ? "signature_verified" : "digest_verified";
  notes.check(id, "passed", `Signature scheme ${scheme}: content and signature were checked`, { grade });
  return grade;
}

/** Whoever removes a newer signature leaves the promise of it in an older one. */
function noteStripping(found: Found, jar: JarSignature | null, notes: Notes): void {
  const promised = new Set<string>(jar?.alsoSigned ?? []);
  for (const scheme of SCHEMES)
    for (const signer of signersOf(found, scheme)) if (signer.alsoSigned !== null) promised.add(signer.alsoSigned);
  for (const scheme of promised) {
    if (SCHEMES.some((known) => known === scheme && found.has(known))) continue;
    const { code, message } = apkProblems.error(
      "signature_stripped",
      `The package was signed with scheme ${scheme}, and that signature was removed`,
    );
    notes.check("apk.signature_stripped", "failed", message, { code, scheme });
  }
}

function noteSummary(
  found: Found,
  jar: JarSignature | null,
  grades: ReadonlyMap<Scheme, Grade | null>,
  notes: Notes,
): void {
  const schemes: Data = {
    v1: jar === null ? null : "present",
    v2: grades.get("v2") ?? null,
    v3: grades.get("v3") ?? null,
    v3_1: grades.get("v3_1") ?? null,
  };
  const newest = [...SCHEMES].toReversed().find((scheme) => signersOf(found, scheme).length > 0);
  const certificates: readonly Certificate[] =
    newest === undefined ? (jar?.certificates ?? []) : signersOf(found, newest).map((signer) => signer.certificate);
  const grade = overall(jar, [...grades.values()]);
  const named = certificates.map(signerFact);
  // Whoever likes can put another's certificate into a file: it names the signer only where the signature was checked.
  const [signers, claimed] = grade === "signature_verified" ? [named, []] : [[], named];
  notes.facts({ signature: { schemes, grade, signers, claimed_signers: claimed } });
  if (grade === "unsigned")
    notes.check("apk.signature", "warning", "The package is not signed, so no device installs it");
  else if (newest === undefined && found.size === 0) {
    notes.check("apk.v1", "warning", "Only the old signature scheme v1 is there; its digests are not checked");
  }
}

/** The best that was checked, unless one of the schemes failed: a device may look at any of them. */
function overall(jar: JarSignature | null, grades: readonly (Grade | null)[]): Grade {
  const there = grades.filter((grade) => grade !== null);
  if (there.length === 0) return jar === null ? "unsigned" : "present";
  if (there.includes("present")) return "present";
  return there.includes("digest_verified") ? "digest_verified" : "signature_verified";
}
