import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { malformed, wireReader, wireString } from "./ssh-wire.ts";

/** A public key as OpenSSH writes it. */
export interface PublicKey {
  readonly type: string;
  /** Wire form, which is also what signatures carry. */
  readonly blob: Uint8Array;
  /** `SHA256:` and unpadded base64, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** Application of a security key (`ssh:`); null for others. */
  readonly application: string | null;
  readonly key: KeyObject;
}

/** Types of security keys (PROTOCOL.u2f of OpenSSH). */
const SK_ED25519 = "sk-ssh-ed25519@openssh.com";
const SK_ECDSA = "sk-ecdsa-sha2-nistp256@openssh.com";

/** Smallest RSA modulus that is accepted, in bits. */
const MIN_RSA_BITS = 2048;
const MAX_BLOB_BYTES = 2_200;

const CURVES: Readonly<Record<string, { readonly name: string; readonly crv: string; readonly sizeBytes: number }>> = {
  "ecdsa-sha2-nistp256": { name: "nistp256", crv: "P-256", sizeBytes: 32 },
  "ecdsa-sha2-nistp384": { name: "nistp384", crv: "P-384", sizeBytes: 48 },
  "ecdsa-sha2-nistp521": { name: "nistp521", crv: "P-521", sizeBytes: 66 },
};

/** Reads one line `type base64 [comment]`. Throws `ssh.malformed`. */
export function parsePublicKey(line: string): PublicKey {
  const [type = "", base64 = ""] = line.trim().split(/[ \t]+/);
  const blob = Buffer.from(base64, "base64");
  if (base64 === "" || blob.toString("base64").replaceAll("=", "") !== base64.replaceAll("=", ""))
    throw malformed("A public key is `type base64`, as in a .pub file");
  const key = parseKeyBlob(blob);
  if (key.type !== type) throw malformed(`A public key says ${type} and holds ${key.type}`);
  return key;
}

/** Prints a key as one line without comment. */
export function printPublicKey(key: Pick<PublicKey, "type" | "blob">): string {
  return `${key.type} ${Buffer.from(key.blob).toString("base64")}`;
}

/** Takes type and base64 of a key line and drops its comment. Throws `ssh.malformed`. */
export function withoutComment(line: string): string {
  return printPublicKey(parsePublicKey(line));
}

/** Reads a key in wire form. Throws `ssh.malformed` for anything but Ed25519, ECDSA on NIST curves, RSA and security keys. */
export function parseKeyBlob(blob: Uint8Array): PublicKey {
  if (blob.length > MAX_BLOB_BYTES) throw malformed("A public key is too long");
  const reader = wireReader(blob, "A public key");
  const type = reader.text();
  const made = keyOf(type, reader);
  reader.end();
  return { type, blob, fingerprint: fingerprintOf(blob), application: made.application ?? null, key: made.key };
}

/** Fingerprint of a key in wire form. */
function fingerprintOf(blob: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replaceAll("=", "")}`;
}

/** Wire form of an Ed25519 public key. */
export function ed25519Blob(publicBytes: Uint8Array): Uint8Array {
  return Buffer.concat([wireString("ssh-ed25519"), wireString(publicBytes)]);
}

type Reader = ReturnType<typeof wireReader>;

function keyOf(type: string, reader: Reader): { readonly key: KeyObject; readonly application?: string } {
  if (type === "ssh-ed25519") return { key: ed25519(reader.string()) };
  if (type === SK_ED25519) return { key: ed25519(reader.string()), application: reader.text() };
  if (type === SK_ECDSA) return { key: ecdsa("ecdsa-sha2-nistp256", reader), application: reader.text() };
  if (type === "ssh-rsa") return { key: rsa(reader.string(), reader.string()) };
  return { key: ecdsa(type, reader) };
}

function ed25519(point: Uint8Array): KeyObject {
  if (point.length !== 32) throw malformed("An Ed25519 key has 32 bytes");
  return imported({ kty: "OKP", crv: "Ed25519", x: base64url(point) });
}

function ecdsa(type: string, reader: Reader): KeyObject {
  const curve = Object.hasOwn(CURVES, type) ? CURVES[type] : undefined;
  if (curve === undefined) throw malformed(`Keys of type ${JSON.stringify(type)} are not supported`);
  if (reader.text() !== curve.name) throw malformed("An ECDSA key names two curves");
  const point = reader.string();
  if (point.length !== 1 + 2 * curve.sizeBytes || point[0] !== 4) throw malformed("An ECDSA key is no full point");
  const x = base64url(point.subarray(1, 1 + curve.sizeBytes));
  return imported({ kty: "EC", crv: curve.crv, x, y: base64url(point.subarray(1 + curve.sizeBytes)) });
}

function rsa(exponent: Uint8Array, modulus: Uint8Array): KeyObject {
  const n = modulus[0] === 0 ? modulus.subarray(1) : modulus;
  if (n.length * 8 < MIN_RSA_BITS) throw malformed(`An RSA key has at least ${MIN_RSA_BITS} bits`);
  return imported({ kty: "RSA", n: base64url(n), e: base64url(exponent) });
}

function imported(jwk: Record<string, string>): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: "jwk" });
  } catch {
    throw malformed("A public key is not on its curve");
  }
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

/** Size of one coordinate of an ECDSA key's curve, and its digest (RFC 5656 section 6.2.1); undefined for Ed25519. */
export function curveOf(type: string): { readonly sizeBytes: number; readonly digest: string } | undefined {
  const name = type === SK_ECDSA ? "ecdsa-sha2-nistp256" : type;
  if (!Object.hasOwn(CURVES, name)) return undefined;
  const sizeBytes = CURVES[name]?.sizeBytes ?? 0;
  return { sizeBytes, digest: sizeBytes === 32 ? "sha256" : sizeBytes === 48 ? "sha384" : "sha512" };
}
