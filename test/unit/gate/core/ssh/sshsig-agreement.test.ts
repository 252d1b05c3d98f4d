import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parsePublicKey, printPublicKey } from "../../../../../src/gate/core/ssh/openssh-key.ts";
import { wireReader, wireString, wireU32 } from "../../../../../src/gate/core/ssh/ssh-wire.ts";
import { isSignatureOf, parseSignatures, signedData } from "../../../../../src/gate/core/ssh/sshsig.ts";
import { makeSecurityKey } from "../../../../support/security-key.ts";
import { hasSshKeygen, sshFolder } from "../../../../support/ssh-keygen.ts";

const NAMESPACE = "waybill-decision-v1";
const MESSAGE = Buffer.from('{\n  "version": "1.4.0"\n}\n');
const BEGIN = "-----BEGIN SSH SIGNATURE-----";
const END = "-----END SSH SIGNATURE-----";

/** Whether we take a signature file for one signature by this key over these bytes. */
function accepts(publicKey: string, text: string): boolean {
  try {
    const [one, ...more] = parseSignatures(Buffer.from(text, "latin1"));
    const isOne = one !== undefined && more.length === 0;
    return isOne && printPublicKey(one.key) === publicKey && isSignatureOf(one, NAMESPACE, MESSAGE);
  } catch {
    return false;
  }
}

/** A signature taken apart, so that each part can be another. */
interface Parts {
  readonly magic: string;
  readonly version: number;
  readonly key: Uint8Array;
  readonly namespace: string;
  readonly reserved: string;
  readonly hash: string;
  readonly algorithm: string;
  /** What follows the algorithm's name: the signature, and of a security key flags and counter. */
  readonly made: Uint8Array;
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text.split("\n").slice(1, -2).join(""), "base64");
}

function takeApart(text: string): Parts {
  const reader = wireReader(bytesOf(text), "it");
  const [magic, version] = [Buffer.from(reader.raw(6)).toString("latin1"), reader.u32()];
  const [key, namespace, reserved, hash] = [reader.string(), reader.text(), reader.text(), reader.text()];
  const inner = wireReader(reader.string(), "it");
  const algorithm = inner.text();
  return { magic, version, key, namespace, reserved, hash, algorithm, made: inner.raw(inner.rest) };
}

function putTogether(on: Parts): Buffer {
  return Buffer.concat([
    Buffer.from(on.magic, "latin1"),
    wireU32(on.version),
    wireString(on.key),
    wireString(on.namespace),
    wireString(on.reserved),
    wireString(on.hash),
    wireString(Buffer.concat([wireString(on.algorithm), on.made])),
  ]);
}

function armoured(bytes: Uint8Array, columns = 70): string {
  const base64 = Buffer.from(bytes).toString("base64");
  const lines = base64.match(new RegExp(`.{1,${columns}}`, "g")) ?? [];
  return `${BEGIN}\n${lines.join("\n")}\n${END}\n`;
}

/** Flips a bit, drops a byte, doubles one or adds one, in turn. */
function mutate(bytes: Buffer, i: number): Buffer {
  const at = (i * 7919) % bytes.length;
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (i % 4) {
    case 0:
      return Buffer.concat([before, Buffer.from([(after[0] ?? 0) ^ (1 << ((i >> 2) % 8))]), after.subarray(1)]);
    case 1:
      return Buffer.concat([before, after.subarray(1)]);
    case 2:
      return Buffer.concat([before, after.subarray(0, 1), after]);
    default:
      return Buffer.concat([bytes, Buffer.from([i % 256])]);
  }
}

