import type { Bytes } from "../bytes.ts";
import { readCertificate, type Certificate } from "../certificate.ts";
import { contentDigestOf, verifySignature } from "./algorithms.ts";
import type { DigestName } from "./content-digest.ts";
import { apkProblems } from "./problems.ts";

/** A signature scheme that stands in the signing block. */
export type Scheme = "v2" | "v3" | "v3_1";

/** Ids of the schemes in the signing block, and of the attributes that tell that a newer one was removed. */
export const SCHEME_IDS: Readonly<Record<Scheme, number>> = { v2: 0x7109871a, v3: 0xf05368c0, v3_1: 0x1b93ad61 };
const STRIPPING_OF_V3 = 0xbeeff00d;
const STRIPPING_OF_V3_1 = 0x559f8b02;

/** One signer of a scheme, whose signature over the digests holds. */
export interface Signer {
  readonly certificate: Certificate;
  /** Digests of the content that the signer vouches for. */
  readonly digests: ReadonlyMap<DigestName, Uint8Array>;
  /** False when no algorithm of the signer is known here, so that the signature could not be checked. */
  readonly verified: boolean;
  /** A newer scheme that the package was signed with. */
  readonly alsoSigned: "v3" | "v3_1" | null;
}

const MOST_SIGNERS = 10;
const MOST_ITEMS = 64;

/** Reads the signers of a scheme and checks their signatures; the content is compared later, when it was read. */
export function readSigners(scheme: Scheme, value: Bytes): readonly Signer[] {
  const signers = items(prefixed(value, 0).part, MOST_SIGNERS).map((signer) => readSigner(scheme, signer));
  if (signers.length === 0) throw bad("The signature has no signer");
  return signers;
}

function readSigner(scheme: Scheme, signer: Bytes): Signer {
  const signedData = prefixed(signer, 0);
  // Schemes v3 and v3.1 say twice for which Android versions a signer stands.
  const sdkBytes = scheme === "v2" ? 0 : 8;
  const signatures = prefixed(signer, signedData.next + sdkBytes);
  const publicKey = prefixed(signer, signatures.next).part;
  const digests = prefixed(signedData.part, 0);
  const certificates = prefixed(signedData.part, digests.next);
  if (
    sdkBytes > 0 &&
    !equal(signer.slice(signedData.next, sdkBytes), signedData.part.slice(certificates.next, sdkBytes))
  ) {
    throw bad("A signer names two ranges of Android versions");
  }
  const attributes = prefixed(signedData.part, certificates.next + sdkBytes).part;
  const [first] = items(certificates.part, MOST_ITEMS);
  if (first === undefined) throw bad("A signer has no certificate");
  const certificate = readCertificate(first.slice(0, first.length));
  if (certificate === null) throw apkProblems.error("bad_certificate", "The certificate of a signer cannot be read");
  const key = publicKey.slice(0, publicKey.length);
  if (!equal(key, certificate.publicKey)) throw bad("The key of a signer is not that of its certificate");
  const digestItems = items(digests.part, MOST_ITEMS);
  const signatureItems = items(signatures.part, MOST_ITEMS);
  if (digestItems.map((item) => item.u32(0)).join() !== signatureItems.map((item) => item.u32(0)).join()) {
    throw bad("A signer signs with other algorithms than it hashes with");
  }
  return {
    certificate,
    digests: contentDigests(digestItems),
    verified: verifyAll(signatureItems, key, signedData.part.slice(0, signedData.part.length)),
    alsoSigned: newerScheme(attributes),
  };
}

/** Every signature of a known algorithm must hold; Android looks only at the strongest. */
function verifyAll(signatures: readonly Bytes[], key: Uint8Array, signedData: Uint8Array): boolean {
  const results = signatures.map((item) => {
    const signature = prefixed(item, 4).part;
    return verifySignature(item.u32(0), key, signedData, signature.slice(0, signature.length));
  });
  if (results.includes(false)) throw bad("A signature does not belong to what it signs");
  return results.includes(true);
}

function contentDigests(digestItems: readonly Bytes[]): ReadonlyMap<DigestName, Uint8Array> {
  const digests = new Map<DigestName, Uint8Array>();
  for (const item of digestItems) {
    const name = contentDigestOf(item.u32(0));
    if (name === undefined || name === null) continue;
    const digest = prefixed(item, 4).part;
    const bytes = digest.slice(0, digest.length);
    if (digests.has(name) && !equal(bytes, digests.get(name) ?? bytes))
      throw bad("A signer names two digests of one content");
    digests.set(name, bytes);
  }
  return digests;
}

function newerScheme(attributes: Bytes): "v3" | "v3_1" | null {
  const ids = items(attributes, MOST_ITEMS);
  if (ids.some((item) => item.u32(0) === STRIPPING_OF_V3_1)) return "v3_1";
  return ids.some((item) => item.u32(0) === STRIPPING_OF_V3 && item.u32(4) === 3) ? "v3" : null;
}

/** A part with its length before it. */
function prefixed(bytes: Bytes, at: number): { readonly part: Bytes; readonly next: number } {
  const length = bytes.u32(at);
  return { part: bytes.part(at + 4, length), next: at + 4 + length };
}

/** A list of parts that fills its place. */
function items(bytes: Bytes, most: number): readonly Bytes[] {
  const list: Bytes[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { part, next } = prefixed(bytes, at);
    list.push(part);
    if (list.length > most) throw bad(`A list of the signature has more than ${most} parts`);
    at = next;
  }
  return list;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function bad(message: string) {
  return apkProblems.error("bad_signature", message);
}
