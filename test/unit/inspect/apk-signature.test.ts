import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../../src/kernel/digest.ts";
import { buildApk, plainInputs, type Block, type SignerInput } from "../../support/apk-builder.ts";
import { makeCms, makeIdentity } from "../../support/apk-certificate.ts";
import { failedCodes, inspectBytes } from "../../support/inspect-bytes.ts";
import type { ZipInput } from "../../support/zip-builder.ts";

const rsa = makeIdentity("rsa");
const ec = makeIdentity("ec");
const noise = Buffer.from(Array.from({ length: 2_500_000 }, (_, i) => (i * 7919) % 251));
const v2 = (more: Partial<SignerInput> = {}): Block => [["v2", { identity: rsa, ...more }]];
const jar: readonly ZipInput[] = [
  {
    name: "META-INF/CERT.SF",
    content: "Signature-Version: 1.0\r\nX-Android-APK-Signed: 2, 3\r\n\r\nName: a\r\n",
  },
  { name: "META-INF/CERT.RSA", content: makeCms(Buffer.alloc(0), [rsa.certificate]) },
];

describe("apk signature", () => {
  const signatureOf = async (bytes: Uint8Array) => {
    const inspection = await inspectBytes(bytes);
    return { signature: inspection.facts["signature"], failed: failedCodes(inspection), checks: inspection.checks };
  };
  const signer = {
    certificate_sha256: sha256Hex(rsa.certificate),
    subject: "CN=Waybill Test",
    not_after: "2040-01-01T00:00:00Z",
  };

  it("says of an unsigned package that it is", async () => {
    const { signature, checks } = await signatureOf(buildApk(plainInputs));
    expect(signature).toEqual({
      schemes: { v1: null, v2: null, v3: null, v3_1: null },
      grade: "unsigned",
      signers: [],
      claimed_signers: [],
    });
    expect(checks.map((check) => [check.id, check.status])).toContainEqual(["apk.signature", "warning"]);
  });

  it("says of scheme v1 only that it is there, and who is claimed to have signed", async () => {
    const plain = [{ ...jar[0]!, content: "Signature-Version: 1.0\n" }, jar[1]!];
    const { signature, failed } = await signatureOf(buildApk([...plainInputs, ...plain]));
    expect(signature).toMatchObject({
      schemes: { v1: "present", v2: null },
      grade: "present",
      signers: [],
      claimed_signers: [signer],
    });
    expect(failed).toEqual([]);
  });

  it("finds that a scheme which the v1 signature names was removed", async () => {
    const { checks } = await signatureOf(buildApk([...plainInputs, ...jar], v2()));
    expect(checks).toContainEqual(
      expect.objectContaining({ status: "failed", detail: { code: "inspect.apk.signature_stripped", scheme: "v3" } }),
    );
  });

  it.each([
    ["v2 with RSA", v2()],
    ["v2 with RSA and SHA-512", v2({ hash: "sha512" })],
    ["v2 with RSA-PSS", v2({ algorithm: 0x0101 })],
    ["v2 with RSA-PSS and SHA-512", v2({ algorithm: 0x0102, hash: "sha512" })],
    ["v2 with an elliptic curve", v2({ identity: ec })],
    ["v2 with DSA", v2({ identity: makeIdentity("dsa") })],
    ["v3 alone", [["v3", { identity: ec }]]],
    [
      "v2, v3 and v3.1",
      [
        ["v2", { identity: rsa, attributes: [[0xbeeff00d, 3]] }],
        ["v3", { identity: rsa, attributes: [[0x559f8b02, 33]] }],
        ["v3_1", { identity: ec }],
      ],
    ],
  ] satisfies [string, Block][])("verifies content and signature of %s", async (_, block) => {
    const { signature, failed } = await signatureOf(
      buildApk([...plainInputs, { name: "noise", content: noise, method: 0 }], block),
    );
    expect(failed).toEqual([]);
    const schemes = Object.fromEntries(
      ["v1", "v2", "v3", "v3_1"].map((name) => [
        name,
        block.some(([scheme]) => scheme === name) ? "signature_verified" : null,
      ]),
    );
    expect(signature).toMatchObject({ schemes, grade: "signature_verified" });
  });

  it("names the signer of the newest scheme", async () => {
    const { signature } = await signatureOf(buildApk(plainInputs, [...v2(), ["v3", { identity: ec }]]));
    expect(signature).toMatchObject({ signers: [{ certificate_sha256: sha256Hex(ec.certificate) }] });
  });

  it("never says more than it checked: an unknown algorithm, and a digest that is not computed", async () => {
    const unknown = await signatureOf(buildApk(plainInputs, v2({ algorithm: 0x0999 })));
    const verity = await signatureOf(buildApk(plainInputs, v2({ algorithm: 0x0421 })));
    expect([unknown.signature, verity.signature]).toMatchObject([{ grade: "present" }, { grade: "present" }]);
  });

  it.each([
    ["one changed byte of content", (bytes: Buffer) => flip(bytes, 60), "digest_mismatch"],
    [
      "one changed byte of the directory",
      (bytes: Buffer) => flip(bytes, bytes.length - 22 - 66 + 38),
      "digest_mismatch",
    ],
  ])("finds %s", async (_, change, problem) => {
    const bytes = buildApk([{ name: "a", content: "x".repeat(200), method: 0 }, ...plainInputs], v2());
    const { failed, signature } = await signatureOf(change(bytes));
    expect(failed).toContain(`inspect.apk.${problem}`);
    expect(signature).toMatchObject({ grade: "present", signers: [], claimed_signers: [signer] });
  });

  it.each([
    ["a key that is not the certificate's", { wrongKey: ec }],
    ["a range of versions that differs outside", { minSdkOutside: 1 }],
  ])("refuses %s", async (_, more) => {
    const { failed } = await signatureOf(buildApk(plainInputs, [["v3", { identity: rsa, ...more }]]));
    expect(failed).toEqual(["inspect.apk.bad_signature"]);
  });

  it("still verifies the scheme that is right beside one that is wrong, and believes neither", async () => {
    const { signature, failed } = await signatureOf(
      buildApk(plainInputs, [...v2({ wrongSignature: true }), ["v3", { identity: rsa }]]),
    );
    expect(failed).toEqual(["inspect.apk.bad_signature"]);
    expect(signature).toMatchObject({ schemes: { v2: "present", v3: "signature_verified" }, grade: "present" });
  });
});

/** Changes one byte. */
function flip(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at]! ^= 1;
  return changed;
}
