// People with keys that follow from their names, and signatures by these.
import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";

/** A person with an Ed25519 key that follows from the name. */
export function person(name) {
  const seed = createHash("sha256").update(`bench key of ${name}`).digest();
  const key = createPrivateKey({
    key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]),
    format: "der",
    type: "pkcs8",
  });
  const raw = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
  const blob = Buffer.concat([wire("ssh-ed25519"), wire(raw)]);
  const fingerprint = `SHA256:${createHash("sha256").update(blob).digest("base64").replaceAll("=", "")}`;
  return { name, key, blob, fingerprint, line: `ssh-ed25519 ${blob.toString("base64")}` };
}

function wire(content) {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** An armoured signature. Format: PROTOCOL.sshsig of OpenSSH. */
export function signature({ key, blob }, namespace, text) {
  const parts = [wire(namespace), wire(""), wire("sha512")];
  const digest = createHash("sha512").update(text).digest();
  const made = sign(null, Buffer.concat([Buffer.from("SSHSIG"), ...parts, wire(digest)]), key);
  const inner = Buffer.concat([wire("ssh-ed25519"), wire(made)]);
  const all = Buffer.concat([Buffer.from("SSHSIG"), Buffer.from([0, 0, 0, 1]), wire(blob), ...parts, wire(inner)]);
  const lines = all.toString("base64").match(/.{1,70}/g);
  return `-----BEGIN SSH SIGNATURE-----\n${lines.join("\n")}\n-----END SSH SIGNATURE-----\n`;
}
