import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parsePublicKey, printPublicKey } from "../../../../src/gate/core/ssh/openssh-key.ts";
import { isSignatureOf, parseSignatures } from "../../../../src/gate/core/ssh/sshsig.ts";
import { wireString, wireU32 } from "../../../../src/gate/core/ssh/ssh-wire.ts";
import { createKeys } from "../../../../src/platform/keys/keys.ts";
import { nodeFiles } from "../../../../src/platform/node-files.ts";
import type { Signer } from "../../../../src/ports/signer.ts";
import { hasSshKeygen, sshFolder } from "../../../support/ssh-keygen.ts";

const MESSAGE = Buffer.from("a decision\n");

/** A home folder, and the keys found from it. */
function makeHome(signingKey?: string) {
  const home = mkdtempSync(join(tmpdir(), "waybill-home-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const env = new Map([
    ["HOME", home],
    ["XDG_CONFIG_HOME", join(home, "config")],
    ["PATH", process.env["PATH"] ?? ""],
  ]);
  const keysWith = (more: Readonly<Record<string, string>> = {}, configured = signingKey) =>
    createKeys({
      files: nodeFiles(),
      env: new Map([...env, ...Object.entries(more)]),
      signingKey: async () => configured,
    });
  return { home, keysWith, keys: keysWith() };
}

async function signs(signer: Signer | null): Promise<boolean> {
  if (signer === null) return false;
  const [one] = parseSignatures(Buffer.from(await signer.sign("waybill-decision-v1", MESSAGE)));
  return (
    one !== undefined &&
    printPublicKey(one.key) === signer.publicKey &&
    isSignatureOf(one, "waybill-decision-v1", MESSAGE)
  );
}

describe("a new key", () => {
  it("lies in the configuration folder for its owner only, is listed and signs", async () => {
    const { home, keys } = makeHome();
    const made = await keys.create("alice", null);
    expect(made.path).toBe(join(home, "config", "waybill", "keys", "alice"));
    expect(statSync(made.path).mode & 0o777).toBe(0o600);
    expect(await keys.list()).toEqual([{ name: "alice", publicKey: made.publicKey, source: made.path }]);
    expect((await keys.signer(null, []))?.publicKey).toBe(made.publicKey);
    for (const file of [made.path, `${made.path}.pub`]) expect(await signs(await keys.signer(file, []))).toBe(true);
  });

  it("never replaces another, and needs a name that policy could have", async () => {
    const { keys } = makeHome();
    await keys.create("alice", null);
    await expect(keys.create("alice", null)).rejects.toMatchObject({ code: "keys.exists" });
    await expect(keys.create("../alice", null)).rejects.toMatchObject({ code: "usage.invalid_argument" });
  });

  it.skipIf(!hasSshKeygen)("may have a passphrase, and then is one that only ssh-keygen opens", async () => {
    const { keys } = makeHome();
    const { path, publicKey } = await keys.create("alice", "correct horse");
    const signer = await keys.signer(path, []);
    expect(signer?.publicKey).toBe(publicKey);
    const noTerminal = { SSH_ASKPASS: "/bin/false", SSH_ASKPASS_REQUIRE: "force" };
    const { keysWith } = makeHome();
    const asked = await keysWith(noTerminal).signer(path, []);
    await expect(asked?.sign("waybill-decision-v1", MESSAGE)).rejects.toMatchObject({ code: "keys.encrypted" });
  });
});

