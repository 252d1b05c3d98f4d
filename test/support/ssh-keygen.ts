import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** True where this machine has a real `ssh-keygen` to compare with. */
export const hasSshKeygen = spawnSync("ssh-keygen", ["-?"], { stdio: "ignore" }).error === undefined;

/** A folder for keys and signatures, which `close` removes. */
export function sshFolder() {
  const folder = mkdtempSync(join(tmpdir(), "waybill-ssh-"));
  const run = (args: readonly string[], input = "") => spawnSync("ssh-keygen", args, { input, cwd: folder });
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
    sign: (name: string, namespace: string, bytes: Uint8Array) =>
      sure(["-Y", "sign", "-q", "-f", name, "-n", namespace], Buffer.from(bytes).toString("latin1")).toString(),
    /** Says whether `ssh-keygen -Y verify` accepts a signature by a key. */
    verifies(publicKey: string, namespace: string, bytes: Uint8Array, signature: string): boolean {
      writeFileSync(join(folder, "allowed"), `someone ${publicKey}\n`);
      writeFileSync(join(folder, "message.sig"), signature, "latin1");
      const args = ["-Y", "verify", "-f", "allowed", "-I", "someone", "-n", namespace, "-s", "message.sig"];
      return run(args, Buffer.from(bytes).toString("latin1")).status === 0;
    },
  };
}
