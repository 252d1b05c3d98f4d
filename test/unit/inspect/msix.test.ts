import { describe, expect, it } from "vitest";
import { msix } from "../../../src/inspect/msix.ts";
import { sha256Hex } from "../../../src/kernel/digest.ts";
import { describeInspector } from "../../contract/inspector.ts";
import { makeCms, makeIdentity } from "../../support/apk-certificate.ts";
import { failedCodes, inspectBytes } from "../../support/inspect-bytes.ts";
import { buildZip, type ZipInput } from "../../support/zip-builder.ts";

const { certificate } = makeIdentity("rsa");
const MANIFEST = `<?xml version="1.0" encoding="utf-8"?>
<Package xmlns="http://schemas.microsoft.com/appx/manifest/foundation/windows10">
  <Identity Name="Example.Notes" Publisher="CN=Example" Version="1.2.0.0" ProcessorArchitecture="x64"/>
  <Dependencies><TargetDeviceFamily Name="Windows.Desktop" MinVersion="10.0.17763.0"/></Dependencies>
</Package>`;
const BUNDLE = `<b:Bundle xmlns:b="http://schemas.microsoft.com/appx/2013/bundle">
  <b:Identity Name="Example.Notes" Publisher="CN=Example" Version="1.2.0.0"/>
  <b:Packages><b:Package Type="application" Architecture="x64"/><b:Package Type="application" Architecture="arm64"/><b:Package Type="resource"/></b:Packages>
</b:Bundle>`;
const types: ZipInput = { name: "[Content_Types].xml", content: "<Types/>" };
const signature: ZipInput = {
  name: "AppxSignature.p7x",
  content: Buffer.concat([Buffer.from("PKCX"), makeCms(Buffer.alloc(0), [certificate])]),
};
const withManifest = (content: string, name = "AppxManifest.xml", more: readonly ZipInput[] = [signature]) =>
  buildZip([types, { name, content }, ...more]);

describeInspector({
  inspector: msix,
  sample: () => withManifest(MANIFEST),
  problems: {
    "msix.bad_manifest": () => withManifest("<Package/>"),
    "msix.case_collision": () => withManifest(MANIFEST, "AppxManifest.xml", [signature, { name: "appxmanifest.XML" }]),
  },
});

describe("Windows app package", () => {
  it("gives identity, version, processor type and who is claimed to have signed", async () => {
    expect((await inspectBytes(withManifest(MANIFEST))).facts).toEqual({
      identity: "Example.Notes",
      version: "1.2.0.0",
      minimum_os: "Windows 10.0.17763.0",
      architectures: ["x64"],
      publisher: "CN=Example",
      bundle: false,
      signature: {
        grade: "present",
        signers: [],
        claimed_signers: [
          { certificate_sha256: sha256Hex(certificate), subject: "CN=Waybill Test", not_after: "2040-01-01T00:00:00Z" },
        ],
      },
    });
  });

  it("gives the processor types of a bundle", async () => {
    const { facts } = await inspectBytes(withManifest(BUNDLE, "AppxMetadata/AppxBundleManifest.xml"));
    expect(facts).toMatchObject({ identity: "Example.Notes", architectures: ["x64", "arm64"], bundle: true });
  });

  it("warns about a package that is not signed, and takes a signature that cannot be read for present only", async () => {
    const { checks } = await inspectBytes(withManifest(MANIFEST, "AppxManifest.xml", []));
    expect(checks.filter((check) => check.status === "warning").map((check) => check.id)).toEqual(["msix.signature"]);
    const unreadable = withManifest(MANIFEST, "AppxManifest.xml", [
      { name: "AppxSignature.p7x", content: "PKCXno message" },
    ]);
    expect((await inspectBytes(unreadable)).facts["signature"]).toMatchObject({
      grade: "present",
      claimed_signers: [],
    });
  });

  it.each([
    ["a document type", `<!DOCTYPE x [<!ENTITY a "b">]>${MANIFEST.slice(MANIFEST.indexOf("<Package"))}`],
    ["an entity that nobody defined", "<Package><Identity Name='&x;'/></Package>"],
    ["elements too deep", "<a>".repeat(100)],
    ["too many elements", `<a>${"<b/>".repeat(100_001)}</a>`],
    ["nothing", ""],
    ["no version", "<Package><Identity Name='a' Publisher='b'/></Package>"],
  ])("refuses a manifest with %s", async (_, manifest) => {
    expect(failedCodes(await inspectBytes(withManifest(manifest)))).toEqual(["inspect.msix.bad_manifest"]);
  });
});
