import { describe, expect, it } from "vitest";
import { firstManifest, type ManifestFile } from "../../../../src/distribution/core/first-manifest.ts";
import { factsOf } from "../../../../src/distribution/core/artifact-facts.ts";
import type { Data } from "../../../../src/kernel/json.ts";
import { variantOf, variantOfArchitecture, variantOfName } from "../../../../src/distribution/core/variant.ts";

const nothing = { app: null, version: null, build: null, channel: null };

function file(path: string, kind: string, facts: Data = {}): ManifestFile {
  return { path, kind, facts: factsOf(facts) };
}

function refusals(result: ReturnType<typeof firstManifest>): readonly string[] {
  return "refused" in result ? result.refused.map(({ message }) => message) : [];
}

describe("a first manifest", () => {
  it("takes app, version and build from the bytes and says that the app was guessed", () => {
    const apk = file("out/a.apk", "apk", { identity: "com.acme.notes.android", version: "1.4.0", build: "412" });
    const ipa = file("out/A.ipa", "ipa", { identity: "com.acme.Notes", version: "1.4.0", build: "412" });
    expect(firstManifest([apk, ipa], { ...nothing, channel: "internal" })).toEqual({
      manifest: {
        app: "notes",
        version: "1.4.0",
        build: "412",
        channel: "internal",
        artifacts: [
          { platform: "android_apk", path: "out/a.apk" },
          { platform: "ios", path: "out/A.ipa" },
        ],
      },
      guessed: ["app notes: from the identity of the files"],
    });
  });

  it("says of each platform and variant that only a name told", () => {
    const wish = { ...nothing, app: "acme", version: "1" };
    const files = [
      file("acme-win-x64.zip", "zip"),
      file("acme-linux-arm64.tar.gz", "tar_gz"),
      file("acme.zip", "zip"),
      file("acme.deb", "deb", { architectures: ["amd64"] }),
    ];
    const made = firstManifest(files, wish);
    expect("manifest" in made && made.manifest.artifacts).toEqual([
      { platform: "windows", path: "acme-win-x64.zip", variant: "x64" },
      { platform: "linux", path: "acme-linux-arm64.tar.gz", variant: "arm64" },
      { platform: "generic", path: "acme.zip" },
      { platform: "linux", path: "acme.deb", variant: "x64" },
    ]);
    expect("guessed" in made && made.guessed).toEqual([
      "artifacts/0/platform windows: from the name acme-win-x64.zip",
      "artifacts/0/variant x64: from the name acme-win-x64.zip",
      "artifacts/1/platform linux: from the name acme-linux-arm64.tar.gz",
      "artifacts/1/variant arm64: from the name acme-linux-arm64.tar.gz",
      "artifacts/2/platform generic: neither content nor name says more",
    ]);
  });

  it("refuses to invent an app or a version", () => {
    expect(refusals(firstManifest([file("a.zip", "zip")], nothing))).toEqual([
      "Name the app: none of the files says one",
      "Name the version: none of the files says one",
    ]);
  });

  it("refuses versions that differ and names them", () => {
    const files = [file("a.apk", "apk", { version: "1.4.0" }), file("b.ipa", "ipa", { version: "1.3.0" })];
    expect(refusals(firstManifest(files, { ...nothing, app: "acme" }))).toEqual([
      "Name the version: the files say 1.3.0, 1.4.0",
    ]);
  });

  it("takes no version that no release can have", () => {
    const files = [file("a.apk", "apk", { version: "1.4 (final)" })];
    expect(refusals(firstManifest(files, { ...nothing, app: "acme" }))).toHaveLength(1);
  });

  it("names no build where the files name several", () => {
    const files = [file("a.apk", "apk", { build: "412" }), file("b.ipa", "ipa", { build: "411" })];
    const made = firstManifest(files, { ...nothing, app: "acme", version: "1" });
    expect("manifest" in made && made.manifest.build).toBeUndefined();
    expect("guessed" in made && made.guessed).toEqual(["no build: the files name 411, 412; --build sets one"]);
  });

  it("gives an iOS file no variant and a file of several processors the variant universal", () => {
    const files = [
      file("a.ipa", "ipa", { architectures: ["arm64"] }),
      file("a.apk", "apk", { architectures: ["arm64-v8a", "x86_64"] }),
    ];
    const made = firstManifest(files, { ...nothing, app: "acme", version: "1" });
    expect("manifest" in made && made.manifest.artifacts.map(({ variant }) => variant)).toEqual([
      undefined,
      "universal",
    ]);
  });
});

describe("the variant of an installer", () => {
  it.each([
    ["Setup-x64.exe", "x86", "x64", "from the name Setup-x64.exe"],
    ["Setup.exe", "x86", "x86", "from the program, which may install another"],
  ])("of %s is not taken from its own processor alone", (path, architecture, variant, from) => {
    const files = [file(path, "exe", { architectures: [architecture] })];
    const made = firstManifest(files, { ...nothing, app: "acme", version: "1" });
    expect("manifest" in made && made.manifest.artifacts[0]?.variant).toBe(variant);
    expect("guessed" in made && made.guessed).toEqual([`artifacts/0/variant ${variant}: ${from}`]);
  });
});

describe("a variant", () => {
  it.each([
    ["x86_64", "x64"],
    ["amd64", "x64"],
    ["arm64-v8a", "arm64"],
    ["aarch64", "arm64"],
    ["armeabi-v7a", "arm"],
    ["i386", "x86"],
    ["riscv64", "riscv64"],
    ["noarch", null],
    ["unknown", null],
    ["machine_243", null],
    ["../etc", null],
  ])("of %s is %s", (architecture, variant) => {
    expect(variantOfArchitecture(architecture)).toBe(variant);
  });

  it("is one where all names mean the same", () => {
    expect(variantOf(["amd64", "x86_64"])).toBe("x64");
    expect(variantOf([])).toBeNull();
  });

  it.each([
    ["acme-win32-x64.exe", "x64"],
    ["acme-1.2-arm64.dmg", "arm64"],
    ["acme_amd64.deb", "x64"],
    ["Acme-universal.dmg", "universal"],
    ["alarm.apk", null],
    ["charm64.zip", null],
  ])("in the name %s is %s", (filename, variant) => {
    expect(variantOfName(filename)).toBe(variant);
  });
});
