import { describe, expect, it } from "vitest";
import { zip } from "../../../src/inspect/zip.ts";
import { describeInspector } from "../../contract/inspector.ts";
import { failedCodes, inspectBytes } from "../../support/inspect-bytes.ts";
import { buildZip, type ZipFields, type ZipInput } from "../../support/zip-builder.ts";

const text = "the quick brown fox jumps over the lazy dog\n".repeat(20);
const good: readonly ZipInput[] = [
  { name: "app/" },
  { name: "app/readme.txt", content: text },
  { name: "app/raw.bin", content: text, method: 0 },
  { name: "app/link", content: "readme.txt", mode: 0o120777, method: 0 },
];

const named = (name: string) =>
  buildZip([
    { name: "a", content: "a" },
    { name, content: "b" },
  ]);
const both = (fields: ZipFields) => buildZip([{ name: "a", content: text, local: fields, central: fields }]);
const many = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `${i}`, method: 0 }));

describeInspector({
  inspector: zip,
  sample: () => buildZip(good),
  problems: {
    "zip.ambiguous_end": () => buildZip(good, { comment: buildZip([]) }),
    "zip.bad_content": () =>
      buildZip([{ name: "l", content: "target", mode: 0o120777, local: { crc32: 1 }, central: { crc32: 1 } }]),
    "zip.bad_entry": () => buildZip([{ name: "a", content: text, method: 0, central: { sizeBytes: 3 } }]),
    "zip.count_mismatch": () => buildZip(good, { count: 3 }),
    "zip.declared_total": () =>
      buildZip(
        Array.from({ length: 5 }, (_, i) => ({ name: `${i}`, content: text, central: { sizeBytes: 0xffff_fff0 } })),
      ),
    "zip.directory_misplaced": () => buildZip(good, { directoryOffset: 5 }),
    "zip.duplicate_name": () => buildZip([{ name: "a" }, { name: "a" }]),
    "zip.encrypted": () => both({ flags: 1 }),
    "zip.link_escape": () => buildZip([{ name: "a/l", content: "../../x", mode: 0o120777 }]),
    "zip.local_mismatch": () => buildZip([{ name: "safe", local: { name: Buffer.from("evil") } }]),
    "zip.member_too_large": () => buildZip([{ name: "l", content: "x".repeat(5000), mode: 0o120777 }]),
    "zip.method_unknown": () => both({ method: 12 }),
    "zip.multi_disk": () => buildZip(good, { disk: 1 }),
    "zip.name_invalid": () => named("a\u0000b"),
    "zip.no_end_record": () => buildZip(good, { suffix: Buffer.from("junk") }),
    "zip.overlap": () =>
      buildZip([
        { name: "a", content: text },
        ...good.slice(1),
        { name: "b", content: text, directoryOnly: true, central: { headerOffset: 0 } },
      ]),
    "zip.path_escape": () => named("../x"),
    "zip.prefix": () =>
      Buffer.concat([Buffer.from("PK\u0005\u0006"), buildZip(good, { prefix: Buffer.alloc(0) })]).fill(
        buildZip(good, { prefix: Buffer.from("PK\u0005\u0006") }),
      ),
    "zip.too_large": () => buildZip(many(100_001), { zip64: true }),
    "zip.truncated": () => buildZip(good, { zip64: { locatorOffset: 1 << 30 } }),
    "zip.zip64_mismatch": () => buildZip(good, { zip64: { locatorOffset: 0 } }),
  },
});

describe("zip names", () => {
  it.each(["../x", "a/../../x", "/etc/passwd", "C:/x", "\\\\srv\\x", "a\\..\\x", "a/.."])(
    "refuses %j as an escape",
    async (name) => {
      expect(failedCodes(await inspectBytes(named(name)))).toEqual(["inspect.zip.path_escape"]);
    },
  );

  it.each(["", ".", "a//b", "a/./b", "a\u202egnp.exe", "a\nb"])("refuses %j as no name", async (name) => {
    expect(failedCodes(await inspectBytes(named(name)))).toEqual(["inspect.zip.name_invalid"]);
  });

  it("refuses a UTF-8 flag on bytes that are not", async () => {
    const name = Uint8Array.of(0x61, 0xff);
    expect(failedCodes(await inspectBytes(both({ name, flags: 0x800 })))).toEqual(["inspect.zip.name_invalid"]);
  });

  it("takes names of code page 437", async () => {
    expect(failedCodes(await inspectBytes(both({ name: Uint8Array.of(0x81, 0x62, 0x65, 0x72) })))).toEqual([]);
  });

  it.each([
    ["A.txt", "a.txt"],
    ["\u00e9", "e\u0301"],
  ])("warns that %j and %j are one file on some disks", async (one, other) => {
    const { checks } = await inspectBytes(buildZip([{ name: one }, { name: other }]));
    expect(checks.map((check) => [check.id, check.status])).toContainEqual(["zip.case_collision", "warning"]);
  });
});

