import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";

/** A key with a certificate that it signed itself. */
export interface Identity {
  readonly privateKey: KeyObject;
  readonly publicKey: Buffer;
  readonly certificate: Buffer;
}

/** Writes one DER value. */
export function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  if (body.length > 0xffff) length.splice(0, 3, 0x83, body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff);
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

/** Writes an object identifier whose parts are below 2^14, or in base 128 as given. */
export function oid(...encoded: readonly number[]): Buffer {
  return der(0x06, Buffer.from(encoded));
}

const SHA256_WITH = {
  rsa: [oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b), der(0x05)],
  ec: [oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)],
  dsa: [oid(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x02)],
} as const;

/** Makes a key and a certificate for it, valid from 2020 to 2040. */
export function makeIdentity(kind: keyof typeof SHA256_WITH, commonName = "Waybill Test"): Identity {
  const { privateKey, publicKey } = newPair(kind);
  const spki = publicKey.export({ format: "der", type: "spki" });
  const algorithm = der(0x30, ...SHA256_WITH[kind]);
  const name = der(0x30, der(0x31, der(0x30, oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(commonName)))));
  const validity = der(0x30, der(0x17, Buffer.from("200101000000Z")), der(0x17, Buffer.from("400101000000Z")));
  const tbs = der(0x30, der(0x02, Buffer.from([1])), algorithm, name, validity, name, spki);
  const signature = sign("sha256", tbs, privateKey);
  return {
    privateKey,
    publicKey: spki,
    certificate: der(0x30, tbs, algorithm, der(0x03, Buffer.from([0]), signature)),
  };
}

function newPair(kind: keyof typeof SHA256_WITH) {
  if (kind === "ec") return generateKeyPairSync("ec", { namedCurve: "P-256" });
  if (kind === "dsa") return generateKeyPairSync("dsa", { modulusLength: 1024, divisorLength: 160 });
  return generateKeyPairSync("rsa", { modulusLength: 2048 });
}

/** Wraps bytes as CMS signed data without a real signature; `indefinite` writes lengths as Apple does. */
export function makeCms(content: Uint8Array, certificates: readonly Uint8Array[] = [], indefinite = false): Buffer {
  const wrap = indefinite ? unbounded : der;
  const half = Math.floor(content.length / 2);
  const pieces = [der(0x04, content.subarray(0, half)), der(0x04, content.subarray(half))];
  return makeCmsOf(indefinite ? wrap(0x24, ...pieces) : der(0x04, content), certificates, wrap);
}

/** Wraps any value as CMS signed data. */
export function makeCmsOf(value: Uint8Array, certificates: readonly Uint8Array[], wrap: typeof der = der): Buffer {
  const data = oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01);
  const signedData = oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02);
  const encapsulated = wrap(0x30, data, wrap(0xa0, value));
  const body = wrap(0x30, der(0x02, Buffer.from([1])), der(0x31), encapsulated, der(0xa0, ...certificates), der(0x31));
  return wrap(0x30, signedData, wrap(0xa0, body));
}

/** Writes a value whose end is marked instead of its length. */
function unbounded(tag: number, ...content: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from([tag, 0x80]), ...content, Buffer.from([0, 0])]);
}
