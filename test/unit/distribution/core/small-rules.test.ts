import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assetName, clashesOf, tagOf } from "../../../../src/distribution/core/asset-name.ts";
import { expiryCheck, expiryMark } from "../../../../src/distribution/core/expiry.ts";
import { contentTypeOf, guessPlatform } from "../../../../src/distribution/core/platform.ts";
import { judgeValidation } from "../../../../src/distribution/core/validation.ts";
import { inspectors } from "../../../../src/inspect/registry.ts";

const sha = "f1d07263dd4c940d4e1d5a1df3c5ae7fd1b4f19dbe8d5fa2ad9d5d2d6e1c0a34";

describe("assetName", () => {
  it.each([
    ["AcmeNotes.ipa", "AcmeNotes-f1d07263dd4c940d.ipa"],
    ["acme.tar.gz", "acme-f1d07263dd4c940d.tar.gz"],
    ["Änderung (1).zip", "nderung-1--f1d07263dd4c940d.zip"],
    [".env", "env-f1d07263dd4c940d"],
    ["README", "README-f1d07263dd4c940d"],
  ])("of %s is %s", (filename, expected) => {
    expect(assetName(filename, sha)).toBe(expected);
  });

  it("is safe and short for every name", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (filename) => {
        expect(assetName(filename, sha)).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/);
      }),
    );
  });
});

describe("clashesOf", () => {
  it("finds different bytes under one name, also where only the case differs", () => {
    const files = [
      { name: "a-1.zip", filename: "a.zip", sha256: "1" },
      { name: "A-1.zip", filename: "A.zip", sha256: "2" },
      { name: "a-1.zip", filename: "a.zip", sha256: "1" },
    ];
    expect(clashesOf(files).map(({ code }) => code)).toEqual(["dist.upload.name_taken"]);
  });
});

describe("tagOf", () => {
  it.each([
    ["1.4.0", "412", "acme-v1.4.0-412"],
    ["1.4.0~rc1", null, "acme-v1.4.0-rc1"],
    ["1..2.lock", null, "acme-v1.2"],
  ])("of %s (%s) is %s", (version, build, expected) => {
    expect(tagOf("acme", { version, build })).toBe(expected);
  });
});

describe("expiryMark", () => {
  it.each([
    ["2027-02-01T00:00:00Z", null],
    ["2027-01-01T00:00:00Z", 60],
    ["2026-12-18T00:00:00Z", 30],
    ["2026-12-04T00:00:00Z", 15],
    ["2026-11-26T00:00:00Z", 7],
    ["2026-11-20T00:00:00Z", 1],
    ["2026-11-19T00:00:00Z", 0],
    ["not a time", null],
  ])("of %s is %s", (expiresAt, mark) => {
    expect(expiryMark(expiresAt, "2026-11-19T11:40:00Z")).toBe(mark);
  });

  it("says when, in words", () => {
    expect(expiryCheck("2026-12-15T12:00:00Z", "2026-11-19T11:40:00Z")?.message).toBe(
      "profile expires 2026-12-15, in 26 days",
    );
    expect(expiryCheck("2026-11-15T12:00:00Z", "2026-11-19T11:40:00Z")?.message).toBe("profile expired 2026-11-15");
    expect(expiryCheck(null, "2026-11-19T11:40:00Z")).toBeNull();
  });
});

describe("judgeValidation", () => {
  const counts = { pending: 0, passed: 3, failed: 1, warning: 0, skipped: 0 };
  it.each([
    ["strict", counts, false, false],
    ["strict", { ...counts, failed: 0, pending: 1 }, false, false],
    ["strict", { ...counts, failed: 0, warning: 1, skipped: 1 }, true, false],
    ["warn", counts, true, true],
    ["warn", { ...counts, failed: 0 }, true, false],
    ["off", counts, true, false],
  ] as const)("%s of %j", (policy, given, takes, warns) => {
    expect(judgeValidation(policy, given)).toMatchObject({ takes, warns });
  });
});

describe("guessPlatform", () => {
  it.each([
    ["apk", "x.zip", "android_apk"],
    ["zip", "AcmeNotes-mac.zip", "macos"],
    ["zip", "acme-windows-x64.zip", "windows"],
    ["tar_gz", "acme-linux.tar.gz", "linux"],
    ["zip", "darwinism.zip", "generic"],
    ["opaque", "Acme.ipa", "ios"],
  ])("of %s %s is %s", (kind, filename, platform) => {
    expect(guessPlatform(kind, filename)).toBe(platform);
  });

  it("knows the platform of every format but those of archives", () => {
    const unknown = inspectors.map(({ id }) => id).filter((id) => guessPlatform(id, "") === "generic");
    expect(unknown).toEqual(["tar_gz", "zip"]);
  });

  it("knows content types by ending, and no inherited ones", () => {
    expect([contentTypeOf("a.apk"), contentTypeOf("a.constructor"), contentTypeOf("a")]).toEqual([
      "application/vnd.android.package-archive",
      "application/octet-stream",
      "application/octet-stream",
    ]);
  });
});
