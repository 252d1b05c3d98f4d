import { printable } from "../../kernel/text.ts";
import { aabProblems } from "./problems.ts";
import { fieldsOf } from "./protobuf.ts";

/** What the manifest of a bundle's base module says; a version name that is a reference is not resolved. */
export interface AabManifest {
  readonly package: string;
  readonly versionCode: number | null;
  readonly versionName: string | null;
  readonly minSdk: number | string | null;
  readonly targetSdk: number | string | null;
  readonly permissions: readonly string[];
}

// Fields of XmlNode, XmlElement and XmlAttribute in aapt2's Resources.proto.
const NODE_ELEMENT = 1;
const ELEMENT = { name: 3, attribute: 4, child: 5 } as const;
const ATTRIBUTE = { namespace: 1, name: 2, value: 3 } as const;

const ANDROID = "http://schemas.android.com/apk/res/android";
const MOST_ELEMENTS = 100_000;
const DEEPEST = 64;

interface Element {
  readonly name: string;
  /** Android's own attributes by name, and the others with a `:` before it. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Element[];
}

/** Reads a manifest in protobuf form. */
export function readAabManifest(content: Uint8Array): AabManifest {
  let left = MOST_ELEMENTS;
  const read = (node: Uint8Array, depth: number): Element | null => {
    left -= 1;
    if (left < 0 || depth > DEEPEST)
      throw bad(`The manifest has more than ${MOST_ELEMENTS} elements or ${DEEPEST} levels`);
    const element = bytesIn(node, NODE_ELEMENT)[0];
    if (element === undefined) return null;
    return {
      name: textIn(element, ELEMENT.name),
      attributes: attributesOf(bytesIn(element, ELEMENT.attribute)),
      children: bytesIn(element, ELEMENT.child).flatMap((child) => read(child, depth + 1) ?? []),
    };
  };
  const root = read(content, 1);
  if (root?.name !== "manifest") throw bad("The document is no manifest");
  const name = root.attributes.get(":package") ?? "";
  if (!/^[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*$/.test(name) || name.length > 223)
    throw bad(`"${printable(name, 80)}" is no package name`);
  const sdk = root.children.findLast((child) => child.name === "uses-sdk")?.attributes;
  const permissions = root.children
    .filter((child) => child.name.startsWith("uses-permission"))
    .flatMap((child) => child.attributes.get("name") ?? []);
  return {
    package: name,
    versionCode: versionCode(root.attributes.get("versionCode"), root.attributes.get("versionCodeMajor")),
    versionName: plainText(root.attributes.get("versionName")),
    minSdk: numberOrText(sdk?.get("minSdkVersion")),
    targetSdk: numberOrText(sdk?.get("targetSdkVersion")),
    permissions: [...new Set(permissions.map((permission) => printable(permission)))],
  };
}

function attributesOf(attributes: readonly Uint8Array[]): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  for (const attribute of attributes) {
    const prefix = textIn(attribute, ATTRIBUTE.namespace) === ANDROID ? "" : ":";
    const name = prefix + textIn(attribute, ATTRIBUTE.name);
    if (known.has(name)) throw bad("An element has one attribute twice");
    known.set(name, textIn(attribute, ATTRIBUTE.value));
  }
  return known;
}

function bytesIn(message: Uint8Array, number: number): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const field of fieldsOf(message))
    if (field.number === number && field.value instanceof Uint8Array) found.push(field.value);
  return found;
}

function textIn(message: Uint8Array, number: number): string {
  const [bytes] = bytesIn(message, number);
  return bytes === undefined ? "" : new TextDecoder().decode(bytes);
}

/** The full version code has 64 bits: the major part above. */
function versionCode(low: string | undefined, high: string | undefined): number | null {
  if (low === undefined && high === undefined) return null;
  const full = Number(high ?? 0) * 2 ** 32 + Number(low ?? 0);
  if (!Number.isSafeInteger(full) || full < 0) throw bad("The version code is no number, or larger than 2^53");
  return full;
}

function numberOrText(value: string | undefined): number | string | null {
  if (value === undefined) return null;
  return /^\d{1,9}$/.test(value) ? Number(value) : printable(value);
}

/** A reference to a resource stands for a text that is not read. */
function plainText(value: string | undefined): string | null {
  return value === undefined || value.startsWith("@") ? null : printable(value);
}

function bad(message: string) {
  return aabProblems.error("bad_manifest", message);
}
