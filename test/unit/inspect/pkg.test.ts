import { describe, expect, it } from "vitest";
import { pkg } from "../../../src/inspect/pkg.ts";
import { sha256Hex } from "../../../src/kernel/digest.ts";
import { describeInspector } from "../../contract/inspector.ts";
import { makeIdentity } from "../../support/apk-certificate.ts";
import { failedCodes, inspectBytes } from "../../support/inspect-bytes.ts";
import { buildXar, type XarInput } from "../../support/pkg-builder.ts";

const { certificate } = makeIdentity("rsa");
const info: XarInput = {
  name: "Notes.pkg/PackageInfo",
  content: `<pkg-info identifier="com.example.notes.pkg" version="1.2.0"/>`,
};
const distribution: XarInput = {
  name: "Distribution",
  content: `<installer-gui-script><product id="com.example.notes" version="1.2"/><options hostArchitectures="x86_64,arm64"/><volume-check><allowed-os-versions><os-version min="12.0"/></allowed-os-versions></volume-check></installer-gui-script>`,
};

describeInspector({
  inspector: pkg,
  sample: () =>
    buildXar([distribution, info, { name: "Notes.pkg/Payload", content: "payload", stored: true }], { certificate }),
  problems: {
    "pkg.bad_checksum": () => buildXar([info], { wrongChecksum: true }),
    "pkg.bad_member": () => buildXar([{ ...info, encoding: "application/x-bzip2" }]),
    "pkg.bad_table": () => buildXar([{ ...info, name: ".." }]),
    "pkg.no_package": () => buildXar([{ name: "Payload", content: "x" }]),
    "pkg.table_too_large": () => buildXar([info], { tableBytes: 2 ** 40 }),
    "pkg.truncated": () => buildXar([info]).subarray(0, 60),
  },
});

describe("macOS installer package", () => {
  it("gives the product, its parts and who is claimed to have signed", async () => {
    expect((await inspectBytes(buildXar([distribution, info], { certificate }))).facts).toEqual({
      identity: "com.example.notes",
      version: "1.2",
      minimum_os: "macOS 12.0",
      architectures: ["x86_64", "arm64"],
      packages: [{ id: "com.example.notes.pkg", version: "1.2.0" }],
      signature: {
        grade: "present",
        signers: [],
        claimed_signers: [
          { certificate_sha256: sha256Hex(certificate), subject: "CN=Waybill Test", not_after: "2040-01-01T00:00:00Z" },
        ],
      },
    });
  });

  it("takes the part for the product where none is named", async () => {
    const { facts, checks } = await inspectBytes(buildXar([{ ...info, name: "PackageInfo", stored: true }]));
    expect(facts).toMatchObject({
      identity: "com.example.notes.pkg",
      version: "1.2.0",
      signature: { grade: "unsigned" },
    });
    expect(checks.filter((check) => check.status === "warning").map((check) => check.id)).toEqual(["pkg.signature"]);
  });

  it.each([
    ["a member past the heap", buildXar([{ ...info, offset: 1 << 30 }]), "truncated"],
    ["a member of another size", buildXar([{ ...info, size: 7 }]), "bad_table"],
    ["a member that is too large", buildXar([{ ...info, size: 1 << 30 }]), "bad_member"],
    ["a member that is no XML", buildXar([{ ...info, content: "x" }]), "bad_member"],
    ["a table of another size", buildXar([info], { tableBytes: 100 }), "bad_table"],
    ["a table without contents", buildXar([], { toc: "<x/>" }), "bad_table"],
    [
      "an offset that is no number",
      buildXar([], { toc: "<toc><file><name>a</name><data><offset>-1</offset></data></file></toc>" }),
      "bad_table",
    ],
  ])("refuses %s", async (_, bytes, problem) => {
    expect(failedCodes(await inspectBytes(bytes))).toEqual([`inspect.pkg.${problem}`]);
  });
});
