import { afterAll, describe, expect, it } from "vitest";
import fc from "fast-check";
import { parsePublicKey, printPublicKey } from "../../../../../src/gate/core/ssh/openssh-key.ts";
import { parsePrivateKey, printPrivateKey } from "../../../../../src/gate/core/ssh/openssh-private.ts";
import { wireReader, wireString } from "../../../../../src/gate/core/ssh/ssh-wire.ts";
import { isSignatureOf, MAX_SIGNATURES, parseSignatures, signSshsig } from "../../../../../src/gate/core/ssh/sshsig.ts";
import { makeKey } from "../../../../support/gate-world.ts";
import { hasSshKeygen, sshFolder } from "../../../../support/ssh-keygen.ts";
import { readFileSync, writeFileSync } from "node:fs";

const NAMESPACE = "waybill-decision-v1";
const MESSAGE = Buffer.from('{\n  "version": "1.4.0"\n}\n');

/** Whether we take a signature file for one signature by this key over these bytes. */
function accepts(publicKey: string, signature: string, namespace = NAMESPACE, bytes: Uint8Array = MESSAGE): boolean {
  try {
    const [one, ...more] = parseSignatures(Buffer.from(signature, "latin1"));
    return (
      one !== undefined &&
      more.length === 0 &&
      printPublicKey(one.key) === publicKey &&
      isSignatureOf(one, namespace, bytes)
    );
  } catch {
    return false;
  }
}

describe("an SSH signature of ours", () => {
  const { publicKey, seed, publicBytes } = makeKey();
  const signature = signSshsig(NAMESPACE, MESSAGE, seed, publicBytes);

  it("is one of its key, bytes and namespace, and of no other", () => {
    expect(accepts(publicKey, signature)).toBe(true);
    expect(accepts(publicKey, signature, "waybill-request-v1")).toBe(false);
    expect(accepts(publicKey, signature, NAMESPACE, Buffer.from("other"))).toBe(false);
    expect(accepts(makeKey().publicKey, signature)).toBe(false);
  });

  it("is refused with a bit changed anywhere", () => {
    const bytes = Buffer.from(signature.split("\n").slice(1, -2).join(""), "base64");
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const changed = Buffer.from(bytes);
        changed[at]! ^= 1 << bit;
        const isVersionZero = at === 9 && bit === 0;
        expect(accepts(publicKey, armoured(changed))).toBe(isVersionZero);
      }),
      { numRuns: 1000 },
    );
  });

  it("may stand beside others, up to a bound", () => {
    expect(parseSignatures(Buffer.from(signature.repeat(3)))).toHaveLength(3);
    expect(parseSignatures(Buffer.from(""))).toEqual([]);
    expect(() => parseSignatures(Buffer.from(signature.repeat(MAX_SIGNATURES + 1)))).toThrow("at most");
    expect(() => parseSignatures(Buffer.from(signature.repeat(10_000)))).toThrow("at most");
  });

  it.each([
    ["text before it", `hello\n${signature}`],
    ["text after it", `${signature}hello\n`],
    ["CRLF", signature.replaceAll("\n", "\r\n")],
    ["another armour", signature.replaceAll("SSH SIGNATURE", "PGP SIGNATURE")],
    ["base64 that is none", signature.replace(/[A-Z]{3}/, "*?!")],
    ["no end", signature.replace("-----END", "")],
  ])("is refused with %s", (_, text) => {
    expect(() => parseSignatures(Buffer.from(text))).toThrow("signature");
  });
});

function armoured(bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,70}/g) ?? [];
  return `-----BEGIN SSH SIGNATURE-----\n${lines.join("\n")}\n-----END SSH SIGNATURE-----\n`;
}

describe("a key", () => {
  it.each([
    ["a short RSA key", `ssh-rsa ${blobOf("ssh-rsa", Buffer.from([1, 0, 1]), Buffer.alloc(128, 0x7f))}`],
    ["another type than it says", makeKey().publicKey.replace("ssh-ed25519", "ssh-rsa")],
    ["a point off its curve", `ecdsa-sha2-nistp256 ${blobOf("ecdsa-sha2-nistp256", "nistp256", Buffer.alloc(65, 4))}`],
    ["bytes after it", `ssh-ed25519 ${blobOf("ssh-ed25519", Buffer.alloc(32, 1), "more")}`],
    ["a DSA key", `ssh-dss ${blobOf("ssh-dss", "x")}`],
    ["no base64", "ssh-ed25519"],
  ])("is refused: %s", (_, line) => {
    expect(() => parsePublicKey(line)).toThrow(/key|Keys/);
  });

  it("goes through its private file and back", () => {
    const seed = Buffer.alloc(32, 7);
    const { text, key } = printPrivateKey(seed, "alice", 42);
    const read = parsePrivateKey(text);
    expect(Buffer.from(read.ed25519!.seed)).toEqual(seed);
    expect(read.key.fingerprint).toBe(key.fingerprint);
    expect(() => parsePrivateKey(text.replace("OPENSSH", "RSA"))).toThrow("no OpenSSH");
  });
});

function blobOf(...parts: readonly (string | Uint8Array)[]): string {
  return Buffer.concat(parts.map((part) => wireString(part))).toString("base64");
}

describe.skipIf(!hasSshKeygen)("agreement with ssh-keygen (skipped where it is missing)", () => {
  const ssh = sshFolder();
  afterAll(() => ssh.close());

  it.each([
    ["ed25519", ["ed25519"]],
    ["ecdsa256", ["ecdsa", "-b", "256"]],
    ["ecdsa384", ["ecdsa", "-b", "384"]],
    ["ecdsa521", ["ecdsa", "-b", "521"]],
    ["rsa2048", ["rsa", "-b", "2048"]],
    ["rsa3072", ["rsa", "-b", "3072"]],
  ])("takes the signatures of %s keys and names the same fingerprint", (name, type) => {
    const publicKey = printPublicKey(parsePublicKey(ssh.key(name, ...type).publicKey));
    for (let i = 0; i < 5; i += 1) {
      const message = Buffer.from(`message ${i}`);
      const signature = ssh.sign(name, NAMESPACE, message);
      expect(accepts(publicKey, signature, NAMESPACE, message)).toBe(true);
      expect(accepts(publicKey, signature, NAMESPACE, MESSAGE)).toBe(false);
      expect(accepts(publicKey, signature, "file", message)).toBe(false);
    }
    expect(parsePublicKey(publicKey).fingerprint).toBe(ssh.fingerprint(name));
  });

  it("reads a key file that ssh-keygen made, and ssh-keygen reads ours", () => {
    const { path, publicKey } = ssh.key("theirs", "ed25519");
    const { ed25519 } = parsePrivateKey(readFileSync(path, "utf8"));
    const signature = signSshsig(NAMESPACE, MESSAGE, ed25519!.seed, ed25519!.publicBytes);
    expect(ssh.verifies(publicKey.trim(), NAMESPACE, MESSAGE, signature)).toBe(true);
    const ours = printPrivateKey(Buffer.alloc(32, 9), "ours", 1);
    writeFileSync(`${ssh.folder}/ours`, ours.text, { mode: 0o600 });
    writeFileSync(`${ssh.folder}/ours.pub`, `${printPublicKey(ours.key)} ours\n`);
    expect(accepts(printPublicKey(ours.key), ssh.sign("ours", NAMESPACE, MESSAGE))).toBe(true);
  });
});

describe("the wire format", () => {
  it("refuses a length that goes beyond the end", () => {
    expect(() => wireReader(Buffer.from([255, 255, 255, 255, 1]), "it").string()).toThrow("cut short");
  });
});
