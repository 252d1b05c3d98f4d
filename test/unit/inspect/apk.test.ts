import { describe, expect, it } from "vitest";
import { apk } from "../../../src/inspect/apk.ts";
import { describeInspector } from "../../contract/inspector.ts";
import { buildApk, plainInputs, type Block, type SignerInput } from "../../support/apk-builder.ts";
import { makeIdentity } from "../../support/apk-certificate.ts";
import {
  ANDROID,
  buildAxml,
  buildResources,
  manifestNode,
  stringPoolChunk,
  type AxmlAttribute,
  type AxmlNode,
} from "../../support/apk-manifest.ts";
import { failedCodes, inspectBytes } from "../../support/inspect-bytes.ts";
import { buildZip, type ZipInput } from "../../support/zip-builder.ts";

const rsa = makeIdentity("rsa");
const version: readonly AxmlAttribute[] = [
  { id: ANDROID.versionCode, value: 7 },
  { id: ANDROID.versionName, value: "1.2.0" },
];
const manifest = (node: AxmlNode = manifestNode(version)): ZipInput => ({
  name: "AndroidManifest.xml",
  content: buildAxml(node),
});
const v2 = (more: Partial<SignerInput> = {}): Block => [["v2", { identity: rsa, ...more }]];
const deep = Array.from({ length: 70 }).reduce<AxmlNode>((child) => ({ name: "x", children: [child] }), { name: "y" });

describeInspector({
  inspector: apk,
  sample: () => buildApk(plainInputs, [...v2(), ["v3", { identity: rsa }]]),
  problems: {
    "apk.bad_certificate": () => buildApk(plainInputs, v2({ certificate: Buffer.from("none") })),
    "apk.bad_manifest": () => buildApk([manifest({ name: "module" })]),
    "apk.bad_resources": () =>
      buildApk([
        manifest(manifestNode([{ id: ANDROID.versionName, value: { reference: 0x7f010003 } }])),
        { name: "resources.arsc", content: buildResources("1") },
      ]),
    "apk.bad_signature": () => buildApk(plainInputs, v2({ wrongSignature: true })),
    "apk.bad_signing_block": () =>
      buildApk(plainInputs, v2(), (block) => Buffer.concat([Buffer.from([block[0]! ^ 1]), block.subarray(1)])),
    "apk.digest_mismatch": () => buildApk(plainInputs, v2({ wrongDigest: true })),
    "apk.duplicate_block": () => buildApk(plainInputs, [...v2(), ...v2()]),
    "apk.manifest_too_large": () => buildApk([{ name: "AndroidManifest.xml", content: Buffer.alloc((8 << 20) + 1) }]),
    "apk.signature_stripped": () => buildApk(plainInputs, v2({ attributes: [[0xbeeff00d, 3]] })),
    "apk.unsigned_content": () => unsignedContent(),
  },
});

/** The last entry claims more bytes than lie before the signing block; the directory still ends the file rightly. */
function unsignedContent(): Buffer {
  const last = { name: "z", content: "abc", method: 0 };
  const more = { packedBytes: 30, sizeBytes: 30 };
  return buildApk([...plainInputs, { ...last, local: more, central: more }], v2());
}

