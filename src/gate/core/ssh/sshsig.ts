import { createHash, createPrivateKey, type KeyObject, sign, verify } from "node:crypto";
import { curveOf, ed25519Blob, parseKeyBlob, type PublicKey } from "./openssh-key.ts";
import { malformed, wireReader, wireString, wireU32 } from "./ssh-wire.ts";

/** Namespace of an approval: the exact bytes of a decision file. */
export const DECISION_NAMESPACE = "waybill-decision-v1";
/** Namespace of a request: the same bytes, signed by who asks. */
export const REQUEST_NAMESPACE = "waybill-request-v1";
/** Namespace of an attestor: the canonical bytes of evidence without its signature. */
export const EVIDENCE_NAMESPACE = "waybill-evidence-v1";

/** Most signatures that a `.sig` file may hold. */
export const MAX_SIGNATURES = 100;
/** Largest `.sig` file that is looked at. */
const MAX_SIG_BYTES = 262_144;

const MAGIC = "SSHSIG";
const BEGIN = "-----BEGIN SSH SIGNATURE-----";
const END = "-----END SSH SIGNATURE-----";
const BLOCK = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]{1,12000}?)\n-----END SSH SIGNATURE-----\n?/;

/** One signature as its armour says, not yet verified. */
export interface SshSignature {
  readonly key: PublicKey;
  readonly namespace: string;
  readonly hash: "sha256" | "sha512";
  readonly algorithm: string;
  /** What the algorithm made, without its name. */
  readonly signature: Uint8Array;
}

/**
 * Reads the armoured signatures of a `.sig` file, one after the other. Throws `ssh.malformed` on anything else in it, on more than
 * {@link MAX_SIGNATURES} or on more than {@link MAX_SIG_BYTES}: a file that is not wholly readable proves nothing.
 */
export function parseSignatures(bytes: Uint8Array): readonly SshSignature[] {
  if (bytes.length > MAX_SIG_BYTES) throw malformed(`A signature file has at most ${MAX_SIG_BYTES} bytes`);
  let text = Buffer.from(bytes).toString("latin1");
  const found: SshSignature[] = [];
  while (text !== "") {
    const block = BLOCK.exec(text);
    if (block === null) throw malformed("A signature file holds armoured SSH signatures and nothing else");
    if (found.length === MAX_SIGNATURES) throw malformed(`A signature file has at most ${MAX_SIGNATURES} signatures`);
    found.push(parseBlock(block[1] ?? ""));
    text = text.slice(block[0].length);
  }
  return found;
}

/** Format: PROTOCOL.sshsig of OpenSSH. */
function parseBlock(base64: string): SshSignature {
  const joined = base64.replaceAll("\n", "");
  const bytes = Buffer.from(joined, "base64");
  if (bytes.toString("base64") !== joined) throw malformed("A signature is not base64");
  const reader = wireReader(bytes, "A signature");
  if (Buffer.from(reader.raw(MAGIC.length)).toString("latin1") !== MAGIC) throw malformed("A signature has no SSHSIG");
  // Verifiers refuse versions above theirs, and 0 is not; the version is no part of what is signed.
  if (reader.u32() > 1) throw malformed("A signature has a later version than 1");
  const key = parseKeyBlob(reader.string());
  const namespace = reader.text();
  if (reader.string().length > 0) throw malformed("A signature has reserved bytes");
  const hash = reader.text();
  if (hash !== "sha256" && hash !== "sha512") throw malformed("A signature has an unknown hash");
  const inner = wireReader(reader.string(), "A signature");
  reader.end();
  const algorithm = inner.text();
  // A security key appends flags and counter after its signature.
  const signature =
    key.application === null ? inner.string() : Buffer.concat([wireString(inner.string()), inner.raw(5)]);
  inner.end();
  return { key, namespace, hash, algorithm, signature };
}

/** Tells whether a signature is by its key over these bytes in this namespace; one that cannot be read is not. */
export function isSignatureOf(signature: SshSignature, namespace: string, bytes: Uint8Array): boolean {
  if (signature.namespace !== namespace) return false;
  try {
    return isSigned(signature, namespace, bytes);
  } catch {
    return false;
  }
}

function isSigned(signature: SshSignature, namespace: string, bytes: Uint8Array): boolean {
  const signed = signedData(namespace, signature.hash, bytes);
  if (signature.key.type === "ssh-rsa") return isRsa(signature, signed);
  if (signature.algorithm !== signature.key.type) return false;
  return signature.key.application === null
    ? isByKey(signature.key, signature.signature, signed)
    : isSecurityKey(signature.key.application, signature, signed);
}

