import { connect } from "node:net";
import { armour, signedData } from "../../gate/core/ssh/sshsig.ts";
import { parseKeyBlob, printPublicKey } from "../../gate/core/ssh/openssh-key.ts";
import { type WireReader, wireReader, wireString, wireU32 } from "../../gate/core/ssh/ssh-wire.ts";
import type { Signer } from "../../ports/signer.ts";
import { ToolError } from "../../kernel/errors.ts";

/** Message numbers of draft-ietf-sshm-ssh-agent section 6.1. */
const LIST = 11;
const IDENTITIES = 12;
const SIGN = 13;
const SIGNED = 14;
/** Flag that asks an RSA key for SHA-512. */
const RSA_SHA2_512 = 4;

/** Longest that an agent may take to say what it holds. */
const LIST_MS = 5_000;
/** Longest that it may take to sign: it may ask its user, and a security key waits for a touch. */
const SIGN_MS = 60_000;
const MAX_ANSWER_BYTES = 262_144;
const MAX_KEYS = 100;

type AgentSigner = Signer & { readonly comment: string };

/**
 * Keys that an agent holds, as signers, in its order. None where it does not answer, or answers nonsense: there are other keys. Keys of
 * unknown kinds are left out.
 */
export async function agentSigners(socket: string): Promise<readonly AgentSigner[]> {
  try {
    return signersIn(
      await ask(socket, { request: Buffer.from([LIST]), wanted: IDENTITIES, withinMs: LIST_MS }),
      socket,
    );
  } catch {
    return [];
  }
}

function signersIn(answer: WireReader, socket: string): readonly AgentSigner[] {
  const found: AgentSigner[] = [];
  const count = Math.min(answer.u32(), MAX_KEYS);
  for (let i = 0; i < count; i += 1) {
    const blob = answer.string();
    const comment = answer.text();
    const publicKey = lineOf(blob);
    if (publicKey !== null) found.push({ publicKey, source: "agent", comment, sign: signWith(socket, blob) });
  }
  return found;
}

function lineOf(blob: Uint8Array): string | null {
  try {
    return printPublicKey(parseKeyBlob(blob));
  } catch {
    return null;
  }
}

function signWith(socket: string, blob: Uint8Array): Signer["sign"] {
  return async (namespace, bytes) => {
    const parts = [Buffer.from([SIGN]), wireString(blob), wireString(signedData(namespace, "sha512", bytes))];
    const request = Buffer.concat([...parts, wireU32(RSA_SHA2_512)]);
    const reader = await ask(socket, { request, wanted: SIGNED, withinMs: SIGN_MS });
    return armour(namespace, blob, reader.string());
  };
}

interface Question {
  readonly request: Uint8Array;
  /** Message number of the answer. */
  readonly wanted: number;
  readonly withinMs: number;
}

/** Sends one request and answers what follows the message number. */
function ask(socket: string, { request, wanted, withinMs }: Question): Promise<WireReader> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const connection = connect(socket, () => connection.write(wireString(request)));
    const fail = (why: string) => {
      connection.destroy();
      reject(
        new ToolError("keys.unreadable", `The SSH agent ${why}`, { hints: ["ssh-add -l", "Name a key file: --key"] }),
      );
    };
    connection.setTimeout(withinMs, () => fail("does not answer"));
    connection.on("error", () => fail("cannot be reached"));
    connection.on("close", () => fail("hung up"));
    connection.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes > MAX_ANSWER_BYTES) return fail("says too much");
      const all = Buffer.concat(chunks);
      if (all.length < 4 || all.length < 4 + all.readUInt32BE(0)) return;
      connection.removeAllListeners("close");
      connection.destroy();
      const reader = wireReader(all.subarray(4, 4 + all.readUInt32BE(0)), "The agent's answer");
      if (reader.rest === 0 || reader.byte() !== wanted) fail("refused");
      else resolve(reader);
    });
  });
}
