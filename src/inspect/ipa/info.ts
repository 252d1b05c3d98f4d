import { printable } from "../../kernel/text.ts";
import { textAt, textsAt, type PlistDictionary } from "../plist/value.ts";
import { ipaProblems } from "./problems.ts";

/** What `Info.plist` says of an app. */
export interface AppInfo {
  readonly bundleId: string;
  readonly name: string | null;
  readonly version: string | null;
  readonly build: string | null;
  readonly minimumOs: string | null;
  readonly system: string;
  readonly isSimulator: boolean;
  readonly executable: string | null;
}

/** Names of systems by the beginning of Apple's platform names. */
const SYSTEMS = [
  ["appletv", "tvOS"],
  ["watch", "watchOS"],
  ["xr", "visionOS"],
  ["macosx", "macOS"],
] as const;

/** Reads identity and versions of an app. */
export function appInfo(plist: PlistDictionary): AppInfo {
  const bundleId = textAt(plist, "CFBundleIdentifier") ?? "";
  // Apple: letters, digits, hyphens and periods (CFBundleIdentifier); underscores are found in the wild.
  if (!/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/.test(bundleId) || bundleId.length > 255) {
    throw ipaProblems.error("bad_identity", `"${printable(bundleId, 80)}" is no bundle identifier`);
  }
  const platforms = [...textsAt(plist, "CFBundleSupportedPlatforms"), textAt(plist, "DTPlatformName") ?? ""].map(
    (name) => name.toLowerCase(),
  );
  const minimum = textAt(plist, "MinimumOSVersion") ?? textAt(plist, "LSMinimumSystemVersion") ?? null;
  const system = SYSTEMS.find(([prefix]) => platforms.some((name) => name.startsWith(prefix)))?.[1] ?? "iOS";
  return {
    bundleId,
    name: textAt(plist, "CFBundleDisplayName") ?? textAt(plist, "CFBundleName") ?? null,
    version: textAt(plist, "CFBundleShortVersionString") ?? null,
    build: textAt(plist, "CFBundleVersion") ?? null,
    minimumOs: minimum === null ? null : `${system} ${minimum}`,
    system,
    isSimulator: platforms.some((name) => name.includes("simulator")),
    executable: textAt(plist, "CFBundleExecutable") ?? null,
  };
}
