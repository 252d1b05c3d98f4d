import { constants, createPublicKey, verify } from "node:crypto";
import type { DigestName } from "./content-digest.ts";

interface Algorithm {
  /** Digest of the content; null for the tree of fs-verity, which is not computed here. */
  readonly content: DigestName | null;
  readonly hash: DigestName;
  readonly pssSaltBytes?: number;
}

/** Signature algorithms by id. Source: source.android.com, "APK signature scheme v2", and apksig's SignatureAlgorithm. */
const ALGORITHMS: ReadonlyMap<number, Algorithm> = new Map<number, Algorithm>([
  [0x0101, { content: "sha256", hash: "sha256", pssSaltBytes: 32 }],
  [0x0102, { content: "sha512", hash: "sha512", pssSaltBytes: 64 }],
  [0x0103, { content: "sha256", hash: "sha256" }],
  [0x0104, { content: "sha512", hash: "sha512" }],
  [0x0201, { content: "sha256", hash: "sha256" }],
  [0x0202, { content: "sha512", hash: "sha512" }],
  [0x0301, { content: "sha256", hash: "sha256" }],
  [0x0421, { content: null, hash: "sha256" }],
  [0x0423, { content: null, hash: "sha256" }],
  [0x0425, { content: null, hash: "sha256" }],
]);

/** Finds the content digest that an algorithm signs; undefined for an algorithm that is not known, null for one that is not computed. */
export function contentDigestOf(algorithm: number): DigestName | null | undefined {
  return ALGORITHMS.get(algorithm)?.content;
}

/** Checks one signature over signed data. An unknown algorithm answers undefined, a key that is none answers false. */
export function verifySignature(
  algorithm: number,
  publicKey: Uint8Array,
  signedData: Uint8Array,
  signature: Uint8Array,
): boolean | undefined {
  const known = ALGORITHMS.get(algorithm);
  if (known === undefined) return undefined;
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" });
    const padding =
      known.pssSaltBytes === undefined
        ? {}
        : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: known.pssSaltBytes };
    return verify(known.hash, signedData, { key, ...padding }, signature);
  } catch {
    return false;
  }
}