describe.skipIf(!hasSshKeygen)("agreement with ssh-keygen (skipped where it is missing)", () => {
  const ssh = sshFolder();
  afterAll(() => ssh.close());
  const signedWith = (name: string, ...type: readonly string[]) => {
    const publicKey = printPublicKey(parsePublicKey(ssh.key(name, ...type).publicKey));
    return { publicKey, text: ssh.sign(name, NAMESPACE, MESSAGE) };
  };
  const touched = (kind: "ed25519" | "ecdsa") => {
    const key = makeSecurityKey(kind);
    return { publicKey: key.publicKey, text: key.sign(NAMESPACE, MESSAGE) };
  };
  const keys = hasSshKeygen
    ? {
        ed25519: signedWith("ed25519", "ed25519"),
        ecdsa256: signedWith("ecdsa256", "ecdsa", "-b", "256"),
        ecdsa384: signedWith("ecdsa384", "ecdsa", "-b", "384"),
        ecdsa521: signedWith("ecdsa521", "ecdsa", "-b", "521"),
        rsa2048: signedWith("rsa2048", "rsa", "-b", "2048", "-m", "PEM"),
        "sk-ed25519": touched("ed25519"),
        "sk-ecdsa": touched("ecdsa"),
      }
    : {};
  const named = Object.entries(keys);
  const [, first = { publicKey: "", text: "" }] = named[0] ?? [];
  /** What we say, and what ssh-keygen says. */
  const both = (publicKey: string, text: string) => [
    accepts(publicKey, text),
    ssh.verifies(publicKey, NAMESPACE, MESSAGE, text),
  ];

  it.each(named)("takes a signature by a %s key", (_, { publicKey, text }) => {
    expect(both(publicKey, text)).toEqual([true, true]);
    expect(putTogether(takeApart(text))).toEqual(bytesOf(text));
  });

  it("on 1,050 mutations of signatures by keys of every type", { timeout: 120_000 }, () => {
    const cases = Array.from({ length: 1050 }, (_, i) => {
      const [name, { publicKey, text }] = named[i % named.length]!;
      return { name, publicKey, signature: armoured(mutate(bytesOf(text), i)) };
    });
    const ours = cases.map(({ publicKey, signature }) => accepts(publicKey, signature));
    const theirs = ssh.verifyAll(NAMESPACE, MESSAGE, cases);
    expect(cases.flatMap(({ name, signature }, i) => (ours[i] === theirs[i] ? [] : [{ name, signature }]))).toEqual([]);
    const refused = theirs.filter((isTaken) => !isTaken).length;
    // Only a version of 0 is none that a verifier refuses.
    expect(refused).toBeGreaterThanOrEqual(1045);
  });

  it.each<[string, Partial<Parts>]>([
    ["another magic", { magic: "SSHSIH" }],
    ["a later version", { version: 2 }],
    ["another namespace", { namespace: "waybill-request-v1" }],
    ["no namespace", { namespace: "" }],
    ["the other hash than it was made with", { hash: "sha256" }],
    ["an unknown hash", { hash: "sha1" }],
    ["no hash", { hash: "" }],
    ["another algorithm", { algorithm: "ssh-ed448" }],
    ["the algorithm of another key", { algorithm: "ecdsa-sha2-nistp256" }],
    ["no algorithm", { algorithm: "" }],
    ["no signature", { made: wireString("") }],
    ["half a signature", { made: wireString(Buffer.alloc(32, 1)) }],
    ["zeros for a signature", { made: wireString(Buffer.alloc(64)) }],
  ])("refuses %s", (_, other) => {
    const { publicKey, text } = first;
    expect(both(publicKey, armoured(putTogether({ ...takeApart(text), ...other })))).toEqual([false, false]);
  });

  it("refuses RSA with SHA-1, whoever made it", () => {
    const { publicKey, text } = named.find(([name]) => name === "rsa2048")![1];
    const key = createPrivateKey(readFileSync(join(ssh.folder, "rsa2048"), "utf8"));
    const by = (algorithm: string, digest: string) => {
      const bytes = sign(digest, signedData(NAMESPACE, "sha512", MESSAGE), key);
      return armoured(putTogether({ ...takeApart(text), algorithm, made: wireString(bytes) }));
    };
    expect(both(publicKey, by("ssh-rsa", "sha1"))).toEqual([false, false]);
    expect(both(publicKey, by("rsa-sha2-256", "sha1"))).toEqual([false, false]);
    expect(both(publicKey, by("rsa-sha2-512", "sha256"))).toEqual([false, false]);
    expect(both(publicKey, by("rsa-sha2-256", "sha256"))).toEqual([true, true]);
    expect(both(publicKey, by("rsa-sha2-512", "sha512"))).toEqual([true, true]);
  });

  it("takes either hash", () => {
    const text = ssh.sign("ed25519", NAMESPACE, MESSAGE, "-O", "hashalg=sha256");
    expect(takeApart(text).hash).toBe("sha256");
    expect(both(first.publicKey, text)).toEqual([true, true]);
  });

  it("takes base64 in lines of any length", () => {
    for (const columns of [1, 64, 76, 5000])
      expect(both(first.publicKey, armoured(bytesOf(first.text), columns))).toEqual([true, true]);
  });

  describe("is stricter", () => {
    it.each<[string, (text: string) => string]>([
      ["text behind it", (text) => `${text}hello\n`],
      ["spaces in its base64", (text) => text.replace(/\n(?!-)/, "\n  ")],
    ])("about the armour: %s", (_, edit) => {
      expect(both(first.publicKey, edit(first.text))).toEqual([false, true]);
    });

    it("about bytes that are not signed: reserved ones, and names that end with a zero byte", () => {
      const parts = takeApart(first.text);
      for (const other of [{ reserved: "x" }, { namespace: `${NAMESPACE}\0` }, { hash: "sha512\0" }])
        expect(both(first.publicKey, armoured(putTogether({ ...parts, ...other })))).toEqual([false, true]);
    });

    it.each(["ed25519", "ecdsa"] as const)("about %s security keys, which somebody must have touched", (kind) => {
      const key = makeSecurityKey(kind);
      const by = (flags: number) => both(key.publicKey, key.sign(NAMESPACE, MESSAGE, { flags, counter: 2 ** 31 }));
      // sshd asks for the touch too, `ssh-keygen -Y verify` does not.
      expect([0, 1, 4, 5].map(by)).toEqual([
        [false, true],
        [true, true],
        [false, true],
        [true, true],
      ]);
    });
  });

  it("refuses a touch, a counter or an application that was not signed", () => {
    const key = makeSecurityKey("ed25519");
    const parts = takeApart(key.sign(NAMESPACE, MESSAGE, { flags: 0 }));
    const tail = parts.made.length - 5;
    const said = (at: number, byte: number) => {
      const made = Buffer.from(parts.made);
      made[tail + at] = byte;
      return both(key.publicKey, armoured(putTogether({ ...parts, made })));
    };
    expect([said(0, 1), said(4, 7)]).toEqual([
      [false, false],
      [false, false],
    ]);
    const elsewhere = Buffer.concat([parts.key.subarray(0, -4), Buffer.from("sss:")]);
    const line = printPublicKey({ type: "sk-ssh-ed25519@openssh.com", blob: elsewhere });
    expect(both(line, armoured(putTogether({ ...parts, key: elsewhere })))).toEqual([false, false]);
  });
});
