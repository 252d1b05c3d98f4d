import { describe, expect, it } from "vitest";
import { dmg } from "../../../src/inspect/dmg.ts";
import { describeInspector } from "../../contract/inspector.ts";
import { failedCodes, inspectBytes } from "../../support/inspect-bytes.ts";
import { buildXmlPlist, type PlistInput } from "../../support/plist-builder.ts";

interface DmgInput {
  readonly list?: PlistInput;
  readonly listBytes?: number;
  readonly segments?: number;
  readonly signed?: boolean;
  readonly dataBytes?: number;
}

const LIST = { "resource-fork": { blkx: [{ Name: "Apple_HFS" }, { Name: "GPT" }] } };

/** Builds an image: data, list of partitions, perhaps a signature, trailer. */
function buildDmg(input: DmgInput = {}): Buffer {
  const data = Buffer.alloc(2048, 7);
  const list = buildXmlPlist(input.list ?? LIST);
  const signature = Buffer.alloc(input.signed === false ? 0 : 64);
  const trailer = Buffer.alloc(512);
  trailer.write("koly");
  trailer.writeUInt32BE(4, 4);
  trailer.writeUInt32BE(512, 8);
  trailer.writeBigUInt64BE(BigInt(input.dataBytes ?? data.length), 32);
  trailer.writeUInt32BE(input.segments ?? 1, 60);
  trailer.writeBigUInt64BE(BigInt(data.length), 216);
  trailer.writeBigUInt64BE(BigInt(input.listBytes ?? list.length), 224);
  trailer.writeBigUInt64BE(BigInt(data.length + list.length), 296);
  trailer.writeBigUInt64BE(BigInt(signature.length), 304);
  trailer.writeBigUInt64BE(4096n, 492);
  return Buffer.concat([data, list, signature, trailer]);
}

describeInspector({
  inspector: dmg,
  sample: () => buildDmg(),
  problems: {
    "dmg.bad_list": () => buildDmg({ list: {} }),
    "dmg.list_too_large": () => buildDmg({ listBytes: 2 ** 40 }),
    "dmg.segmented": () => buildDmg({ segments: 3 }),
    "dmg.truncated": () => buildDmg({ dataBytes: 1 << 30 }),
  },
});

describe("disk image", () => {
  it("says what the trailer says, and that the volume was not looked into", async () => {
    const { facts, checks } = await inspectBytes(buildDmg());
    expect(facts).toEqual({ partitions: 2, volume_bytes: 4096 * 512, code_signature: "present" });
    expect(checks.filter((check) => check.status === "warning").map((check) => check.id)).toEqual(["dmg.contents"]);
  });

  it("warns about an image that is not signed", async () => {
    const { facts, checks } = await inspectBytes(buildDmg({ signed: false }));
    expect(facts["code_signature"]).toBe("unsigned");
    expect(checks.map((check) => check.id)).toContain("dmg.signature");
  });

  it("finds a list past the end", async () => {
    expect(failedCodes(await inspectBytes(buildDmg({ listBytes: 1 << 20 })))).toEqual(["inspect.dmg.truncated"]);
  });
});
