import { createHash, createPublicKey, verify } from "node:crypto";
import { sha256 } from "./history.ts";

/** What a good signature block says: whose key, and what for. */
export interface NaiveSignature {
  /** `ssh-ed25519 <base64>`, as policy writes keys. */
  readonly key: string;
  readonly namespace: string;
}

/** More than this many are no approval by anyone; how many is nowhere said. */
const MOST = 100;
const FILE = /^(?:-----BEGIN SSH SIGNATURE-----\n[A-Za-z0-9+/=\n]+-----END SSH SIGNATURE-----\n?)*$/;

/**
 * Signatures of a `.sig` file that hold over bytes, whatever their namespace (section 6; PROTOCOL.sshsig of OpenSSH).
 * What one broken block does to the others is left open: here a file that cannot wholly be read proves nothing.
 */
export function signaturesOver(sig: Buffer | undefined, bytes: Uint8Array): readonly NaiveSignature[] {
  const text = sig?.toString("latin1") ?? "";
  if (!FILE.test(text)) return [];
  const bodies = text.split("-----BEGIN SSH SIGNATURE-----\n").slice(1);
  if (bodies.length > MOST) return [];
  try {
    const blocks = bodies.map((body) => {
      const [base64 = ""] = body.split("-----END");
      return read(Buffer.from(base64.replaceAll("\n", ""), "base64"));
    });
    return blocks.filter((block) => holds(block, bytes));
  } catch {
    return [];
  }
}

interface Block extends NaiveSignature {
  readonly point: Buffer;
  readonly raw: Buffer;
  readonly hash: string;
}

function read(blob: Buffer): Block {
  if (blob.subarray(0, 6).toString("latin1") !== "SSHSIG" || blob.readUInt32BE(6) !== 1) throw new Error("no SSHSIG");
  const [key, namespace, reserved, hash, signature] = exactly(5, strings(blob.subarray(10)));
  const [keyType, point] = exactly(2, strings(key));
  const [signatureType, raw] = exactly(2, strings(signature));
  if (reserved.length > 0 || !/^sha(256|512)$/.test(hash.toString("latin1"))) throw new Error("another format");
  if (keyType.toString() !== "ssh-ed25519" || signatureType.toString() !== "ssh-ed25519")
    throw new Error("another key");
  return {
    key: `ssh-ed25519 ${key.toString("base64")}`,
    namespace: namespace.toString("utf8"),
    point,
    raw,
    hash: hash.toString("latin1"),
  };
}

/** Verifying is slow, and the same signature is looked at again and again. */
const known = new Map<string, boolean>();

function holds(block: Block, bytes: Uint8Array): boolean {
  const key = [block.key, block.namespace, block.hash, block.raw.toString("hex"), sha256(bytes)].join(" ");
  const answer = known.get(key) ?? isBy(block, bytes);
  known.set(key, answer);
  return answer;
}

function isBy({ namespace, hash, point, raw }: Block, bytes: Uint8Array): boolean {
  const digest = createHash(hash).update(bytes).digest();
  const parts = [Buffer.from(namespace), Buffer.alloc(0), Buffer.from(hash), digest];
  const jwk = { kty: "OKP", crv: "Ed25519", x: point.toString("base64url") };
  const signed = Buffer.concat([Buffer.from("SSHSIG"), ...parts.map(withLength)]);
  return verify(null, signed, createPublicKey({ key: jwk, format: "jwk" }), raw);
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
