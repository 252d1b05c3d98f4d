import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { deb } from "../../../src/inspect/deb.ts";
import { describeInspector } from "../../contract/inspector.ts";
import { failedCodes, inspectBytes } from "../../support/inspect-bytes.ts";
import { buildTar, buildTarGz } from "../../support/tar-builder.ts";
import { buildAr, buildDeb, type ArInput } from "../../support/tar-deb.ts";

const CONTROL =
  "Package: notes\nVersion: 1:1.2.0-3\nArchitecture: amd64\nMaintainer: Ada <ada@example.invalid>\nDescription: notes\n and more\n";
const binary: ArInput = { name: "debian-binary", content: "2.0\n" };
const control: ArInput = { name: "control.tar.gz", content: buildTarGz([{ name: "control", content: CONTROL }]) };
const data: ArInput = { name: "data.tar.zst/", content: "x" };

describeInspector({
  inspector: deb,
  sample: () => buildDeb(CONTROL),
  problems: {
    "deb.bad_archive": () => buildAr([binary, control, data, { name: "more", content: "x" }]),
    "deb.bad_control": () => buildDeb("no control file"),
    "deb.control_missing": () => buildAr([binary, data, control]),
    "deb.control_too_large": () =>
      buildAr([binary, { ...control, content: gzipSync(Buffer.alloc((64 << 20) + 1)) }, data]),
    "deb.truncated": () => buildDeb(CONTROL).subarray(0, -3),
  },
});

describe("Debian package", () => {
  it("gives name, version and processor type", async () => {
    expect((await inspectBytes(buildDeb(CONTROL))).facts).toEqual({
      identity: "notes",
      version: "1:1.2.0-3",
      architectures: ["amd64"],
      name: "notes",
      maintainer: "Ada <ada@example.invalid>",
      depends: null,
    });
  });

  it.each([
    ["a plain control archive", { name: "control.tar", content: buildTar([{ name: "./control", content: CONTROL }]) }],
    ["a name with the slash of other tools", { ...control, name: "control.tar.gz/" }],
  ])("reads %s", async (_, member) => {
    expect((await inspectBytes(buildAr([binary, member, data]))).facts).toMatchObject({ identity: "notes" });
  });

  it.each(["control.tar.xz", "control.tar.zst"])(
    "says that it does not read %s, and never that it passed",
    async (name) => {
      const { facts, checks } = await inspectBytes(buildAr([binary, { name, content: "x" }, data]));
      expect(facts).toEqual({});
      expect(checks.find((check) => check.id === "deb.control")?.status).toBe("warning");
    },
  );

  it.each([
    ["a second control archive", buildAr([binary, control, control]), "bad_archive"],
    ["a size that is no number", buildAr([binary, { ...control, size: "-1" }, data]), "bad_archive"],
    ["65 members", buildAr(Array.from({ length: 65 }, () => binary)), "bad_archive"],
    ["a field that occurs twice", buildDeb(`${CONTROL}Version: 2\n`), "bad_control"],
    ["no version", buildDeb("Package: notes\n"), "bad_control"],
    [
      "two control files",
      buildAr([
        binary,
        {
          ...control,
          content: buildTarGz([
            { name: "control", content: CONTROL },
            { name: "./control", content: CONTROL },
          ]),
        },
        data,
      ]),
      "control_missing",
    ],
    [
      "a control archive that is none",
      buildAr([binary, { ...control, content: gzipSync("x".repeat(600)) }, data]),
      "bad_control",
    ],
    [
      "a control archive that is damaged",
      buildAr([binary, { ...control, content: Buffer.from("x") }, data]),
      "bad_control",
    ],
  ])("refuses %s", async (_, bytes, problem) => {
    expect(failedCodes(await inspectBytes(bytes))).toEqual([`inspect.deb.${problem}`]);
  });
});
