import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { buildApk, plainInputs } from "../support/apk-builder.ts";
import {
  build,
  expectRefusal,
  folder,
  machine,
  manifestOf,
  refusal,
  rowOf,
  setUp,
  tearDown,
} from "../support/bad-input-world.ts";

beforeAll(setUp, 60_000);
afterAll(tearDown);

type Case = readonly [what: string, path: () => string, exit: number, code: string, place: RegExp];

const manifests: readonly Case[] = [
  ["no manifest", () => join(folder, "none", "dist.json"), 2, "dist.manifest.io", /dist\.json/],
  ["a folder for a manifest", () => folder, 2, "dist.manifest.io", /waybill-bad-input/],
  ["nothing", () => build(""), 2, "dist.manifest.bad_json", /line/],
  ["half of one", () => build('{"app": "acme"'), 2, "dist.manifest.bad_json", /line/],
  ["a comment", () => build('{"app": "acme" /* x */}'), 2, "dist.manifest.bad_json", /line/],
  [
    "a byte-order mark",
    () => build(`\uFEFF${JSON.stringify(manifestOf())}`),
    2,
    "dist.manifest.bad_json",
    /byte-order mark/,
  ],
  ["invalid UTF-8", () => build(Buffer.from([0x7b, 0x22, 0xff, 0x22])), 2, "text.invalid_utf8", /"offset":2/],
  ["duplicate keys", () => build('{"app": "acme", "app": "other"}'), 2, "dist.manifest.bad_json", /app/],
  ["10 MB of nesting", () => build("[".repeat(10_000_000)), 2, "dist.manifest.bad_json", /1048576|larger|too large/],
  ["1 MB of nesting", () => build("[".repeat(1_000_000)), 2, "dist.manifest.bad_json", /deep/],
  ["a list", () => build("[]"), 2, "dist.manifest.wrong_type", /dist\.json/],
  ["an unknown field", () => build(manifestOf({ chanel: "stable" })), 2, "dist.manifest.wrong_type", /\/chanel/],
  [
    "a field of another name",
    () => build(manifestOf({ __proto__: undefined, constructor: "x" })),
    2,
    "dist.manifest.wrong_type",
    /\/constructor/,
  ],
  ["no app", () => build(manifestOf({ app: undefined })), 2, "dist.manifest.missing_field", /app/],
  ["an app with a path", () => build(manifestOf({ app: "../acme" })), 2, "dist.manifest.wrong_type", /\/app/],
  ["an app that is a device", () => build(manifestOf({ app: "con" })), 2, "dist.manifest.wrong_type", /\/app/],
  [
    "a version with a path",
    () => build(manifestOf({ version: "../../x" })),
    2,
    "dist.manifest.wrong_type",
    /\/version/,
  ],
  ["a Cyrillic version", () => build(manifestOf({ version: "1.\u0430" })), 2, "dist.manifest.wrong_type", /\/version/],
  ["a version that is a number", () => build(manifestOf({ version: 1 })), 2, "dist.manifest.wrong_type", /\/version/],
  ["a channel in capitals", () => build(manifestOf({ channel: "Stable" })), 2, "dist.manifest.wrong_type", /\/channel/],
  [
    "notes with control characters",
    () => build(manifestOf({ notes: "\u001b[2J" })),
    2,
    "dist.manifest.wrong_type",
    /\/notes/,
  ],
  ["no artifacts", () => build(manifestOf({ artifacts: [] })), 2, "dist.manifest.missing_artifact", /\/artifacts/],
  [
    "a platform that is none",
    () => build(rowOf({ platform: "andriod_apk" })),
    2,
    "dist.manifest.unknown_platform",
    /\/artifacts\/0\/platform/,
  ],
  [
    "a path that goes up",
    () => build(rowOf({ path: "../repo.git/HEAD" })),
    2,
    "dist.manifest.path_escape",
    /\/artifacts\/0\/path/,
  ],
  [
    "an absolute path",
    () => build(rowOf({ path: "/etc/passwd" })),
    2,
    "dist.manifest.path_escape",
    /\/artifacts\/0\/path/,
  ],
  [
    "a Windows path",
    () => build(rowOf({ path: "C:\\secret" })),
    2,
    "dist.manifest.path_escape",
    /\/artifacts\/0\/path/,
  ],
  [
    "a path with a zero byte",
    () => build(rowOf({ path: "app.bin\u0000.txt" })),
    2,
    "dist.manifest.path_escape",
    /\/artifacts\/0\/path/,
  ],
  [
    "a file that is not there",
    () => build(rowOf({ path: "none.bin" })),
    2,
    "dist.manifest.missing_artifact",
    /none\.bin/,
  ],
  ["an empty file", () => build(rowOf({}), { "app.bin": "" }), 2, "dist.manifest.io", /app\.bin/],
  ["a folder", () => build(rowOf({ path: "inner" }), { "inner/x": "x" }), 2, "dist.manifest.io", /inner/],
  [
    "a file name with a path",
    () => build(rowOf({ filename: "../x" })),
    2,
    "dist.manifest.wrong_type",
    /\/artifacts\/0\/filename/,
  ],
  [
    "one file twice",
    () =>
      build(
        manifestOf({
          artifacts: [
            { platform: "linux", path: "app.bin" },
            { platform: "linux", path: "app.bin" },
          ],
        }),
      ),
    2,
    "dist.manifest.duplicate_artifact",
    /\/artifacts\/1/,
  ],
  [
    "another digest",
    () => build(rowOf({ sha256: "0".repeat(64) })),
    1,
    "dist.artifact.digest_mismatch",
    /\/artifacts\/0/,
  ],
  ["another size", () => build(rowOf({ size_bytes: 5 })), 1, "dist.artifact.digest_mismatch", /\/artifacts\/0/],
  [
    "a digest that is none",
    () => build(rowOf({ sha256: "xyz" })),
    2,
    "dist.manifest.wrong_type",
    /\/artifacts\/0\/sha256/,
  ],
  [
    "another size than any",
    () => build(rowOf({ size_bytes: -1 })),
    2,
    "dist.manifest.wrong_type",
    /\/artifacts\/0\/size_bytes/,
  ],
  [
    "other bytes of a published version",
    () => build(manifestOf({ version: "1.0.0" })),
    1,
    "dist.release.already_published",
    /1\.0\.0/,
  ],
  [
    "a platform that the app is not made for",
    () => build(rowOf({ platform: "windows" })),
    1,
    "dist.platform.not_allowed",
    /windows/,
  ],
  [
    "a package of another id",
    () => build(rowOf({ platform: "android_apk", path: "app.apk" }), { "app.apk": buildApk(plainInputs) }),
    1,
    "dist.artifact.identity_mismatch",
    /com\.elsewhere/,
  ],
];

