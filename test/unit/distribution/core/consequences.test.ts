import { describe, expect, it } from "vitest";
import { rollbackConsequences, type MovedRelease } from "../../../../src/distribution/core/consequences.ts";
import { PLATFORMS } from "../../../../src/distribution/core/platform.ts";
import type { Platform } from "../../../../src/schema/types.gen.ts";

type File = readonly [platform: Platform, filename: string, variant?: string];

function release(version: string, build: string | null, ...files: readonly File[]): MovedRelease {
  const artifacts = files.map(([platform, filename, variant], i) => ({
    id: `art_${i}`,
    app_id: "acme",
    release_id: `rel_${version}`,
    platform,
    variant: variant ?? null,
    filename,
    content_type: "application/octet-stream",
    size_bytes: 1,
    sha256: "0".repeat(64),
    storage_key: "00/0",
    metadata: {},
    validation_status: "passed" as const,
  }));
  return { version, build, artifacts };
}

function rows(from: MovedRelease, to: MovedRelease): readonly string[] {
  return rollbackConsequences(from, to).map((row) =>
    [row.platform, row.feed, row.new_clients_get, row.already_updated, row.remedy].join(" | "),
  );
}

describe("the consequences of a rollback", () => {
  it("are one row for each platform, by code point", () => {
    const files: readonly File[] = [
      ["windows", "Setup.exe", "x64"],
      ["android_apk", "a.apk"],
      ["ios", "A.ipa"],
      ["linux", "a.deb", "x64"],
      ["macos", "A.zip"],
    ];
    expect(rows(release("1.4.0", "412", ...files), release("1.3.2", "398", ...files))).toEqual([
      "android_apk | page | 1.3.2 (398) | stay: Android refuses a lower versionCode | publish 1.4.1",
      "ios | page | 1.3.2 (398) | stay | reinstall by hand",
      "linux | page | 1.3.2 (398) | stay until told | apt install --allow-downgrades ./<file of 1.3.2>",
      "macos | page | 1.3.2 (398) | stay | replace the app by 1.3.2",
      "windows | page | 1.3.2 (398) | stay | install 1.3.2 by hand",
    ]);
  });

  it("differ by the installer", () => {
    const move = (platform: Platform, filename: string) =>
      rows(release("2.0", null, [platform, filename]), release("1.0", null, [platform, filename]))[0];
    expect(move("windows", "a.msi")).toContain(
      "Windows Installer keeps the newer product | remove it, then install 1.0",
    );
    expect(move("windows", "a.msix")).toContain("refuses a lower package version | publish a version above 2.0");
    expect(move("linux", "a.rpm")).toContain("dnf downgrade");
    expect(move("linux", "a.tar.gz")).toContain("replace it by 1.0");
    expect(move("macos", "a.pkg")).toContain("publish a version above 2.0");
    expect(move("android_aab", "a.aab")).toContain("download | 1.0 | stay: Google Play refuses");
  });

  it("say what new clients do not get any more", () => {
    const from = release("1.4.0", null, ["linux", "a.deb", "x64"], ["linux", "b.deb", "arm64"], ["ios", "a.ipa"]);
    const to = release("1.3.0", null, ["linux", "a.deb", "x64"]);
    expect(rollbackConsequences(from, to).map((row) => row.new_clients_get)).toEqual([
      "nothing: 1.3.0 has no file for ios",
      "1.3.0, without arm64",
    ]);
  });

  it("say that nobody has what the release before had not", () => {
    const row = rollbackConsequences(release("1.4.0", null), release("1.3.0", null, ["ios", "a.ipa"]))[0];
    expect(row).toMatchObject({ already_updated: "none: 1.4.0 has no file", remedy: "nothing to do" });
  });

  it("are none for a move to a higher version", () => {
    const row = rows(
      release("1.3.0", null, ["android_apk", "a.apk"]),
      release("1.4.0", null, ["android_apk", "a.apk"]),
    )[0];
    expect(row).toBe("android_apk | page | 1.4.0 | stay until they install 1.4.0 | nothing to do");
  });

  it("are known for every platform", () => {
    const files = PLATFORMS.map((platform): File => [platform, "file"]);
    expect(rows(release("2.0.0", null, ...files), release("1.0.0", null, ...files))).toHaveLength(PLATFORMS.length);
  });
});
