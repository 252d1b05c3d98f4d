import { randomBytes } from "node:crypto";
import { dirname, isAbsolute, join } from "node:path";
import { printPrivateKey } from "../../gate/core/ssh/openssh-private.ts";
import { printPublicKey, withoutComment } from "../../gate/core/ssh/openssh-key.ts";
import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { Files } from "../../ports/files.ts";
import type { Keys, Signer } from "../../ports/signer.ts";
import { onPath } from "../file-errors.ts";
import { makeFolders } from "../make-folders.ts";
import { agentSigners } from "./agent.ts";
import { publicKeyAt, signerOfFile, unreadable } from "./key-file.ts";
import { createWithPassphrase } from "./ssh-keygen.ts";

/** Names under which `ssh-keygen` writes keys that are tried, the wanted type first. */
const SSH_NAMES = ["id_ed25519", "id_ed25519_sk", "id_ecdsa", "id_rsa"];
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const KEY_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** What finding keys needs: the disk, the environment, and git's `user.signingKey`. */
export interface KeysOn {
  readonly files: Files;
  readonly env: ReadonlyMap<string, string>;
  readonly signingKey: () => Promise<string | undefined>;
}

/** Finds and makes the caller's SSH keys on this machine. */
export function createKeys(on: KeysOn): Keys {
  const folder = configFolder(on.env);
  return {
    signer: async (file, preferred) => {
      if (file !== null) return signerNamed(on, file);
      const candidates = await allSigners(on, folder);
      return (
        candidates.find(({ publicKey }) => preferred.some((key) => isSame(key, publicKey))) ?? candidates[0] ?? null
      );
    },
    configured: async () => configuredSigner(on, await on.signingKey()),
    list: () => listedKeys(on, folder),
    create: (name, passphrase) => createKey(on, folder, name, passphrase),
  };
}

/** Where keys of Waybill lie: `waybill/keys` in the user's configuration folder. */
function configFolder(env: ReadonlyMap<string, string>): string | null {
  const given = env.get("XDG_CONFIG_HOME") ?? env.get("APPDATA");
  if (given !== undefined && isAbsolute(given)) return join(given, "waybill", "keys");
  const home = homeOf(env);
  return home === null ? null : join(home, ".config", "waybill", "keys");
}

function homeOf(env: ReadonlyMap<string, string>): string | null {
  const home = env.get("HOME") ?? env.get("USERPROFILE");
  return home !== undefined && isAbsolute(home) ? home : null;
}

/** In order: git's signing key, Ed25519 keys of the agent, of Waybill, of the SSH folder, and then everything else. */
async function allSigners(on: KeysOn, folder: string | null): Promise<readonly Signer[]> {
  const configured = await configuredSigner(on, await on.signingKey());
  const agent = await agentOf(on.env);
  const own = (await ownKeys(on.files, folder)).map(({ source }) => source);
  const home = homeOf(on.env);
  const ssh = home === null ? [] : SSH_NAMES.map((name) => join(home, ".ssh", name));
  const files = await Promise.all([...own, ...ssh].map((path) => signerIfThere(on, path)));
  const others = [...agent, ...files.filter((signer) => signer !== null)];
  const isEd25519 = ({ publicKey }: Signer) => publicKey.startsWith("ssh-ed25519 ");
  return [
    ...(configured === null ? [] : [configured]),
    ...others.filter(isEd25519),
    ...others.filter((signer) => !isEd25519(signer)),
  ];
}

/** `user.signingKey` is a file, `key::` and a public key, or the id of a PGP key, which is not ours to use. */
async function configuredSigner(on: KeysOn, configured = ""): Promise<Signer | null> {
  const line = configured.startsWith("key::") ? configured.slice(5) : configured;
  if (/^(?:ssh|ecdsa|sk)-\S+ /.test(line)) return agentSigner(on.env, line);
  const path = configured.startsWith("~/") ? join(homeOf(on.env) ?? "", configured.slice(2)) : configured;
  return isAbsolute(path) ? signerIfThere(on, path) : null;
}

async function signerIfThere(on: KeysOn, path: string): Promise<Signer | null> {
  try {
    return await signerNamed(on, path);
  } catch (cause) {
    // A key that nobody named and that cannot be used is not a key here.
    if (cause instanceof ToolError) return null;
    throw cause;
  }
}

/** A private key file, or a public one whose secret the agent holds or lies beside it. Throws `keys.unreadable`, `file.*`. */
async function signerNamed(on: KeysOn, path: string): Promise<Signer> {
  const isPublic = path.endsWith(".pub");
  const line = isPublic ? await publicKeyAt(on.files, path) : null;
  const held = line === null ? null : await agentSigner(on.env, line);
  if (held !== null) return held;
  if (isPublic && line === null) throw unreadable(path);
  return signerOfFile(on, isPublic ? path.slice(0, -".pub".length) : path);
}

