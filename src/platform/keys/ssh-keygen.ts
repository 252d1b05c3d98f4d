import { spawn } from "node:child_process";
import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";

const MAX_OUTPUT_BYTES = 65_536;

/**
 * Signs with a key file that this process cannot read itself: encrypted, another type, or a security key. `ssh-keygen` asks for a
 * passphrase on the terminal, and says there when a key wants to be touched. Throws `keys.encrypted`.
 */
export async function signWithSshKeygen(
  env: ReadonlyMap<string, string>,
  file: string,
  namespace: string,
  bytes: Uint8Array,
): Promise<string> {
  const { status, stdout, stderr } = await run(env, ["-Y", "sign", "-q", "-f", file, "-n", namespace], bytes);
  if (status === 0 && stdout.startsWith("-----BEGIN SSH SIGNATURE-----")) return stdout;
  const why = stderr.trim() === "" ? "" : `: ${printable(stderr.trim())}`;
  throw new ToolError("keys.encrypted", `The key ${printable(file)} cannot sign here${why}`, {
    data: { file },
    hints: ["Load it into an agent first: ssh-add", "Or make one for Waybill: waybill keys new <person>"],
  });
}

/** Makes an Ed25519 key file with a passphrase, which goes in by a pipe and never on the command line. Throws `keys.encrypted`. */
export async function createWithPassphrase(
  env: ReadonlyMap<string, string>,
  file: string,
  comment: string,
  passphrase: string,
): Promise<void> {
  const answers = Buffer.from(`${passphrase}\n${passphrase}\n`);
  // It would rather ask the terminal or a window; without either it reads the pipe.
  const silent = new Map([...env, ["SSH_ASKPASS_REQUIRE", "never"]]);
  const { status, stderr } = await run(silent, ["-t", "ed25519", "-q", "-f", file, "-C", comment], answers, true);
  if (status === 0) return;
  throw new ToolError("keys.encrypted", `No key with a passphrase was made: ${printable(stderr.trim())}`, {
    data: { file },
    hints: ["ssh-keygen makes them; without it: --no-passphrase", "A passphrase has at least 5 characters"],
  });
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `detached` takes the terminal away from the child; else what it says to its user goes there as it comes. */
function run(
  env: ReadonlyMap<string, string>,
  args: readonly string[],
  input: Uint8Array,
  detached = false,
): Promise<Ended> {
  return new Promise((resolve) => {
    const isSeen = process.stderr.isTTY && !detached;
    const child = spawn("ssh-keygen", args, {
      env: Object.fromEntries(env),
      stdio: ["pipe", "pipe", isSeen ? "inherit" : "pipe"],
      detached,
    });
    let stdout = "";
    let stderr = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      if (stdout.length < MAX_OUTPUT_BYTES) stdout += chunk.toString("latin1");
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      if (stderr.length < MAX_OUTPUT_BYTES) stderr += chunk.toString("utf8");
    });
    // A child that ends before it has read everything closes the pipe; its status says what happened.
    child.stdin?.on("error", () => undefined);
    child.on("error", () => resolve({ status: null, stdout, stderr: "there is no ssh-keygen on this machine" }));
    child.on("close", (status) => resolve({ status, stdout, stderr }));
    child.stdin?.end(input);
  });
}
