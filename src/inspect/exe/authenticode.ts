import { createHash, type Hash } from "node:crypto";
import { asn1Children, octets, type Asn1 } from "../asn1.ts";
import type { BlockReader } from "../block-reader.ts";
import { bytesOf } from "../bytes.ts";
import { readCertificate, type Certificate } from "../certificate.ts";
import { cmsCertificates, cmsContentValue } from "../cms.ts";
import type { ExeHeaders } from "./headers.ts";
import { exeProblems } from "./problems.ts";

/** The signature in a program: the digest that it signs, and whose certificate it carries. Its own mathematics is not checked. */
export interface Authenticode {
  readonly algorithm: string;
  readonly digest: Uint8Array;
  readonly signer: Certificate | null;
  /** Computes the digest of the program while the file goes by. */
  readonly update: (bytes: Uint8Array, offset: number) => void;
  readonly matches: () => boolean;
}

const LARGEST_TABLE = 32 << 20;
const PKCS7 = 2;
/** Digest algorithms by object identifier, in hex. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  "2b0e03021a": "sha1",
  "608648016503040201": "sha256",
  "608648016503040202": "sha384",
  "608648016503040203": "sha512",
};

const outside = (message: string) => exeProblems.error("bad_signature", message);

/** Reads the first signature of a program; null where there is none. */
export async function readAuthenticode(reader: BlockReader, headers: ExeHeaders): Promise<Authenticode | null> {
  const { offset, sizeBytes } = headers.certificates;
  if (sizeBytes === 0) return null;
  if (sizeBytes > LARGEST_TABLE)
    throw outside(`The certificate table has ${sizeBytes} bytes, allowed are ${LARGEST_TABLE}`);
  const table = bytesOf(await reader.read(offset, sizeBytes), outside);
  const length = table.u32(0);
  if (table.u16(6) !== PKCS7 || length < 8) throw outside("The certificate table holds no signature of a known kind");
  const message = table.slice(8, length - 8);
  const { algorithm, digest } = signedDigest(cmsContentValue(message));
  const hash = createHash(algorithm);
  return {
    algorithm,
    digest,
    signer: signerOf(message),
    update: excluding(hash, [
      { from: headers.checksumOffset, to: headers.checksumOffset + 4 },
      { from: headers.certificateEntryOffset, to: headers.certificateEntryOffset + 8 },
      { from: offset, to: offset + sizeBytes },
    ]),
    matches: () => hash.digest().equals(digest),
  };
}

/** SpcIndirectDataContent { data, DigestInfo { algorithm, digest } }. Source: "Windows Authenticode Portable Executable Signature Format". */
function signedDigest(content: Asn1): { readonly algorithm: string; readonly digest: Uint8Array } {
  const info = asn1Children(content)[1];
  const [identifier, digest] = info === undefined ? [] : asn1Children(info);
  const [oid] = identifier === undefined ? [] : asn1Children(identifier);
  const algorithm = oid === undefined ? undefined : ALGORITHMS[Buffer.from(oid.content).toString("hex")];
  if (algorithm === undefined || digest === undefined) throw outside("The signature signs no digest of a known kind");
  return { algorithm, digest: octets(digest) };
}

/** Of the certificates that a signature carries, the one that belongs to no authority. */
function signerOf(message: Uint8Array): Certificate | null {
  const certificates = cmsCertificates(message).flatMap((der) => readCertificate(der) ?? []);
  return certificates.find((certificate) => !certificate.isAuthority) ?? certificates[0] ?? null;
}

/** Hashes everything but parts of the file, which signing itself changes. */
function excluding(
  hash: Hash,
  parts: readonly { readonly from: number; readonly to: number }[],
): (bytes: Uint8Array, offset: number) => void {
  const inOrder = parts.toSorted((a, b) => a.from - b.from);
  return (bytes, offset) => {
    let at = 0;
    for (const { from, to } of inOrder) {
      const start = Math.min(Math.max(from - offset, at), bytes.length);
      hash.update(bytes.subarray(at, start));
      at = Math.max(start, Math.min(to - offset, bytes.length));
    }
    hash.update(bytes.subarray(at));
  };
}
