import { createHash, sign } from "node:crypto";
import { wireString } from "../../src/gate/core/ssh/ssh-wire.ts";
import { armour, signedData } from "../../src/gate/core/ssh/sshsig.ts";
import { makeKeyPair } from "./key-pair.ts";

/** What a device says beside its signature. */
export interface Touch {
  /** Bit 0: somebody touched it; bit 2: and was recognised. */
  readonly flags?: number;
  readonly counter?: number;
}

/**
 * A security key without the device: keys and signatures as PROTOCOL.u2f of OpenSSH describes them, which need no hardware to be
 * made by somebody who holds the secret.
 */
export function makeSecurityKey(kind: "ed25519" | "ecdsa", application = "ssh:") {
  const sha256 = (data: Uint8Array | string) => createHash("sha256").update(data).digest();
  const pair = makeKeyPair(kind === "ed25519" ? kind : "P-256");
  const { x = "", y = "" } = pair.publicKey.export({ format: "jwk" });
  const bytes = (part: string) => Buffer.from(part, "base64url");
  const type = kind === "ed25519" ? "sk-ssh-ed25519@openssh.com" : "sk-ecdsa-sha2-nistp256@openssh.com";
  const point =
    kind === "ed25519"
      ? wireString(bytes(x))
      : Buffer.concat([wireString("nistp256"), wireString(Buffer.concat([Buffer.from([4]), bytes(x), bytes(y)]))]);
  const blob = Buffer.concat([wireString(type), point, wireString(application)]);
  const made = (message: Uint8Array): Uint8Array => {
    if (kind === "ed25519") return sign(null, message, pair.privateKey);
    const raw = sign("sha256", message, { key: pair.privateKey, dsaEncoding: "ieee-p1363" });
    return Buffer.concat([mpint(raw.subarray(0, 32)), mpint(raw.subarray(32))]);
  };
  return {
    publicKey: `${type} ${blob.toString("base64")}`,
    /** Signs as the device would; what it says can be made to be anything. */
    sign(namespace: string, content: Uint8Array, { flags = 1, counter = 9 }: Touch = {}): string {
      const said = Buffer.from([flags, counter >>> 24, (counter >>> 16) & 255, (counter >>> 8) & 255, counter & 255]);
      const about = sha256(application);
      const message = Buffer.concat([about, said, sha256(signedData(namespace, "sha512", content))]);
      return armour(namespace, blob, Buffer.concat([wireString(type), wireString(made(message)), said]));
    },
  };
}

/** A positive number of the wire: no leading zeros, but one where the first bit is set. */
function mpint(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = bytes.subarray(first);
  return wireString(((short[0] ?? 0) & 0x80) === 0 ? short : Buffer.concat([Buffer.from([0]), short]));
}
