import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** True where this machine has a real `ssh-keygen` to compare with. */
export const hasSshKeygen = spawnSync("ssh-keygen", ["-?"], { stdio: "ignore" }).error === undefined;

/** A signature, and the key that it is held against. */
interface SignedBy {
  readonly publicKey: string;
  readonly signature: string;
}

/** A folder for keys and signatures, which `close` removes. */
export function sshFolder() {
  const folder = mkdtempSync(join(tmpdir(), "waybill-ssh-"));
  const run = (args: readonly string[], input = "") => spawnSync("ssh-keygen", args, { input, cwd: folder });
  const verifyAll = (namespace: string, bytes: Uint8Array, cases: readonly SignedBy[]): readonly boolean[] => {
    writeFileSync(join(folder, "message"), bytes);
    cases.forEach(({ publicKey, signature }, i) => {
      writeFileSync(join(folder, `${i}.allowed`), `someone ${publicKey}\n`);
      writeFileSync(join(folder, `${i}.sig`), signature, "latin1");
    });
    // One shell for all: a process of its own from a large one costs ten times as much.
    const verify = `ssh-keygen -Y verify -f $i.allowed -I someone -n ${namespace} -s $i.sig < message >/dev/null 2>&1`;
    const script = `i=0; while [ $i -lt ${cases.length} ]; do if ${verify}; then echo 1; else echo 0; fi; i=$((i+1)); done`;
    const { stdout } = spawnSync("sh", ["-c", script], { cwd: folder });
    return stdout
      .toString()
      .trim()
      .split("\n")
      .map((line) => line === "1");
  };
  const sure = (args: readonly string[], input = "") => {
    const done = run(args, input);
    if (done.status !== 0) throw new Error(done.stderr.toString());
    return done.stdout;
  };
  return {
    folder,
    close: () => rmSync(folder, { recursive: true, force: true }),
    /** Makes a key and answers its public line and private file. */
    key(name: string, ...type: readonly string[]) {
      sure(["-q", "-N", "", "-C", name, "-f", name, "-t", ...type]);
      return { publicKey: readFileSync(join(folder, `${name}.pub`), "utf8"), path: join(folder, name) };
    },
    fingerprint: (name: string) =>
      sure(["-l", "-f", `${name}.pub`])
        .toString()
        .split(" ")[1],
    sign: (name: string, namespace: string, bytes: Uint8Array, ...more: readonly string[]) =>
      sure(
        ["-Y", "sign", "-q", "-f", name, "-n", namespace, ...more],
        Buffer.from(bytes).toString("latin1"),
      ).toString(),
    /** Says whether `ssh-keygen -Y verify` accepts signatures by a key, one answer for each. */
    verifyAll,
    /** The same of one signature. */
    verifies: (publicKey: string, namespace: string, bytes: Uint8Array, signature: string): boolean =>
      verifyAll(namespace, bytes, [{ publicKey, signature }])[0] === true,
  };
}
