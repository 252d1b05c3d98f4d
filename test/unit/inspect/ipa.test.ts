import { describe, expect, it } from "vitest";
import { ipa } from "../../../src/inspect/ipa.ts";
import { describeInspector } from "../../contract/inspector.ts";
import { der, makeCms } from "../../support/apk-certificate.ts";
import { failedCodes, inspectBytes } from "../../support/inspect-bytes.ts";
import { buildFat, buildIpa, buildMachO, PLAIN_INFO, PLAIN_PROFILE } from "../../support/plist-app.ts";
import { buildBinaryPlist, buildXmlPlist, type PlistInput } from "../../support/plist-builder.ts";
import { buildZip } from "../../support/zip-builder.ts";

const withInfo = (more: Readonly<Record<string, PlistInput>>) =>
  buildIpa({ info: buildXmlPlist({ ...PLAIN_INFO, ...more }) });
const withProfile = (more: Readonly<Record<string, PlistInput>>, without: readonly string[] = []) => {
  const all = Object.entries({ ...PLAIN_PROFILE, ...more }).filter(([key]) => !without.includes(key));
  return buildIpa({ profile: makeCms(buildXmlPlist(Object.fromEntries(all))) });
};

describeInspector({
  inspector: ipa,
  sample: () => buildIpa(),
  problems: {
    "ipa.bad_executable": () => buildIpa({ executable: Buffer.from("#!/bin/sh\necho no app") }),
    "ipa.bad_identity": () => withInfo({ CFBundleIdentifier: "../evil" }),
    "ipa.case_collision": () => buildIpa({ more: [{ name: "Payload/Notes.app/info.plist" }] }),
    "ipa.executable_missing": () => buildIpa({ executable: null }),
    "ipa.info_missing": () => buildIpa({ info: null }),
    "ipa.no_app": () => buildZip([{ name: "Payload/readme.txt" }]),
    "ipa.profile_mismatch": () =>
      withProfile({ Entitlements: { "application-identifier": "ABCDE12345.com.example.other" } }),
    "ipa.several_apps": () => buildIpa({ more: [{ name: "Payload/Other.app/Info.plist" }] }),
    "ipa.wrapped": () => buildIpa({ folder: "build/Payload/Notes.app/" }),
  },
});

