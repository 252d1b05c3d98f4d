import { describe, expect, it } from "vitest";
import { appImage } from "../../../src/inspect/app-image.ts";
import { describeInspector } from "../../contract/inspector.ts";
import { buildAppImage } from "../../support/app-image-builder.ts";
import { failedCodes, inspectBytes } from "../../support/inspect-bytes.ts";

describeInspector({
  inspector: appImage,
  sample: () => buildAppImage({ updateInformation: "zsync|https://example.invalid/notes.zsync" }),
  problems: {
    "app_image.bad_elf": () => buildAppImage({ sectionCount: 65_535 }),
    "app_image.no_file_system": () => buildAppImage({ superblock: null }),
    "app_image.type_unknown": () => buildAppImage({ type: 1 }),
  },
});

describe("AppImage", () => {
  it.each([
    ["64 bits", {}, "x86_64"],
    ["32 bits", { is32Bit: true, machine: 40 }, "armhf"],
    ["an unknown processor", { machine: 999 }, "machine_999"],
  ])("reads one of %s", async (_, input, architecture) => {
    const updateInformation = "gh-releases-zsync|example|notes|latest|Notes-*.zsync";
    expect((await inspectBytes(buildAppImage({ updateInformation, ...input }))).facts).toEqual({
      architectures: [architecture],
      type: 2,
      update_information: updateInformation,
      signature: { grade: "unsigned", signers: [], claimed_signers: [] },
      file_system: { kind: "squashfs", bytes: 96 },
    });
  });

  it("says that a signature is there, and null where no update information is", async () => {
    expect((await inspectBytes(buildAppImage({ signature: "-----BEGIN PGP SIGNATURE-----" }))).facts).toMatchObject({
      update_information: null,
      signature: { grade: "present" },
    });
  });

  it.each([
    ["something else than a file system", { superblock: Buffer.alloc(96) }],
    ["a file system that is cut short", { usedBytes: 97 }],
  ])("finds %s behind the program", async (_, input) => {
    expect(failedCodes(await inspectBytes(buildAppImage(input)))).toEqual(["inspect.app_image.no_file_system"]);
  });

  it("leaves a plain program alone", async () => {
    const plain = buildAppImage().fill(0, 8, 11);
    expect((await inspectBytes(plain)).kind).toBe("opaque");
  });
});