describe("the caller's key", () => {
  it("is null without any, and one that the decision prefers among several", async () => {
    const { keys } = makeHome();
    expect(await keys.signer(null, [])).toBeNull();
    const made = [await keys.create("alice", null), await keys.create("bob", null)];
    expect((await keys.signer(null, [made[1]!.publicKey]))?.publicKey).toBe(made[1]!.publicKey);
    expect((await keys.signer(null, []))?.publicKey).toBe(made[0]!.publicKey);
  });

  it("named as a file must be there and be a key", async () => {
    const { home, keys } = makeHome();
    await expect(keys.signer(join(home, "none"), [])).rejects.toMatchObject({ code: "file.not_found" });
    writeFileSync(join(home, "text"), "hello\n");
    await expect(keys.signer(join(home, "text"), [])).rejects.toMatchObject({ code: "keys.unreadable" });
    writeFileSync(join(home, "text.pub"), "hello\n");
    await expect(keys.signer(join(home, "text.pub"), [])).rejects.toMatchObject({ code: "keys.unreadable" });
  });

  it.skipIf(!hasSshKeygen)(
    "is git's signing key first, then Ed25519 of the SSH folder, then what is left",
    async () => {
      const ssh = sshFolder();
      onTestFinished(ssh.close);
      const [rsa, ed, own] = [ssh.key("rsa", "rsa", "-b", "2048"), ssh.key("ed", "ed25519"), ssh.key("own", "ed25519")];
      const { home, keysWith } = makeHome();
      const place = (name: string, key: { readonly path: string }) => {
        mkdirSync(join(home, ".ssh"), { recursive: true });
        for (const end of ["", ".pub"])
          writeFileSync(join(home, ".ssh", name + end), readFileSync(key.path + end), { mode: 0o600 });
      };
      place("id_rsa", rsa);
      expect(await signs(await keysWith().signer(null, []))).toBe(true);
      place("id_ed25519", ed);
      const listed = (await keysWith({}, own.path).list()).map(({ name, publicKey }) => [name, publicKey]);
      expect(listed).toEqual([
        ["user.signingKey", lineOf(own)],
        ["id_ed25519", lineOf(ed)],
        ["id_rsa", lineOf(rsa)],
      ]);
      expect(await keysWith({}, join(home, ".ssh", "id_rsa")).list()).toHaveLength(2);
      expect((await keysWith().signer(null, []))?.publicKey).toBe(lineOf(ed));
      expect((await keysWith({}, own.path).signer(null, []))?.publicKey).toBe(lineOf(own));
      expect((await keysWith({}, `${own.path}.pub`).signer(null, []))?.publicKey).toBe(lineOf(own));
      expect((await keysWith({}, "0xDEADBEEF").signer(null, []))?.publicKey).toBe(lineOf(ed));
      expect((await keysWith({}, own.path).configured())?.publicKey).toBe(lineOf(own));
      for (const none of [undefined, "", "0xDEADBEEF", join(home, "nowhere")])
        expect(await keysWith({}, none).configured()).toBeNull();
    },
  );

  it.skipIf(!hasSshKeygen)("may be in an agent, which signs in its own process", async () => {
    const ssh = sshFolder();
    onTestFinished(ssh.close);
    const held = [ssh.key("ed", "ed25519"), ssh.key("rsa", "rsa", "-b", "2048"), ssh.key("ec", "ecdsa", "-b", "384")];
    const socket = join(ssh.folder, "agent");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] });
    onTestFinished(() => void agent.kill());
    await once(agent.stdout, "data");
    for (const { path } of held) {
      const add = spawn("ssh-add", ["-q", path], {
        env: { SSH_AUTH_SOCK: socket, PATH: process.env["PATH"] },
        stdio: "ignore",
      });
      await once(add, "close");
    }
    const keys = makeHome().keysWith({ SSH_AUTH_SOCK: socket });
    expect((await keys.list()).map(({ source, name }) => [source, name])).toEqual([
      ["agent", "ed"],
      ["agent", "rsa"],
      ["agent", "ec"],
    ]);
    for (const key of held) {
      const signer = await keys.signer(null, [lineOf(key)]);
      expect([signer?.source, signer?.publicKey, await signs(signer)]).toEqual(["agent", lineOf(key), true]);
    }
    expect((await keys.signer(`${held[0]!.path}.pub`, []))?.source).toBe("agent");
    const gone = makeHome().keysWith({ SSH_AUTH_SOCK: join(ssh.folder, "nobody") });
    expect(await gone.list()).toEqual([]);
  });

  it.each<[string, readonly Uint8Array[]]>([
    ["nothing", []],
    ["an empty answer", [wireString("")]],
    ["another answer", [wireString(Buffer.from([5]))]],
    ["a count without keys", [wireString(Buffer.concat([Buffer.from([12]), wireU32(3)]))]],
    [
      "a key that is cut short",
      [wireString(Buffer.concat([Buffer.from([12]), wireU32(1), wireU32(900), Buffer.of(1)]))],
    ],
    ["a length without end", [wireU32(0xffff_ffff), Buffer.alloc(300_000)]],
  ])("is looked for among files where an agent says %s", async (_, says) => {
    const { home, keysWith } = makeHome();
    const socket = join(home, "agent");
    const agent = createServer((connection) => {
      connection.on("error", () => undefined);
      for (const bytes of says) connection.write(bytes);
      connection.end();
    });
    agent.listen(socket);
    await once(agent, "listening");
    onTestFinished(() => void agent.close());
    const keys = keysWith({ SSH_AUTH_SOCK: socket });
    const made = await keys.create("alice", null);
    expect((await keys.signer(null, []))?.publicKey).toBe(made.publicKey);
    expect(await keys.list()).toHaveLength(1);
  });
});

function lineOf({ publicKey }: { readonly publicKey: string }): string {
  return printPublicKey(parsePublicKey(publicKey));
}