async function agentSigner(env: ReadonlyMap<string, string>, line: string): Promise<Signer | null> {
  const wanted = withoutComment(line);
  return (await agentOf(env)).find(({ publicKey }) => isSame(publicKey, wanted)) ?? null;
}

async function agentOf(env: ReadonlyMap<string, string>) {
  const socket = env.get("SSH_AUTH_SOCK");
  return socket === undefined || socket === "" ? [] : agentSigners(socket);
}

/** Keys that {@link allSigners} looks at, by their public halves: none is opened, and one that lies in two places is named once. */
async function listedKeys(on: KeysOn, folder: string | null) {
  const configured = await configuredSigner(on, await on.signingKey());
  const git = configured === null ? [] : [{ name: "user.signingKey", ...configured }];
  const all = [...(await ownKeys(on.files, folder)), ...git, ...(await agentKeys(on.env)), ...(await sshKeys(on))];
  const listed = new Map<string, (typeof all)[number]>();
  for (const key of all) if (!listed.has(key.publicKey)) listed.set(key.publicKey, key);
  return [...listed.values()].map(({ name, publicKey, source }) => ({ name, publicKey, source }));
}

async function sshKeys({ files, env }: KeysOn) {
  const home = homeOf(env);
  if (home === null) return [];
  const found = await Promise.all(
    SSH_NAMES.map(async (name) => {
      const source = join(home, ".ssh", name);
      const publicKey = await publicKeyAt(files, `${source}.pub`);
      return publicKey === null ? null : { name, publicKey, source };
    }),
  );
  return found.filter((key) => key !== null);
}

async function agentKeys(env: ReadonlyMap<string, string>) {
  return (await agentOf(env)).map(({ comment, publicKey, source }) => ({
    name: printable(comment),
    publicKey,
    source,
  }));
}

/** Keys that `waybill keys new` made, by name. */
async function ownKeys(files: Files, folder: string | null) {
  if (folder === null || (await files.stat(folder)) === null) return [];
  const names = (await files.names(folder)).filter((name) => name.endsWith(".pub"));
  const found = await Promise.all(
    names.map(async (name) => {
      const publicKey = await publicKeyAt(files, join(folder, name));
      const person = name.slice(0, -".pub".length);
      return publicKey === null ? null : { name: person, publicKey, source: join(folder, person) };
    }),
  );
  return found.filter((key) => key !== null);
}

async function createKey(on: KeysOn, folder: string | null, name: string, passphrase: string | null) {
  if (!NAME.test(name))
    throw new ToolError("usage.invalid_argument", "A key is named after a person of policy.json", {
      data: { name: printable(name) },
      hints: ["Lower-case letters, digits, dots, dashes and underscores"],
    });
  if (folder === null)
    throw new ToolError("file.not_found", "There is no home folder to keep a key in", {
      hints: ["Set XDG_CONFIG_HOME"],
    });
  const path = join(folder, name);
  if ((await on.files.stat(path)) !== null) throw exists(path);
  await onPath(folder, () => makeFolders(dirname(path), FOLDER_MODE));
  if (passphrase !== null) {
    await createWithPassphrase(on.env, path, name, passphrase);
    const { publicKey } = await signerOfFile(on, path);
    return { publicKey, path };
  }
  const { text, key } = printPrivateKey(randomBytes(32), name, randomBytes(4).readUInt32BE(0));
  const publicKey = printPublicKey(key);
  // The private file comes first and wins or loses the name; a crash in between leaves it without its .pub, and it still signs.
  await writeOnce(on.files, path, text, KEY_MODE);
  await writeOnce(on.files, `${path}.pub`, `${publicKey} ${name}\n`, 0o644);
  return { publicKey, path };
}

async function writeOnce(files: Files, path: string, text: string, mode: number): Promise<void> {
  try {
    await files.write(path, Buffer.from(text, "latin1"), { mode, exclusive: true });
  } catch (cause) {
    throw cause instanceof ToolError && cause.code === "file.exists" ? exists(path) : cause;
  }
}

function exists(path: string): ToolError {
  return new ToolError("keys.exists", `${printable(path)} exists; a key is never overwritten`, {
    data: { path: printable(path) },
    hints: ["waybill keys list", "Choose another name, or move the old key away"],
  });
}

function isSame(a: string, b: string): boolean {
  return a.replaceAll("=", "") === b.replaceAll("=", "");
}
