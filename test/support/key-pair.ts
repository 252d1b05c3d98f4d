import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";

/**
 * Makes a key pair, and takes it from its encodings: Node 20 waits for itself for ever where a key that it has just made is exported as
 * a JWK while what made it is collected.
 */
export function makeKeyPair(kind: "ed25519" | "P-256"): {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
} {
  const publicKeyEncoding = { format: "der", type: "spki" } as const;
  const privateKeyEncoding = { format: "der", type: "pkcs8" } as const;
  const { privateKey, publicKey } =
    kind === "ed25519"
      ? generateKeyPairSync(kind, { publicKeyEncoding, privateKeyEncoding })
      : generateKeyPairSync("ec", { namedCurve: kind, publicKeyEncoding, privateKeyEncoding });
  return {
    privateKey: createPrivateKey({ key: privateKey, ...privateKeyEncoding }),
    publicKey: createPublicKey({ key: publicKey, ...publicKeyEncoding }),
  };
}
