import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { codeOwners } from "../../../src/gate/core/policy.ts";
import type { Oid } from "../../../src/kernel/oid.ts";
import { gitObject, type ObjectKind } from "../../../src/platform/git/objects.ts";
import { createMemoryRepository, type MemoryRepository } from "../../../src/platform/memory/git-store.ts";
import type { NaiveCommit, NaiveFile, NaiveHistory } from "./history.ts";

/** A tree as a flat list of files. */
export type Files = ReadonlyMap<string, NaiveFile>;

/** A history that is written once for both folds: as git objects, and as plain lists. */
export interface Stage extends NaiveHistory {
  readonly repository: MemoryRepository;
  readonly commits: Map<string, NaiveCommit>;
  readonly evidence: Map<string, Buffer>;
  /** Makes a commit of any tree, parents and time. */
  commit(parents: readonly string[], tree: Files, seconds: number): Oid;
}

/** Makes an empty stage. */
export function makeStage(): Stage {
  const repository = createMemoryRepository();
  const commits = new Map<string, NaiveCommit>();
  const put = (kind: ObjectKind, content: Buffer): Oid => {
    const made = gitObject("sha1", kind, content);
    repository.objects.set(made.oid, { kind, content });
    return made.oid;
  };
  let count = 0;
  return {
    repository,
    commits,
    evidence: new Map(),
    forgeRepositoryId: 81,
    codeOwners,
    commit(parents, tree, seconds) {
      count += 1;
      const who = `Somebody <somebody@example.invalid> ${seconds} +0000`;
      const lines = [
        `tree ${writeTree(put, tree)}`,
        ...parents.map((parent) => `parent ${parent}`),
        `author ${who}`,
        `committer ${who}`,
        "",
        `step ${count}\n`,
      ];
      const oid = put("commit", Buffer.from(lines.join("\n")));
      commits.set(oid, { id: oid, parents, seconds, tree });
      return oid;
    },
  };
}

/** Writes blobs and trees of a flat list of files. */
function writeTree(put: (kind: ObjectKind, content: Buffer) => Oid, files: Files): Oid {
  const folders = new Map<string, Map<string, NaiveFile>>();
  const entries: { readonly mode: string; readonly name: string; readonly oid: Oid }[] = [];
  for (const [path, file] of files) {
    const [first = "", ...rest] = path.split("/");
    if (rest.length === 0) entries.push({ mode: file.mode, name: first, oid: put("blob", file.bytes) });
    else {
      const folder = folders.get(first) ?? new Map<string, NaiveFile>();
      folders.set(first, folder.set(rest.join("/"), file));
    }
  }
  for (const [name, below] of folders) entries.push({ mode: "40000", name, oid: writeTree(put, below) });
  // Git sorts a folder as if its name ended in a slash.
  const key = ({ mode, name }: { mode: string; name: string }) => Buffer.from(mode === "40000" ? `${name}/` : name);
  const sorted = entries.toSorted((a, b) => Buffer.compare(key(a), key(b)));
  return put(
    "tree",
    Buffer.concat(
      sorted.map(({ mode, name, oid }) => Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, "hex")])),
    ),
  );
}

/** A key that signs, made from a name, so that a history is the same in every run. */
export interface StageKey {
  /** The line of policy. */
  readonly line: string;
  /** An armoured signature of a namespace over bytes. */
  sign(namespace: string, bytes: Uint8Array): string;
}

const made = new Map<string, StageKey>();

/** The key of a name. */
export function keyNamed(name: string): StageKey {
  const found = made.get(name) ?? makeKeyOf(name);
  made.set(name, found);
  return found;
}

function makeKeyOf(name: string): StageKey {
  const seed = createHash("sha256").update(name).digest();
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const { x = "" } = createPublicKey(privateKey).export({ format: "jwk" });
  const blob = packed("ssh-ed25519", Buffer.from(x, "base64url"));
  return {
    line: `ssh-ed25519 ${blob.toString("base64")}`,
    sign(namespace, bytes) {
      const digest = createHash("sha512").update(bytes).digest();
      const raw = sign(
        null,
        Buffer.concat([Buffer.from("SSHSIG"), packed(namespace, "", "sha512", digest)]),
        privateKey,
      );
      const version = Buffer.from([0, 0, 0, 1]);
      const body = packed(blob, namespace, "", "sha512", packed("ssh-ed25519", raw));
      return armoured(Buffer.concat([Buffer.from("SSHSIG"), version, body]));
    },
  };
}

/** Armour around a signature blob. */
export function armoured(blob: Buffer): string {
  const lines = blob.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN SSH SIGNATURE-----", ...lines, "-----END SSH SIGNATURE-----", ""].join("\n");
}

function packed(...parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}