function isByKey(key: PublicKey, made: Uint8Array, signed: Uint8Array): boolean {
  const curve = curveOf(key.type);
  if (curve !== undefined) return isEcdsa(key, made, curve, signed);
  return made.length === 64 && verify(null, signed, key.key, made);
}

function isRsa({ algorithm, key, signature }: SshSignature, signed: Uint8Array): boolean {
  if (algorithm !== "rsa-sha2-256" && algorithm !== "rsa-sha2-512") return false;
  return verify(algorithm === "rsa-sha2-256" ? "sha256" : "sha512", signed, key.key, signature);
}

function isEcdsa(
  { key }: PublicKey,
  made: Uint8Array,
  curve: { readonly sizeBytes: number; readonly digest: string },
  signed: Uint8Array,
): boolean {
  const reader = wireReader(made, "A signature");
  const halves = [reader.string(), reader.string()].map((half) => fixedSize(half, curve.sizeBytes));
  reader.end();
  const [r, s] = halves;
  if (r === undefined || s === undefined) return false;
  return verify(curve.digest, signed, { key, dsaEncoding: "ieee-p1363" }, Buffer.concat([r, s]));
}

/** A positive mpint as bytes of a fixed size; undefined where it does not fit. */
function fixedSize(mpint: Uint8Array, sizeBytes: number): Uint8Array | undefined {
  if (((mpint[0] ?? 0) & 0x80) !== 0) return undefined;
  const bytes = mpint[0] === 0 ? mpint.subarray(1) : mpint;
  return bytes.length > sizeBytes ? undefined : Buffer.concat([Buffer.alloc(sizeBytes - bytes.length), bytes]);
}

/** Format: PROTOCOL.u2f of OpenSSH; a touch of the key is required. */
function isSecurityKey(application: string, { key, signature }: SshSignature, signed: Uint8Array): boolean {
  const reader = wireReader(signature, "A signature");
  const inner = reader.string();
  const flagsAndCounter = reader.raw(5);
  if (((flagsAndCounter[0] ?? 0) & 1) === 0) return false;
  const digest = (data: Uint8Array) => createHash("sha256").update(data).digest();
  const about = digest(Buffer.from(application, "latin1"));
  return isByKey(key, inner, Buffer.concat([about, flagsAndCounter, digest(signed)]));
}

/** What a key signs: magic, namespace, reserved, hash and digest, never the bytes themselves. */
export function signedData(namespace: string, hash: "sha256" | "sha512", bytes: Uint8Array): Uint8Array {
  const digest = createHash(hash).update(bytes).digest();
  return Buffer.concat([
    Buffer.from(MAGIC),
    wireString(namespace),
    wireString(""),
    wireString(hash),
    wireString(digest),
  ]);
}

/** Armours what a key made of {@link signedData} with SHA-512, as `ssh-keygen -Y sign` prints it. */
export function armour(namespace: string, keyBlob: Uint8Array, signature: Uint8Array): string {
  const bytes = Buffer.concat([
    Buffer.from(MAGIC),
    wireU32(1),
    wireString(keyBlob),
    wireString(namespace),
    wireString(""),
    wireString("sha512"),
    wireString(signature),
  ]);
  const lines = bytes.toString("base64").match(/.{1,70}/g) ?? [];
  return `${BEGIN}\n${lines.join("\n")}\n${END}\n`;
}

/** Signs bytes in a namespace with an Ed25519 key of 32 secret bytes. */
export function signSshsig(namespace: string, bytes: Uint8Array, seed: Uint8Array, publicBytes: Uint8Array): string {
  const made = sign(null, signedData(namespace, "sha512", bytes), ed25519Private(seed, publicBytes));
  return armour(namespace, ed25519Blob(publicBytes), Buffer.concat([wireString("ssh-ed25519"), wireString(made)]));
}

function ed25519Private(seed: Uint8Array, publicBytes: Uint8Array): KeyObject {
  const base64url = (part: Uint8Array) => Buffer.from(part).toString("base64url");
  const jwk = { kty: "OKP", crv: "Ed25519", d: base64url(seed), x: base64url(publicBytes) };
  return createPrivateKey({ key: jwk, format: "jwk" });
}