describe("a manifest that is refused, with nothing written", () => {
  it.each(manifests)("%s", async (_what, path, exit, code, place) => {
    expectRefusal(await refusal(machine, "dist", "ci", "publish", "--manifest", path()), exit, code, place);
  });

  it.each<[string, (at: string) => void]>([
    ["a link to a file", (at) => symlinkSync("/etc/passwd", join(at, "strange"))],
    ["a link to a folder", (at) => symlinkSync("/etc", join(at, "strange"))],
    ["a link to nothing", (at) => symlinkSync("nowhere", join(at, "strange"))],
  ])("%s", async (_what, make) => {
    const path = build(rowOf({ path: "strange" }));
    make(dirname(path));
    const found = await refusal(machine, "dist", "ci", "publish", "--manifest", path);
    expectRefusal(found, 2, "dist.manifest.path_escape", /\/artifacts\/0\/path/);
  });

  it("a pipe, for a file and for the manifest, without waiting for it", async () => {
    const path = build(rowOf({ path: "pipe" }));
    execFileSync("mkfifo", [join(dirname(path), "pipe")]);
    const found = await refusal(machine, "dist", "ci", "publish", "--manifest", path);
    expectRefusal(found, 2, "dist.manifest.io", /pipe/);
    const manifest = await refusal(machine, "dist", "ci", "publish", "--manifest", join(dirname(path), "pipe"));
    expectRefusal(manifest, 2, "dist.manifest.io", /pipe/);
  });
});
