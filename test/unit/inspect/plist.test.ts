import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPlist } from "../../../src/inspect/plist.ts";
import { isDictionary, type Plist } from "../../../src/inspect/plist/value.ts";
import { isProblem } from "../../../src/inspect/problem.ts";
import {
  binaryPlistOf,
  buildBinaryPlist,
  buildXmlPlist,
  xmlPlistOf,
  type PlistInput,
} from "../../support/plist-builder.ts";

/** A list as it was given to the builder. */
function plain(value: Plist): unknown {
  if (isDictionary(value)) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  if (value instanceof Uint8Array) return Buffer.from(value);
  return Array.isArray(value) ? value.map(plain) : value;
}

function codeOf(bytes: Uint8Array): unknown {
  try {
    return plain(readPlist(bytes));
  } catch (cause) {
    return isProblem(cause) ? cause.code : cause;
  }
}

const sample: PlistInput = {
  text: "a & <b> \u00e9 \u{1F600}",
  count: 3,
  negative: -5,
  part: 1.5,
  yes: true,
  no: false,
  when: new Date("2026-01-02T03:04:05Z"),
  data: Buffer.from([0, 1, 255]),
  list: ["x", ["y"], {}],
};

describe("property list", () => {
  it("reads every kind of value, in XML and binary", () => {
    expect(codeOf(buildXmlPlist(sample))).toEqual(sample);
    expect(codeOf(buildBinaryPlist(sample))).toEqual(sample);
  });

  it("reads XML in UTF-16", () => {
    const text = buildXmlPlist({ a: "\u00e9" }).toString().replace("UTF-8", "UTF-16");
    const little = Buffer.from(`\ufeff${text}`, "utf16le");
    expect(codeOf(little)).toEqual({ a: "\u00e9" });
    expect(codeOf(Buffer.from(little).swap16())).toEqual({ a: "\u00e9" });
  });

  it("takes __proto__ for a key like any other", () => {
    const list = readPlist(xmlPlistOf("<dict><key>__proto__</key><dict><key>polluted</key><true/></dict></dict>"));
    expect([...list.keys()]).toEqual(["__proto__"]);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  it("gives back what was written", () => {
    const value = fc.letrec<{ tree: PlistInput }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        fc.string({ unit: "binary" }),
        fc.integer(),
        fc.boolean(),
        fc.array(tie("tree"), { maxLength: 4 }),
      ),
    })).tree;
    fc.assert(
      fc.property(value, (tree) => {
        expect(codeOf(buildBinaryPlist({ tree }))).toEqual({ tree });
      }),
    );
  });

  const shared = Array.from({ length: 40 }, (_, index) => Buffer.from([0xa2, index + 3, index + 3]));
  it.each([
    [
      "a list that contains itself",
      binaryPlistOf([Buffer.from([0xd1, 1, 2]), Buffer.from("\u0051k", "latin1"), Buffer.from([0xa1, 2])]),
      "cycle",
    ],
    [
      "sharing that doubles with every level",
      binaryPlistOf([Buffer.from([0xd1, 1, 2]), Buffer.from("\u0051k", "latin1"), ...shared, Buffer.from([9])]),
      "too_large",
    ],
    ["an object count of 2^40", binaryPlistOf([Buffer.from([0xd0])], { count: 2 ** 40 }), "bad_structure"],
    ["a reference to no object", binaryPlistOf([Buffer.from([0xd0])], { top: 7 }), "bad_structure"],
    ["a list longer than the file", binaryPlistOf([Buffer.from([0xdf, 0x11, 0xff, 0xff])]), "truncated"],
    ["a list of 2^40 items", binaryPlistOf([Buffer.from([0xdf, 0x13, 0, 0, 1, 0, 0, 0, 0, 0])]), "too_large"],
    ["a key that is no text", binaryPlistOf([Buffer.from([0xd1, 1, 1]), Buffer.from([9])]), "bad_structure"],
    ["an unknown kind of value", binaryPlistOf([Buffer.from([0x70])]), "bad_structure"],
    [
      "a binary key that occurs twice",
      binaryPlistOf([Buffer.from([0xd2, 1, 1, 2, 2]), Buffer.from("\u0051k", "latin1"), Buffer.from([9])]),
      "duplicate_key",
    ],
    [
      "a binary list that is too deep",
      binaryPlistOf(Array.from({ length: 70 }, (_, index) => Buffer.from([0xa1, index + 1]))),
      "too_deep",
    ],
    [
      "an XML key that occurs twice",
      xmlPlistOf("<dict><key>a</key><true/><key>a</key><false/></dict>"),
      "duplicate_key",
    ],
    [
      "entities that multiply",
      xmlPlistOf("<dict/>", '<!DOCTYPE plist [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'),
      "doctype_subset",
    ],
    [
      "an entity that names a file",
      xmlPlistOf(
        "<dict><key>a</key><string>&x;</string></dict>",
        '<!DOCTYPE plist [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
      ),
      "doctype_subset",
    ],
    ["an entity that nobody defined", xmlPlistOf("<dict><key>a</key><string>&x;</string></dict>"), "bad_structure"],
    ["XML that is too deep", xmlPlistOf("<array>".repeat(100_000)), "too_deep"],
    [
      "XML with too many values",
      xmlPlistOf(`<dict><key>a</key><array>${"<true/>".repeat(100_001)}</array></dict>`),
      "too_large",
    ],
    ["a key without value", xmlPlistOf("<dict><key>a</key></dict>"), "bad_structure"],
    ["a value without key", xmlPlistOf("<dict><true/></dict>"), "bad_structure"],
    ["two keys in a row", xmlPlistOf("<dict><key>a</key><key>b</key><true/><true/></dict>"), "bad_structure"],
    ["a number that is none", xmlPlistOf("<dict><key>a</key><integer>x</integer></dict>"), "bad_structure"],
    ["an unknown element", xmlPlistOf("<dict><key>a</key><script/></dict>"), "bad_structure"],
    [
      "bytes that are no UTF-8",
      Buffer.concat([xmlPlistOf("<dict>").subarray(0, -9), Buffer.from([0xff])]),
      "bad_encoding",
    ],
    ["a list whose outermost value is no dictionary", buildBinaryPlist(["x"]), "bad_structure"],
    ["nothing", Buffer.alloc(0), "bad_structure"],
    ["a binary list without trailer", Buffer.from("bplist00"), "truncated"],
  ])("refuses %s", (_, bytes, problem) => {
    expect(codeOf(bytes)).toBe(`inspect.plist.${problem}`);
  });

  it("throws only its own problems, whatever is cut or changed", () => {
    for (const whole of [buildXmlPlist(sample), buildBinaryPlist(sample)]) {
      fc.assert(
        fc.property(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), fc.boolean(), (at, byte, cut) => {
          const changed = cut
            ? whole.subarray(0, at)
            : Buffer.concat([whole.subarray(0, at), Buffer.from([byte]), whole.subarray(at + 1)]);
          const result = codeOf(changed);
          expect(result).not.toBeInstanceOf(Error);
        }),
        { numRuns: 300 },
      );
    }
  });
});
