import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRefused, ToolError, type Reason } from "../../../../src/kernel/errors.ts";
import { readManifest } from "../../../../src/distribution/core/manifest.ts";
import { pathProblem } from "../../../../src/distribution/core/manifest-row.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const row = { platform: "linux", path: "acme.tar.gz" };
const good = { app: "acme-notes", version: "1.4.0", artifacts: [row] };

function reasonsOf(value: unknown): readonly Reason[] {
  const read = readManifest(bytes(typeof value === "string" ? value : JSON.stringify(value, null, 2)), "dist.json");
  if (!isRefused(read)) throw new Error("It was not refused");
  return read.refused;
}

/** Tells whether something answers, or fails with an error of ours. */
function isTyped(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (cause) {
    return cause instanceof ToolError;
  }
}

const withRow = (more: object) => ({ ...good, artifacts: [{ ...row, ...more }] });

describe("readManifest", () => {
  it("fills in what a row leaves out", () => {
    const read = readManifest(bytes(JSON.stringify(good)), "dist.json");
    expect(read).toEqual({
      app: "acme-notes",
      version: "1.4.0",
      build: null,
      channel: null,
      notes: null,
      displayName: null,
      rows: [
        {
          pointer: "/artifacts/0",
          platform: "linux",
          path: "acme.tar.gz",
          filename: "acme.tar.gz",
          contentType: "application/gzip",
          variant: null,
          metadata: {},
          sizeBytes: null,
          sha256: null,
        },
      ],
    });
  });

  it("takes metadata as an object or as JSON text of one, and keeps updater signatures beside it", () => {
    const texts = withRow({ metadata: '{"a": 1}', signatures: { sparkle: "sig" } });
    expect(readManifest(bytes(JSON.stringify(texts)), "dist.json")).toMatchObject({
      rows: [{ metadata: { a: 1, signatures: { sparkle: "sig" } } }],
    });
  });

  it.each([
    ["unknown key", { ...good, chanel: "beta" }, "dist.manifest.wrong_type", "/chanel"],
    ["unknown key of a row", withRow({ plattform: "ios" }), "dist.manifest.wrong_type", "/artifacts/0/plattform"],
    ["missing app", { ...good, app: undefined }, "dist.manifest.missing_field", ""],
    ["missing path", { ...good, artifacts: [{ platform: "ios" }] }, "dist.manifest.missing_field", "/artifacts/0"],
    ["no artifact", { ...good, artifacts: [] }, "dist.manifest.missing_artifact", "/artifacts"],
    ["wrong type", { ...good, version: 14 }, "dist.manifest.wrong_type", "/version"],
    ["a version with a slash", { ...good, version: "1/4" }, "dist.manifest.wrong_type", "/version"],
    ["a version in Cyrillic", { ...good, version: "1.\u0430" }, "dist.manifest.wrong_type", "/version"],
    ["a version that no file may have", { ...good, version: "con" }, "dist.manifest.wrong_type", "/version"],
    ["a device as channel", { ...good, channel: "nul" }, "dist.manifest.wrong_type", "/channel"],
    ["notes with control characters", { ...good, notes: "a\u202eb" }, "dist.manifest.wrong_type", "/notes"],
    ["notes that are not NFC", { ...good, notes: "e\u0301" }, "dist.manifest.wrong_type", "/notes"],
    ["notes that are too long", { ...good, notes: "é".repeat(40_000) }, "dist.manifest.wrong_type", "/notes"],
    [
      "an unknown platform",
      withRow({ platform: "andriod_apk" }),
      "dist.manifest.unknown_platform",
      "/artifacts/0/platform",
    ],
    ["a parent folder", withRow({ path: "../x" }), "dist.manifest.path_escape", "/artifacts/0/path"],
    ["a hidden parent folder", withRow({ path: "a/../../x" }), "dist.manifest.path_escape", "/artifacts/0/path"],
    ["an absolute path", withRow({ path: "/etc/passwd" }), "dist.manifest.path_escape", "/artifacts/0/path"],
    ["a drive", withRow({ path: "C:x" }), "dist.manifest.path_escape", "/artifacts/0/path"],
    ["a backslash", withRow({ path: "..\\x" }), "dist.manifest.path_escape", "/artifacts/0/path"],
    ["a filename with a slash", withRow({ filename: "a/b" }), "dist.manifest.wrong_type", "/artifacts/0/filename"],
    [
      "a filename that turns around",
      withRow({ filename: "a\u202egpj.exe" }),
      "dist.manifest.wrong_type",
      "/artifacts/0/filename",
    ],
    ["an upper-case digest", withRow({ sha256: "A".repeat(64) }), "dist.manifest.wrong_type", "/artifacts/0/sha256"],
    [
      "a size that is no whole number",
      withRow({ size_bytes: 1.5 }),
      "dist.manifest.wrong_type",
      "/artifacts/0/size_bytes",
    ],
    ["metadata that is no JSON", withRow({ metadata: "{" }), "dist.manifest.bad_json", "/artifacts/0/metadata"],
    ["metadata that is a list", withRow({ metadata: [] }), "dist.manifest.wrong_type", "/artifacts/0/metadata"],
    [
      "signatures that are no texts",
      withRow({ signatures: { a: 1 } }),
      "dist.manifest.wrong_type",
      "/artifacts/0/signatures",
    ],
    [
      "one artifact twice",
      { ...good, artifacts: [row, { ...row, path: "./acme.tar.gz" }] },
      "dist.manifest.duplicate_artifact",
      "/artifacts/1",
    ],
    ["a list instead of an object", [], "dist.manifest.wrong_type", ""],
  ])("refuses %s", (_, value, code, pointer) => {
    const [first] = reasonsOf(value);
    expect([first?.code, first?.data["pointer"]]).toEqual([code, pointer]);
  });

  it("says place, line, value and the nearest name", () => {
    const [first] = reasonsOf({
      ...good,
      artifacts: [row, { platform: "ios", path: "a.ipa" }, { platform: "andriod_apk", path: "b" }],
    });
    expect(first?.data).toMatchObject({ at: "dist.json#/artifacts/2/platform (line 14)", value: "andriod_apk" });
    expect(first?.hints[0]).toContain("Did you mean android_apk?");
  });

  it("names all problems at once", () => {
    expect(reasonsOf({ app: "A", version: "", artifacts: [{ platform: "x", path: ".." }] })).toHaveLength(4);
  });

  it.each([
    ["duplicate keys", '{"app": "a", "app": "b"}', "dist.manifest.bad_json"],
    ["10 MB of nesting", "[".repeat(10_000_000), "dist.manifest.bad_json"],
    ["nesting within the size bound", "[".repeat(100_000), "dist.manifest.bad_json"],
  ])("throws for %s", (_, text, code) => {
    expect(() => readManifest(bytes(text), "dist.json")).toThrow(expect.objectContaining({ code }));
  });

  it("only refuses or throws typed errors, whatever it is given", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (value, inner) => {
        for (const candidate of [value, { ...good, artifacts: [inner] }, { ...good, notes: inner, build: value }]) {
          expect(isTyped(() => readManifest(bytes(JSON.stringify(candidate)), "dist.json"))).toBe(true);
        }
      }),
    );
  });
});

describe("pathProblem", () => {
  it("takes no path that could leave the folder", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "..", ".", "", "b.zip"), { minLength: 1 }), (names) => {
        const path = names.join("/");
        if (pathProblem(path) !== null) return;
        expect(names).not.toContain("..");
        expect(path.startsWith("/")).toBe(false);
      }),
    );
  });
});