describe("links in a zip archive", () => {
  const link = (name: string, content: string) => ({ name, content, mode: 0o120777, method: 0 });

  it.each([
    ["out of the archive from a folder's name", [link("a/", "..")]],
    ["back from what may be a link", [link("a", "."), link("b/c", "a/../..")]],
    ["above an entry", [{ name: "d/x" }, link("d", "e"), { name: "e/" }]],
    ["above a link where case does not count", [link("a/b/X", "../.."), link("a/b/x/l", "../../..")]],
  ] satisfies [string, ZipInput[]][])("refuses a link %s", async (_, inputs) => {
    expect(failedCodes(await inspectBytes(buildZip(inputs)))).toEqual(["inspect.zip.link_escape"]);
  });

  it("takes links inside", async () => {
    expect(failedCodes(await inspectBytes(buildZip([link("a/b", "../c"), link("l/", "c"), { name: "c" }])))).toEqual(
      [],
    );
  });
});

describe("zip member", () => {
  const link = (fields: ZipFields) =>
    buildZip([{ name: "l", content: "target".repeat(50), mode: 0o120777, local: fields, central: fields }]);

  it.each([
    ["a size that is smaller than the content", { sizeBytes: 3 }],
    ["a size that is larger than the content", { sizeBytes: 4000 }],
    ["a checksum of other content", { crc32: 7 }],
  ])("refuses %s", async (_, fields) => {
    expect(failedCodes(await inspectBytes(link(fields)))).toEqual(["inspect.zip.bad_content"]);
  });
});

describe("zip structure", () => {
  it.each([
    ["zip64 records without need", buildZip(good, { zip64: true })],
    ["zip64 with disk number 0xffff", buildZip(good, { zip64: { smallDisk: 0xffff } })],
    ["an entry on disk 0xffff", both({ disk: 0xffff })],
    ["a gap between entries", buildZip([{ name: "a" }, { name: "b", gap: Buffer.alloc(100) }])],
    [
      "a nameless entry as padding before the first",
      buildZip(good, { prefix: buildZip([{ name: "" }]).subarray(0, 30) }),
    ],
    ["a comment", buildZip(good, { comment: Buffer.from("made by hand") })],
    ["no entries", buildZip([])],
    [
      "sizes only in the directory",
      buildZip([
        {
          name: "a",
          content: text,
          local: { flags: 8, crc32: 0, packedBytes: 0, sizeBytes: 0 },
          central: { flags: 8 },
        },
      ]),
    ],
  ])("takes %s", async (_, bytes) => {
    expect(failedCodes(await inspectBytes(bytes))).toEqual([]);
  });

  it.each([
    ["a method that differs", buildZip([{ name: "a", content: text, local: { method: 0 } }]), "local_mismatch"],
    ["a flag that differs", buildZip([{ name: "a", content: text, local: { flags: 1 } }]), "local_mismatch"],
    ["a size that differs", buildZip([{ name: "a", content: text, local: { sizeBytes: 1 } }]), "local_mismatch"],
    [
      "a local extra field that reaches over the next entry",
      buildZip([
        { name: "a", local: { extra: Buffer.alloc(9) }, central: { headerOffset: 0 } },
        { name: "b", central: { headerOffset: 33 } },
      ]),
      "overlap",
    ],
    ["method 99", both({ method: 99 }), "method_unknown"],
    [
      "5,000 entries on one body",
      buildZip([
        { name: "0", content: Buffer.alloc(1 << 16) },
        ...many(4999).map(({ name }) => ({
          name: `x${name}`,
          content: Buffer.alloc(1 << 16),
          directoryOnly: true,
          central: { headerOffset: 0 },
        })),
      ]),
      "overlap",
    ],
    ["a count that is too high", buildZip(good, { count: 5 }), "count_mismatch"],
    ["zip64 records that disagree with the directory", buildZip(good, { zip64: { entries: 9 } }), "count_mismatch"],
  ])("refuses %s", async (_, bytes, problem) => {
    expect(failedCodes(await inspectBytes(bytes))).toEqual([`inspect.zip.${problem}`]);
  });

  it("warns about an archive that unpacks to much more than its size", async () => {
    const { checks, facts } = await inspectBytes(buildZip([{ name: "zeros", content: Buffer.alloc(120_000_000) }]));
    expect(facts["total_bytes"]).toBe(120_000_000);
    expect(checks.map((check) => check.id)).toContain("zip.ratio");
  });

  it("calls an archive with a foreign beginning by what it begins with", async () => {
    expect((await inspectBytes(buildZip(good, { prefix: Buffer.from("#!/bin/sh\n") }))).kind).toBe("opaque");
  });
});
