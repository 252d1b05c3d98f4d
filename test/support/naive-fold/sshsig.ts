import { createHash, createPublicKey, verify } from "node:crypto";

/** What a good signature block says: whose key, and what for. */
export interface NaiveSignature {
  /** `ssh-ed25519 <base64>`, as policy writes keys. */
  readonly key: string;
  readonly namespace: string;
}

const BLOCK = /-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]*)-----END SSH SIGNATURE-----\n?/g;

/** Signatures of a `.sig` file that hold over bytes, whatever their namespace (section 6; PROTOCOL.sshsig of OpenSSH). */
export function signaturesOver(sig: Buffer | undefined, bytes: Uint8Array): readonly NaiveSignature[] {
  return [...(sig?.toString("latin1") ?? "").matchAll(BLOCK)].flatMap(([, body = ""]) => {
    try {
      return checked(Buffer.from(body.replaceAll("\n", ""), "base64"), bytes);
    } catch {
      return [];
    }
  });
}

function checked(blob: Buffer, bytes: Uint8Array): readonly NaiveSignature[] {
  if (blob.subarray(0, 6).toString("latin1") !== "SSHSIG" || blob.readUInt32BE(6) !== 1) return [];
  const [key, namespace, reserved, hash, signature] = exactly(5, strings(blob.subarray(10)));
  const [keyType, point] = exactly(2, strings(key));
  const [signatureType, raw] = exactly(2, strings(signature));
  const algorithm = hash.toString("latin1");
  if (algorithm !== "sha256" && algorithm !== "sha512") return [];
  if (keyType.toString() !== "ssh-ed25519" || signatureType.toString() !== "ssh-ed25519") return [];
  const digest = createHash(algorithm).update(bytes).digest();
  const signed = Buffer.concat([Buffer.from("SSHSIG"), ...[namespace, reserved, hash, digest].map(withLength)]);
  const jwk = { kty: "OKP", crv: "Ed25519", x: point.toString("base64url") };
  if (!verify(null, signed, createPublicKey({ key: jwk, format: "jwk" }), raw)) return [];
  return [{ key: `ssh-ed25519 ${key.toString("base64")}`, namespace: namespace.toString("utf8") }];
}

const NOTHING = Buffer.alloc(0);

function exactly(
  count: number,
  [a = NOTHING, b = NOTHING, c = NOTHING, d = NOTHING, e = NOTHING, ...rest]: readonly Buffer[],
) {
  const all = [a, b, c, d, e] as const;
  if (rest.length > 0 || all.slice(count).some(({ length }) => length > 0)) throw new Error("more than belongs there");
  return all;
}

function strings(bytes: Buffer): readonly Buffer[] {
  if (bytes.length === 0) return [];
  const length = bytes.readUInt32BE(0);
  if (4 + length > bytes.length) throw new Error("cut short");
  return [bytes.subarray(4, 4 + length), ...strings(bytes.subarray(4 + length))];
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
