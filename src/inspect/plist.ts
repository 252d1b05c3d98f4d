import { readBinaryPlist } from "./plist/binary.ts";
import { plistProblems } from "./plist/problems.ts";
import { isDictionary, type PlistDictionary } from "./plist/value.ts";
import { readXmlPlist } from "./plist/xml.ts";

/** Reads a property list, XML or binary, whose outermost value is a dictionary. */
export function readPlist(content: Uint8Array): PlistDictionary {
  const isBinary = new TextDecoder("latin1").decode(content.subarray(0, 6)) === "bplist";
  const value = isBinary ? readBinaryPlist(content) : readXmlPlist(content);
  if (!isDictionary(value)) throw plistProblems.error("bad_structure", "The property list is no dictionary");
  return value;
}
