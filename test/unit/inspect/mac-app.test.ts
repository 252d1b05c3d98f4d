import { describe, expect, it } from "vitest";
import { macApp } from "../../../src/inspect/mac-app.ts";
import { describeInspector } from "../../contract/inspector.ts";
import { failedCodes, inspectBytes } from "../../support/inspect-bytes.ts";
import { buildFat, buildMachO } from "../../support/plist-app.ts";
import { buildXmlPlist, type PlistInput } from "../../support/plist-builder.ts";
import { buildZip, type ZipInput } from "../../support/zip-builder.ts";

const INFO = {
  CFBundleIdentifier: "com.example.notes",
  CFBundleShortVersionString: "1.2.0",
  CFBundleVersion: "42",
  CFBundleExecutable: "Notes",
  LSMinimumSystemVersion: "12.0",
} as const;
const contents = "Notes.app/Contents/";
const executable: ZipInput = {
  name: `${contents}MacOS/Notes`,
  content: buildFat([buildMachO({ cpu: 0x0100_0007 }), buildMachO()]),
};
const info = (more: Readonly<Record<string, PlistInput>> = {}): ZipInput => ({
  name: `${contents}Info.plist`,
  content: buildXmlPlist({ ...INFO, ...more }),
});
const seal: ZipInput = { name: `${contents}_CodeSignature/CodeResources`, content: "seal" };
const ticket: ZipInput = { name: `${contents}CodeResources`, content: "ticket" };

describeInspector({
  inspector: macApp,
  sample: () => buildZip([info(), executable, seal]),
  problems: {
    "mac_app.bad_executable": () => buildZip([info(), { ...executable, content: "#!/bin/sh" }]),
    "mac_app.bad_identity": () => buildZip([info({ CFBundleIdentifier: "a b" }), executable]),
    "mac_app.case_collision": () => buildZip([info(), executable, { name: `${contents}info.plist` }]),
    "mac_app.executable_missing": () => buildZip([info()]),
    "mac_app.info_missing": () => buildZip([executable]),
    "mac_app.several_apps": () => buildZip([info(), executable, { name: "Other.app/Contents/Info.plist" }]),
  },
});

describe("macOS app", () => {
  it("gives identity, versions and processor types", async () => {
    const { facts } = await inspectBytes(buildZip([info(), executable, seal]));
    expect(facts).toEqual({
      identity: "com.example.notes",
      version: "1.2.0",
      build: "42",
      minimum_os: "macOS 12.0",
      bundle_id: "com.example.notes",
      name: null,
      system: "macOS",
      architectures: ["x86_64", "arm64"],
      code_signature: "present",
    });
  });

  it.each([
    ["stapled", [seal, ticket], "passed"],
    ["present", [seal], "passed"],
    ["unsigned", [], "warning"],
    ["unsigned", [ticket], "warning"],
  ] as const)("says %s of the signature, and no more than is there", async (grade, more, status) => {
    const { facts, checks } = await inspectBytes(buildZip([info(), executable, ...more]));
    expect(facts["code_signature"]).toBe(grade);
    expect(checks.find((check) => check.id === "mac_app.signature")?.status).toBe(status);
  });

  it("takes links inside the app, and refuses those that lead out", async () => {
    const link = (content: string) =>
      buildZip([info(), executable, { name: `${contents}Frameworks/X`, content, mode: 0o120755 }]);
    expect(failedCodes(await inspectBytes(link("Versions/Current/X")))).toEqual([]);
    expect(failedCodes(await inspectBytes(link("../../../../etc")))).toEqual(["inspect.zip.link_escape"]);
  });
});