describe("apk manifest", () => {
  it("gives identity, versions, permissions and processor types", async () => {
    const { facts } = await inspectBytes(buildApk(plainInputs));
    expect(facts).toMatchObject({
      identity: "com.example.notes",
      version: "1.2.0",
      build: "7",
      minimum_os: "API 24",
      architectures: ["arm64-v8a", "x86_64"],
      version_code: 7,
      min_sdk: 24,
      target_sdk: 34,
      permissions: ["android.permission.INTERNET"],
      debuggable: false,
    });
  });

  it("reads strings of both encodings", async () => {
    const content = buildAxml(manifestNode(version), { isUtf8: true });
    expect((await inspectBytes(buildApk([{ name: "AndroidManifest.xml", content }]))).facts).toMatchObject({
      version: "1.2.0",
    });
  });

  it.each(["plain", "sparse", "offset16", "compact"] as const)(
    "resolves a version name through a %s resource table",
    async (layout) => {
      const node = manifestNode([{ id: ANDROID.versionName, value: { reference: 0x7f010002 } }]);
      const resources = { name: "resources.arsc", content: buildResources("v1+2", layout), method: 0 };
      expect((await inspectBytes(buildApk([manifest(node), resources]))).facts).toMatchObject({ version: "v1+2" });
    },
  );

  it.each([
    ["no version at all", [], { version_code: null, version_name: null }],
    [
      "a version code of 64 bits",
      [
        { id: ANDROID.versionCode, value: 5 },
        { id: ANDROID.versionCodeMajor, value: 2 },
      ],
      { version_code: 2 ** 33 + 5 },
    ],
    [
      "a version code with the high bit",
      [{ id: ANDROID.versionCode, value: 0xffff_ffff }],
      { version_code: 0xffff_ffff },
    ],
    ["a version name that is a number", [{ id: ANDROID.versionName, value: 3 }], { version_name: "3" }],
    [
      "a reference without a table",
      [{ id: ANDROID.versionName, value: { reference: 0x7f010001 } }],
      { version_name: null },
    ],
  ] satisfies [string, AxmlAttribute[], object][])("reads %s", async (_, attributes, facts) => {
    const inspection = await inspectBytes(buildApk([manifest(manifestNode(attributes))]));
    expect(inspection.facts).toMatchObject(facts);
    expect(failedCodes(inspection)).toEqual([]);
  });

  it("keeps the code name of an unreleased Android", async () => {
    const node: AxmlNode = {
      name: "manifest",
      attributes: [{ name: "package", value: "a.b" }],
      children: [{ name: "uses-sdk", attributes: [{ id: ANDROID.minSdkVersion, value: "Baklava" }] }],
    };
    expect((await inspectBytes(buildApk([manifest(node)]))).facts).toMatchObject({
      min_sdk: "Baklava",
      minimum_os: "API Baklava",
    });
  });

  it("warns about one part of a split package", async () => {
    const { checks } = await inspectBytes(
      buildApk([manifest(manifestNode([{ name: "split", value: "config.arm64_v8a" }]))]),
    );
    expect(checks.map((check) => check.id)).toContain("apk.split");
  });

  it.each([
    ["text instead of the binary form", Buffer.from("<manifest package='a.b'/>")],
    [
      "a package name that is none",
      buildAxml({ name: "manifest", attributes: [{ name: "package", value: "../../x" }] }),
    ],
    [
      "one attribute twice",
      buildAxml(
        manifestNode([
          { id: ANDROID.versionCode, value: 1 },
          { id: ANDROID.versionCode, value: 2 },
        ]),
      ),
    ],
    ["two roots", buildAxml([manifestNode(), manifestNode()])],
    ["elements too deep", buildAxml(manifestNode([], [deep]))],
    [
      "too many elements",
      buildAxml(
        manifestNode(
          [],
          Array.from({ length: 100_001 }, () => ({ name: "x" })),
        ),
      ),
    ],
    ["a string count of 2^30", buildAxml(manifestNode(), { strings: 2 ** 30 })],
    ["no elements", Buffer.concat([Buffer.from([3, 0, 8, 0, 0, 1, 0, 0]), stringPoolChunk(["x"])])],
  ])("refuses %s", async (_, content) => {
    expect(failedCodes(await inspectBytes(buildApk([{ name: "AndroidManifest.xml", content }])))).toEqual([
      "inspect.apk.bad_manifest",
    ]);
  });

  it("knows a developers' library from a package", async () => {
    expect(
      (await inspectBytes(buildZip([{ name: "AndroidManifest.xml", content: "<manifest/>" }, { name: "classes.jar" }])))
        .kind,
    ).toBe("zip");
  });

  it("allows names that differ in case only, which shrinkers make", async () => {
    expect(failedCodes(await inspectBytes(buildApk([manifest(), { name: "res/a" }, { name: "res/A" }])))).toEqual([]);
  });

  it("refuses bytes before the archive that make it two things (Janus)", async () => {
    const inspection = await inspectBytes(buildZip(plainInputs, { prefix: Buffer.from("dex\n035\u0000") }));
    expect([inspection.kind, failedCodes(inspection)]).toEqual(["apk", ["inspect.zip.prefix"]]);
  });

  it("keeps what it read when the archive turns out bad later", async () => {
    const inspection = await inspectBytes(buildZip([manifest(), { name: "a", content: "x", local: { method: 0 } }]));
    expect(failedCodes(inspection)).toEqual(["inspect.zip.local_mismatch"]);
    expect(inspection.facts).toMatchObject({ identity: "com.example.notes" });
  });
});
