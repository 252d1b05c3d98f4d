import { parsePrivateKey } from "../../gate/core/ssh/openssh-private.ts";
import { printPublicKey, withoutComment } from "../../gate/core/ssh/openssh-key.ts";
import { signSshsig } from "../../gate/core/ssh/sshsig.ts";
import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { Files } from "../../ports/files.ts";
import type { Signer } from "../../ports/signer.ts";
import { signWithSshKeygen } from "./ssh-keygen.ts";

/** Largest key file that is read. */
const MAX_KEY_BYTES = 65_536;

/** What reading key files needs. */
export interface KeyFiles {
  readonly files: Files;
  readonly env: ReadonlyMap<string, string>;
}

/** Opens a private key file: signed in this process where it can be, else by `ssh-keygen`. Throws `keys.unreadable`, `file.*`. */
export async function signerOfFile({ files, env }: KeyFiles, path: string): Promise<Signer> {
  const text = Buffer.from(await files.read(path, MAX_KEY_BYTES)).toString("latin1");
  const byProgram: Signer["sign"] = (namespace, bytes) => signWithSshKeygen(env, path, namespace, bytes);
  if (!text.startsWith("-----BEGIN OPENSSH PRIVATE KEY-----")) {
    // Old PEM files do not say their public key; the file beside them does.
    const publicKey = await publicKeyAt(files, `${path}.pub`);
    if (publicKey === null) throw unreadable(path);
    return { publicKey, source: path, sign: byProgram };
  }
  const { key, ed25519 } = parsePrivateKey(text);
  const sign: Signer["sign"] =
    ed25519 === null
      ? byProgram
      : (namespace, bytes) => Promise.resolve(signSshsig(namespace, bytes, ed25519.seed, ed25519.publicBytes));
  return { publicKey: printPublicKey(key), source: path, sign };
}

/** Opens the text of an unencrypted OpenSSH Ed25519 key, as a secret of CI holds it. Throws `keys.unreadable`, `keys.encrypted`. */
export function signerOfText(text: string, source: string): Signer {
  if (!text.startsWith("-----BEGIN OPENSSH PRIVATE KEY-----")) throw unreadable(source);
  const { key, ed25519 } = parsePrivateKey(text);
  if (ed25519 === null) throw unreadable(source);
  const sign: Signer["sign"] = (namespace, bytes) =>
    Promise.resolve(signSshsig(namespace, bytes, ed25519.seed, ed25519.publicBytes));
  return { publicKey: printPublicKey(key), source, sign };
}

/** Public key line of a `.pub` file without its comment; null where there is none. */
export async function publicKeyAt(files: Files, path: string): Promise<string | null> {
  try {
    return withoutComment(Buffer.from(await files.read(path, MAX_KEY_BYTES)).toString("latin1"));
  } catch (cause) {
    if (cause instanceof ToolError && (cause.code === "file.not_found" || cause.code === "ssh.malformed")) return null;
    throw cause;
  }
}

/** Makes the error of a file that holds no key. */
export function unreadable(path: string): ToolError {
  return new ToolError("keys.unreadable", `${printable(path)} holds no SSH key that can be used`, {
    data: { path: printable(path) },
    hints: ["Name a private key file, or a .pub file whose key the agent holds"],
  });
}
