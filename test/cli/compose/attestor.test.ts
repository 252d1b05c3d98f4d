import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { attestorOf } from "../../../cli/compose/asker.ts";
import { EVIDENCE_NAMESPACE, isSignatureOf, parseSignatures } from "../../../src/gate/core/ssh/sshsig.ts";
import { createKeys } from "../../../src/platform/keys/keys.ts";
import { nodeFiles } from "../../../src/platform/node-files.ts";

async function madeKey(passphrase: string | null = null) {
  const folder = mkdtempSync(join(tmpdir(), "waybill-attestor-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const env = new Map([["XDG_CONFIG_HOME", folder]]);
  const keys = createKeys({ files: nodeFiles(), env, signingKey: async () => undefined });
  return keys.create("attestor", passphrase);
}

it("signs evidence with a key from the environment, given as text or as a path", async () => {
  const { path, publicKey } = await madeKey();
  const bytes = Buffer.from("evidence\n");
  for (const given of [path, readFileSync(path, "utf8"), readFileSync(path, "utf8").trim()]) {
    const attestor = await attestorOf(nodeFiles(), new Map([["WAYBILL_ATTESTOR_KEY", given]]));
    expect(attestor?.publicKey).toBe(publicKey);
    const [signature] = parseSignatures(Buffer.from(await attestor!.sign(EVIDENCE_NAMESPACE, bytes)));
    expect(isSignatureOf(signature!, EVIDENCE_NAMESPACE, bytes)).toBe(true);
    expect(isSignatureOf(signature!, EVIDENCE_NAMESPACE, Buffer.from("other\n"))).toBe(false);
  }
});

it("has none where none is set, and refuses what is no key without showing it", async () => {
  expect(await attestorOf(nodeFiles(), new Map([["WAYBILL_ATTESTOR_KEY", ""]]))).toBeNull();
  const secret = "-----BEGIN SOMETHING-----\nc2VjcmV0\n";
  const asked = attestorOf(nodeFiles(), new Map([["WAYBILL_ATTESTOR_KEY", secret]]));
  await expect(asked).rejects.toMatchObject({ code: "keys.unreadable" });
  await expect(asked).rejects.not.toThrow(/c2Vj/);
});
