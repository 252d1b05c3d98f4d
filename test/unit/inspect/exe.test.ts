import { describe, expect, it } from "vitest";
import { exe } from "../../../src/inspect/exe.ts";
import { sha256Hex } from "../../../src/kernel/digest.ts";
import { describeInspector } from "../../contract/inspector.ts";
import { makeIdentity } from "../../support/apk-certificate.ts";
import { buildExe } from "../../support/exe-builder.ts";
import { failedCodes, inspectBytes } from "../../support/inspect-bytes.ts";

const { certificate } = makeIdentity("rsa");
const noise = Buffer.from(Array.from({ length: 10_000 }, (_, i) => (i * 7919) % 251));
const certificates = [certificate];

describeInspector({
  inspector: exe,
  sample: () => buildExe({ certificates, content: noise }),
  problems: {
    "exe.bad_header": () => buildExe({ sections: 65_535 }),
    "exe.bad_resources": () => buildExe({ resourceAddress: 0x7000_0000 }),
    "exe.bad_signature": () => buildExe({ certificates, certificateType: 1 }),
    "exe.digest_mismatch": () => buildExe({ certificates, wrongDigest: true }),
  },
});

describe("Windows program", () => {
  it("gives processor type, versions and who is claimed to have signed", async () => {
    expect((await inspectBytes(buildExe({ certificates }))).facts).toEqual({
      architectures: ["x64"],
      library: false,
      dotnet: false,
      version: "1.2.0-beta",
      build: "1.2.3.4",
      file_version: "1.2.3.4",
      name: "Notes",
      company: "Example Ltd",
      signature: {
        grade: "digest_verified",
        digest_algorithm: "sha256",
        signers: [],
        claimed_signers: [
          { certificate_sha256: sha256Hex(certificate), subject: "CN=Waybill Test", not_after: "2040-01-01T00:00:00Z" },
        ],
      },
    });
  });

  it.each([
    ["x86", { machine: 0x14c, is32Bit: true }],
    ["arm64", { machine: 0xaa64 }],
    ["machine_9999", { machine: 0x9999 }],
  ])("knows %s", async (architecture, input) => {
    expect((await inspectBytes(buildExe(input))).facts).toMatchObject({ architectures: [architecture] });
  });

  it("knows a library, and takes the numbers where no product version is written", async () => {
    expect((await inspectBytes(buildExe({ isLibrary: true, texts: {} }))).facts).toMatchObject({
      library: true,
      version: "1.2.3.4",
      name: null,
    });
  });

  it("compares SHA-1 digests too, and says which it was", async () => {
    const { facts } = await inspectBytes(buildExe({ certificates, algorithm: "sha1" }));
    expect(facts["signature"]).toMatchObject({ grade: "digest_verified", digest_algorithm: "sha1" });
  });

  it("warns about a program that is not signed", async () => {
    const { facts, checks } = await inspectBytes(buildExe());
    expect(facts["signature"]).toMatchObject({ grade: "unsigned" });
    expect(checks.filter((check) => check.status === "warning").map((check) => check.id)).toEqual(["exe.signature"]);
  });

  it.each([
    ["a changed byte", (bytes: Buffer) => bytes.fill(0x55, 3000, 3001)],
    ["appended bytes", (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(8, 1)])],
  ])("finds %s after signing", async (_, change) => {
    const inspection = await inspectBytes(change(buildExe({ certificates, content: noise })));
    expect(failedCodes(inspection)).toEqual(["inspect.exe.digest_mismatch"]);
    expect(inspection.facts["signature"]).toMatchObject({ grade: "present", signers: [] });
  });

  it.each([
    ["a list of 65,535 resources", { resourceEntries: 65_535 }],
    ["resources in the header", { resourceAddress: 4 }],
  ])("bounds %s", async (_, input) => {
    expect(failedCodes(await inspectBytes(buildExe(input)))).toEqual(["inspect.exe.bad_resources"]);
  });

  it("leaves a program for DOS alone", async () => {
    const dos = Buffer.alloc(512);
    dos.write("MZ");
    expect((await inspectBytes(dos)).kind).toBe("opaque");
    dos.writeUInt32LE(0xffff_fff0, 0x3c);
    expect((await inspectBytes(dos)).kind).toBe("opaque");
  });
});
