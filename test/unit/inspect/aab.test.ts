import { describe, expect, it } from "vitest";
import { aab } from "../../../src/inspect/aab.ts";
import { sha256Hex } from "../../../src/kernel/digest.ts";
import { describeInspector } from "../../contract/inspector.ts";
import { plainInputs } from "../../support/apk-builder.ts";
import { buildProtoManifest, PLAIN_BUNDLE, protoBytes, type ProtoNode } from "../../support/apk-bundle.ts";
import { makeCms, makeIdentity } from "../../support/apk-certificate.ts";
import { failedCodes, inspectBytes } from "../../support/inspect-bytes.ts";
import { buildZip, type ZipInput } from "../../support/zip-builder.ts";

const { certificate } = makeIdentity("rsa");
const config: ZipInput = { name: "BundleConfig.pb", content: "x" };
const signed: readonly ZipInput[] = [
  { name: "META-INF/KEY.SF", content: "Signature-Version: 1.0\n" },
  { name: "META-INF/KEY.RSA", content: makeCms(Buffer.alloc(0), [certificate]) },
];
const withManifest = (content: Uint8Array) =>
  buildZip([config, { name: "base/manifest/AndroidManifest.xml", content }, ...signed]);
const bundle = (node: ProtoNode = PLAIN_BUNDLE) => withManifest(buildProtoManifest(node));
const deep = Array.from({ length: 70 }).reduce<ProtoNode>((child) => ({ name: "x", children: [child] }), { name: "y" });

describeInspector({
  inspector: aab,
  sample: () => bundle(),
  problems: {
    "aab.bad_manifest": () => bundle({ name: "module" }),
    "aab.no_base_module": () => buildZip([config]),
    "aab.no_bundle_config": () =>
      buildZip([{ name: "base/manifest/AndroidManifest.xml", content: buildProtoManifest(PLAIN_BUNDLE) }]),
  },
});

describe("app bundle", () => {
  it("gives identity, versions, modules and who is claimed to have signed", async () => {
    const bytes = buildZip([
      config,
      { name: "base/manifest/AndroidManifest.xml", content: buildProtoManifest(PLAIN_BUNDLE) },
      { name: "base/lib/arm64-v8a/libapp.so", content: "elf" },
      { name: "camera/manifest/AndroidManifest.xml", content: "x" },
      ...signed,
    ]);
    expect((await inspectBytes(bytes)).facts).toMatchObject({
      identity: "com.example.notes",
      version: "1.2.0",
      build: "7",
      minimum_os: "API 24",
      architectures: ["arm64-v8a"],
      target_sdk: 34,
      permissions: ["android.permission.INTERNET"],
      modules: ["base", "camera"],
      signature: { grade: "present", signers: [], claimed_signers: [{ certificate_sha256: sha256Hex(certificate) }] },
    });
  });

  it.each([
    [
      "a version name that is a reference",
      { "android:versionName": "@string/version" },
      { version_name: null, version_code: null },
    ],
    [
      "a version code of 64 bits",
      { "android:versionCode": "5", "android:versionCodeMajor": "2" },
      { version_code: 2 ** 33 + 5 },
    ],
  ] as const)("reads %s", async (_, attributes, facts) => {
    const inspection = await inspectBytes(bundle({ name: "manifest", attributes: { package: "a.b", ...attributes } }));
    expect(inspection.facts).toMatchObject(facts);
    expect(failedCodes(inspection)).toEqual([]);
  });

  it.each([
    ["a field with the number 0", Buffer.from([0x00, 0x01])],
    ["a type that does not exist", Buffer.from([0x0f])],
    ["a number of eleven bytes", Buffer.from([0x08, ...Array.from({ length: 11 }, () => 0xff)])],
    ["a length beyond the end", Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])],
    ["a number that is cut short", Buffer.from([0x08, 0xff])],
    ["text where a message should be", protoBytes(1, "not a message at all")],
    ["elements too deep", buildProtoManifest({ ...PLAIN_BUNDLE, children: [deep] })],
    ["a package name that is none", buildProtoManifest({ name: "manifest", attributes: { package: "../x" } })],
    [
      "a version code that is no number",
      buildProtoManifest({ name: "manifest", attributes: { package: "a.b", "android:versionCode": "x" } }),
    ],
  ])("refuses %s", async (_, content) => {
    expect(failedCodes(await inspectBytes(withManifest(content)))).toEqual(["inspect.aab.bad_manifest"]);
  });

  it("warns about a bundle that is not signed", async () => {
    const { checks } = await inspectBytes(
      buildZip([config, { name: "base/manifest/AndroidManifest.xml", content: buildProtoManifest(PLAIN_BUNDLE) }]),
    );
    expect(checks.filter((check) => check.status === "warning").map((check) => check.id)).toEqual(["aab.signature"]);
  });

  it("tells a bundle from a package by content", async () => {
    expect((await inspectBytes(bundle())).kind).toBe("aab");
    expect((await inspectBytes(buildZip(plainInputs))).kind).toBe("apk");
  });
});
