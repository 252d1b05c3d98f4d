import { printable } from "../../kernel/text.ts";
import { axmlElements, type AxmlElement, type AxmlValue } from "./axml.ts";
import { apkProblems } from "./problems.ts";

/** What the manifest of a package says. */
export interface ApkManifest {
  readonly package: string;
  readonly versionCode: number | null;
  readonly versionName: string | null;
  readonly minSdk: number | string | null;
  readonly targetSdk: number | string | null;
  readonly permissions: readonly string[];
  /** Name of the split, for a part of a package that cannot be installed alone. */
  readonly split: string | null;
  readonly debuggable: boolean;
}

// Attributes of AOSP public-final.xml.
const NAME = 0x01010003;
const DEBUGGABLE = 0x0101000f;
const MIN_SDK = 0x0101020c;
const VERSION_CODE = 0x0101021b;
const VERSION_NAME = 0x0101021c;
const TARGET_SDK = 0x01010270;
const VERSION_CODE_MAJOR = 0x01010576;

const MOST_PERMISSIONS = 5000;
const PERMISSION_ELEMENTS = ["uses-permission", "uses-permission-sdk-23", "uses-permission-sdk-m"];

/** Gives a reference its value, from the resource table. */
export type Resolve = (id: number) => Promise<AxmlValue | undefined>;

/** Reads the binary manifest of a package. */
export async function readManifest(content: Uint8Array, resolve: Resolve): Promise<ApkManifest> {
  const seen = {
    permissions: new Set<string>(),
    sdk: undefined as AxmlElement | undefined,
    application: undefined as AxmlElement | undefined,
  };
  let root: AxmlElement | undefined;
  for (const element of axmlElements(content)) {
    if (element.depth === 1) {
      if (root !== undefined || element.name !== "manifest") throw bad("The document is no manifest");
      root = element;
    } else if (element.depth === 2) {
      if (element.name === "uses-sdk") seen.sdk = element;
      if (element.name === "application") seen.application ??= element;
      if (PERMISSION_ELEMENTS.includes(element.name)) addPermission(seen.permissions, element);
    }
  }
  if (root === undefined) throw bad("The document is no manifest");
  const known = async (element: AxmlElement | undefined, id: number) => resolved(element?.find(id), resolve);
  return {
    package: packageName(root.plain("package")),
    versionCode: versionCode(await known(root, VERSION_CODE), await known(root, VERSION_CODE_MAJOR)),
    versionName: textOf(await known(root, VERSION_NAME)),
    minSdk: sdkOf(await known(seen.sdk, MIN_SDK)),
    targetSdk: sdkOf(await known(seen.sdk, TARGET_SDK)),
    permissions: [...seen.permissions],
    split: textOf(root.plain("split")),
    debuggable:
      numberOf(await known(seen.application, DEBUGGABLE)) !== null &&
      numberOf(await known(seen.application, DEBUGGABLE)) !== 0,
  };
}

function addPermission(permissions: Set<string>, element: AxmlElement): void {
  const name = textOf(element.find(NAME));
  if (name !== null) permissions.add(name);
  if (permissions.size > MOST_PERMISSIONS) throw bad(`The manifest asks for more than ${MOST_PERMISSIONS} permissions`);
}

async function resolved(value: AxmlValue | undefined, resolve: Resolve): Promise<AxmlValue | undefined> {
  return value?.kind === "reference" ? resolve(value.id) : value;
}

/** Package names are segments of letters, digits and `_` (AOSP FrameworkParsingPackageUtils.validateName). */
function packageName(value: AxmlValue | undefined): string {
  const name = textOf(value) ?? "";
  if (!/^[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*$/.test(name) || name.length > 223)
    throw bad(`"${printable(name, 80)}" is no package name`);
  return name;
}

/** The full version code has 64 bits: the major part above, both without sign. */
function versionCode(low: AxmlValue | undefined, high: AxmlValue | undefined): number | null {
  const code = numberOf(low);
  const major = numberOf(high);
  if (code === null && major === null) return null;
  const full = ((major ?? 0) >>> 0) * 2 ** 32 + ((code ?? 0) >>> 0);
  if (!Number.isSafeInteger(full)) throw bad("The version code is larger than 2^53");
  return full;
}

/** An SDK is a number, or the code name of one that is not released. */
function sdkOf(value: AxmlValue | undefined): number | string | null {
  return numberOf(value) ?? textOf(value);
}

function numberOf(value: AxmlValue | undefined): number | null {
  return value?.kind === "number" ? value.value : null;
}

function textOf(value: AxmlValue | undefined): string | null {
  if (value?.kind === "number") return String(value.value);
  return value?.kind === "string" ? printable(value.text) : null;
}

function bad(message: string) {
  return apkProblems.error("bad_manifest", message);
}
