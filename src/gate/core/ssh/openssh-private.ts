import { createPrivateKey, createPublicKey } from "node:crypto";
import { ed25519Blob, parseKeyBlob, type PublicKey } from "./openssh-key.ts";
import { malformed, wireReader, wireString, wireU32 } from "./ssh-wire.ts";

const MAGIC = "openssh-key-v1\0";
const BEGIN = "-----BEGIN OPENSSH PRIVATE KEY-----";
const END = "-----END OPENSSH PRIVATE KEY-----";
/** Block size of the cipher `none`, to which the private part is padded. */
const BLOCK_BYTES = 8;

/** A private key file: its public key always, its secret only where it is an unencrypted Ed25519 key. */
export interface PrivateKeyFile {
  readonly key: PublicKey;
  readonly isEncrypted: boolean;
  /** 32 secret bytes and the 32 public ones; null where another program must sign. */
  readonly ed25519: { readonly seed: Uint8Array; readonly publicBytes: Uint8Array } | null;
}

/** Reads an OpenSSH private key file (PROTOCOL.key of OpenSSH). Throws `ssh.malformed`. */
export function parsePrivateKey(text: string): PrivateKeyFile {
  const lines = text.trim().split(/\r?\n/);
  if (lines[0] !== BEGIN || lines.at(-1) !== END) throw malformed("This is no OpenSSH private key file");
  const reader = wireReader(Buffer.from(lines.slice(1, -1).join(""), "base64"), "A private key");
  if (Buffer.from(reader.raw(MAGIC.length)).toString("latin1") !== MAGIC)
    throw malformed("This is no OpenSSH private key");
  const cipher = reader.text();
  reader.string();
  reader.string();
  if (reader.u32() !== 1) throw malformed("A private key file holds one key");
  const key = parseKeyBlob(reader.string());
  const secret = reader.string();
  const isEncrypted = cipher !== "none";
  if (isEncrypted || key.type !== "ssh-ed25519") return { key, isEncrypted, ed25519: null };
  return { key, isEncrypted, ed25519: ed25519Secret(secret, key) };
}

function ed25519Secret(secret: Uint8Array, key: PublicKey): NonNullable<PrivateKeyFile["ed25519"]> {
  const reader = wireReader(secret, "A private key");
  if (reader.u32() !== reader.u32() || reader.text() !== key.type) throw malformed("A private key is damaged");
  const publicBytes = reader.string();
  const both = reader.string();
  const isOwn = Buffer.compare(ed25519Blob(publicBytes), key.blob) === 0;
  if (both.length !== 64 || !isOwn) throw malformed("A private key does not belong to its public key");
  return { seed: both.subarray(0, 32), publicBytes };
}

/** Makes an Ed25519 key file without passphrase from 32 secret bytes, and its public key. `check` is any 32-bit number. */
export function printPrivateKey(
  seed: Uint8Array,
  comment: string,
  check: number,
): { readonly text: string; readonly key: PublicKey } {
  const publicBytes = publicOf(seed);
  const blob = ed25519Blob(publicBytes);
  const secret = Buffer.concat([
    wireU32(check),
    wireU32(check),
    wireString("ssh-ed25519"),
    wireString(publicBytes),
    wireString(Buffer.concat([seed, publicBytes])),
    wireString(comment),
  ]);
  const padding = Buffer.from(Array.from({ length: -secret.length & (BLOCK_BYTES - 1) }, (_, i) => i + 1));
  const bytes = Buffer.concat([
    Buffer.from(MAGIC, "latin1"),
    wireString("none"),
    wireString("none"),
    wireString(""),
    wireU32(1),
    wireString(blob),
    wireString(Buffer.concat([secret, padding])),
  ]);
  const lines = bytes.toString("base64").match(/.{1,70}/g) ?? [];
  return { text: `${[BEGIN, ...lines, END].join("\n")}\n`, key: parseKeyBlob(blob) };
}

/** RFC 8410 wraps the 32 secret bytes in a fixed prefix. */
function publicOf(seed: Uint8Array): Uint8Array {
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  const { x = "" } = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" })).export({
    format: "jwk",
  });
  return Buffer.from(x, "base64url");
}
