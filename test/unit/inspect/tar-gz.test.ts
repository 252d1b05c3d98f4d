import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { tarGz, tarGzWithin } from "../../../src/inspect/tar-gz.ts";
import { describeInspector } from "../../contract/inspector.ts";
import { failedCodes, inspectBytes } from "../../support/inspect-bytes.ts";
import { buildTar, buildTarGz, paxEntry, type TarInput } from "../../support/tar-builder.ts";

const good: readonly TarInput[] = [
  { name: "./", type: "5" },
  { name: "./app/", type: "5" },
  { name: "./app/readme.txt", content: "hello\n" },
  { name: "./app/link", type: "2", link: "readme.txt" },
  { name: "./app/same", type: "1", link: "./app/readme.txt" },
];
const first: TarInput = { name: "a", content: "a" };
const negative = Buffer.from([0xff, ...Array.from({ length: 11 }, () => 0xff)]);

describeInspector({
  inspector: tarGz,
  sample: () =>
    buildTarGz([
      ...good,
      { name: "app/noise", content: Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 7919) % 251)) },
    ]),
  problems: {
    "tar_gz.bad_archive": () => buildTarGz(good, Buffer.alloc(0)),
    "tar_gz.bad_compression": () => buildTarGz(good).subarray(0, -6),
    "tar_gz.device": () => buildTarGz([first, { name: "b", type: "3" }]),
    "tar_gz.duplicate_name": () => buildTarGz([first, { name: "./a" }]),
    "tar_gz.link_escape": () => buildTarGz([first, { name: "b/c", type: "2", link: "../../etc" }]),
    "tar_gz.name_invalid": () => buildTarGz([first, { name: "a\u202eb" }]),
    "tar_gz.output_too_large": () => ({
      bytes: buildTarGz([{ name: "zeros", content: Buffer.alloc(2 << 20) }]),
      within: tarGzWithin({ outputBytes: 1 << 20, entries: 9 }),
    }),
    "tar_gz.path_escape": () => buildTarGz([first, { name: "../b" }]),
    "tar_gz.too_many_entries": () => ({
      bytes: buildTarGz(good),
      within: tarGzWithin({ outputBytes: 1 << 20, entries: 4 }),
    }),
  },
});

describe("tar entries", () => {
  it.each(["../x", "/etc/passwd", "a/../../x", "C:/x", "a\\..\\x"])("refuses %j as an escape", async (name) => {
    expect(failedCodes(await inspectBytes(buildTarGz([first, { name }])))).toEqual(["inspect.tar_gz.path_escape"]);
  });

  it("judges the name that a pax header gives", async () => {
    const bytes = buildTarGz([first, paxEntry({ path: "../../x" }), { name: "safe" }]);
    expect(failedCodes(await inspectBytes(bytes))).toEqual(["inspect.tar_gz.path_escape"]);
  });

  it.each([
    ["a hard link out", [{ name: "h", type: "1", link: "../x" }]],
    ["an absolute link", [{ name: "h", type: "2", link: "/etc" }]],
    [
      "a hard link to a link",
      [
        { name: "d/l", type: "2", link: ".." },
        { name: "h", type: "1", link: "./d//l" },
      ],
    ],
    [
      "a hard link through a link",
      [
        { name: "d", type: "2", link: "e" },
        { name: "h", type: "1", link: "d/x" },
      ],
    ],
    [
      "a link behind a link, were case ignored",
      [
        { name: "D", type: "2", link: "a" },
        { name: "d/l", type: "2", link: ".." },
      ],
    ],
    ["a file behind a link", [{ name: "d", type: "2", link: "a" }, { name: "d/x" }]],
  ] satisfies [string, TarInput[]][])("refuses %s", async (_, inputs) => {
    expect(failedCodes(await inspectBytes(buildTarGz([first, ...inputs])))).toEqual(["inspect.tar_gz.link_escape"]);
  });

  it.each([
    ["a wrong checksum", buildTarGz([first, { name: "b", badSum: true }])],
    ["a negative size", buildTarGz([first, { name: "b", size: negative }])],
    ["two archives joined", buildTarGz([first], Buffer.concat([Buffer.alloc(1024), buildTar([first])]))],
    ["a content that ends early", buildTarGz([first, { name: "b", size: "00000100000\u0000" }], Buffer.alloc(0))],
  ])("refuses %s", async (_, bytes) => {
    expect(failedCodes(await inspectBytes(bytes))).toEqual(["inspect.tar_gz.bad_archive"]);
  });

  it("refuses junk behind the gzip stream", async () => {
    const bytes = Buffer.concat([buildTarGz(good), Buffer.from("junk")]);
    expect(failedCodes(await inspectBytes(bytes))).toEqual(["inspect.tar_gz.bad_compression"]);
  });

  it("counts entries and bytes", async () => {
    expect((await inspectBytes(buildTarGz(good))).facts).toEqual({ entries: 5, total_bytes: 6 });
  });

  it("leaves a compressed file that is no archive alone", async () => {
    const { kind, checks } = await inspectBytes(gzipSync("just a log\n".repeat(200)));
    expect([kind, checks[0]?.status]).toEqual(["opaque", "skipped"]);
  });
});