describe("ipa", () => {
  const idsOf = async (bytes: Uint8Array, status: string) =>
    (await inspectBytes(bytes)).checks.filter((check) => check.status === status).map((check) => check.id);

  it("gives identity, versions, profile and processor types", async () => {
    const inspection = await inspectBytes(buildIpa());
    expect(inspection.facts).toEqual({
      identity: "com.example.notes",
      version: "1.2.0",
      build: "42",
      minimum_os: "iOS 15.0",
      bundle_id: "com.example.notes",
      name: "Notes",
      system: "iOS",
      simulator: false,
      profile: {
        kind: "ad_hoc",
        name: "Notes Ad Hoc",
        uuid: "00000000-0000-4000-8000-000000000000",
        team_id: "ABCDE12345",
        team_name: "Example Ltd",
        application_id: "ABCDE12345.com.example.notes",
        expires_at: "2027-01-01T00:00:00Z",
        devices: 2,
      },
      install_mode: "enterprise",
      expires_at: "2027-01-01T00:00:00Z",
      architectures: ["arm64"],
      encrypted: false,
      code_signature: "present",
    });
    expect(inspection.checks.every((check) => check.status === "passed")).toBe(true);
  });

  it.each([
    ["binary", buildBinaryPlist(PLAIN_INFO)],
    ["UTF-16", Buffer.from(`\ufeff${buildXmlPlist(PLAIN_INFO).toString().replace("UTF-8", "UTF-16")}`, "utf16le")],
  ])("reads a %s Info.plist", async (_, info) => {
    expect((await inspectBytes(buildIpa({ info }))).facts).toMatchObject({
      identity: "com.example.notes",
      version: "1.2.0",
    });
  });

  it.each([
    ["development", "artifact_only", { Entitlements: { "get-task-allow": true } }, []],
    ["ad_hoc", "enterprise", {}, []],
    ["enterprise", "enterprise", { ProvisionsAllDevices: true }, ["ProvisionedDevices"]],
    ["app_store", "testflight", {}, ["ProvisionedDevices"]],
  ] as const)("knows a profile of the kind %s, which allows %s", async (kind, mode, more, without) => {
    const inspection = await inspectBytes(withProfile(more, without));
    expect(inspection.facts).toMatchObject({ profile: { kind }, install_mode: mode });
    expect(failedCodes(inspection)).toEqual([]);
  });

  it("takes a profile for any app of a team, and one in Apple's indefinite lengths", async () => {
    expect(
      failedCodes(await inspectBytes(withProfile({ Entitlements: { "application-identifier": "ABCDE12345.*" } }))),
    ).toEqual([]);
    const profile = makeCms(buildXmlPlist(PLAIN_PROFILE), [], true);
    expect((await inspectBytes(buildIpa({ profile }))).facts["profile"]).toMatchObject({ kind: "ad_hoc" });
  });

  it("warns about a missing profile, a simulator build and an encrypted executable", async () => {
    expect(await idsOf(buildIpa({ profile: null }), "warning")).toEqual(["ipa.profile"]);
    expect(await idsOf(withInfo({ CFBundleSupportedPlatforms: ["iPhoneSimulator"] }), "warning")).toEqual([
      "ipa.simulator",
    ]);
    expect(await idsOf(buildIpa({ executable: buildMachO({ encrypted: true }) }), "warning")).toEqual([
      "ipa.encrypted",
    ]);
  });

  it("passes over what macOS puts beside Payload", async () => {
    expect(
      await idsOf(
        buildIpa({ more: [{ name: "__MACOSX/Payload/Notes.app/._Info.plist" }, { name: "iTunesMetadata.plist" }] }),
        "failed",
      ),
    ).toEqual([]);
  });

  it("keeps the identity when profile or executable are broken", async () => {
    const inspection = await inspectBytes(buildIpa({ profile: Buffer.from("none"), executable: Buffer.from("no") }));
    expect(inspection.facts).toMatchObject({ identity: "com.example.notes" });
    expect(failedCodes(inspection)).toEqual(["inspect.asn1.bad_value", "inspect.ipa.bad_executable"]);
  });

  const nested = Array.from({ length: 60 }).reduce<Buffer>(
    (inner) => Buffer.concat([Buffer.from([0x30, 0x80]), inner, Buffer.from([0, 0])]),
    Buffer.alloc(0),
  );
  it.each([
    ["values that lie too deep", nested, "too_deep"],
    ["too many parts", der(0x30, Buffer.alloc(50_000, Buffer.from([5, 0]))), "too_many"],
    ["a length beyond the file", Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), "bad_value"],
  ])("bounds a profile with %s", async (_, profile, problem) => {
    expect(failedCodes(await inspectBytes(buildIpa({ profile })))).toEqual([`inspect.asn1.${problem}`]);
  });
});

describe("executable", () => {
  const inspect = (executable: Uint8Array) => inspectBytes(buildIpa({ executable }));
  const fat = [buildMachO({ cpu: 0x0100_0007 }), buildMachO({ subtype: 2, signed: false })];

  it("names every processor type, and signed only when all are", async () => {
    expect((await inspect(buildFat(fat))).facts).toMatchObject({
      architectures: ["x86_64", "arm64e"],
      code_signature: "unsigned",
    });
  });

  it.each([
    ["a count of 2^31 slices", buildFat(fat, { count: 2 ** 31 })],
    ["slices that overlap", buildFat(fat, { offset: 4096 })],
    ["slices in the header", buildFat([fat[0]!], { offset: 16 })],
    ["slices beyond the end", buildFat([fat[0]!], { offset: 1 << 30 })],
    ["a fat file in a fat file", buildFat([buildFat(fat)])],
    ["a load command without length", buildMachO({ commandLength: 0 })],
    ["a load command beyond the end", buildMachO({ commandLength: 1 << 20 })],
    ["a Java class", Buffer.from([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61, 0, 0])],
  ])("refuses %s", async (_, executable) => {
    expect(failedCodes(await inspect(executable))).toEqual(["inspect.ipa.bad_executable"]);
  });
});
