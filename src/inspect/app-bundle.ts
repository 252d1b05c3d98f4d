import { printable } from "../kernel/text.ts";
import { forwardReader } from "./forward-reader.ts";
import type { Notes } from "./inspector.ts";
import { readMachO, type MachSlice } from "./mach-o.ts";
import { readPlist } from "./plist.ts";
import { textAt, textsAt, type PlistDictionary } from "./plist/value.ts";
import type { Problems } from "./problem.ts";
import type { ZipArchive } from "./zip/archive.ts";
import { readMember, streamMember } from "./zip/member.ts";

/** Problems that every app bundle of Apple's may have; each format that holds one declares them as its own. */
export type BundleProblems = Problems<"bad_executable" | "bad_identity" | "executable_missing" | "info_missing">;

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

const LARGEST_INFO = 4 << 20;
const LARGEST_EXECUTABLE = 2 ** 30;

/** Names of systems by the beginning of Apple's platform names. */
const SYSTEMS = [
  ["appletv", "tvOS"],
  ["watch", "watchOS"],
  ["xr", "visionOS"],
  ["macosx", "macOS"],
] as const;

/** Reads the `Info.plist` of a bundle. `usualSystem` is meant where the list names no platform. */
export async function readInfo(
  archive: ZipArchive,
  path: string,
  usualSystem: string,
  problems: BundleProblems,
): Promise<AppInfo> {
  const entry = archive.byName.get(path);
  if (entry === undefined) throw problems.error("info_missing", "The app has no Info.plist");
  return appInfo(readPlist(await readMember(archive, entry, LARGEST_INFO)), usualSystem, problems);
}

function appInfo(plist: PlistDictionary, usualSystem: string, problems: BundleProblems): AppInfo {
  const bundleId = textAt(plist, "CFBundleIdentifier") ?? "";
  // Apple: letters, digits, hyphens and periods (CFBundleIdentifier); underscores are found in the wild.
  if (!/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/.test(bundleId) || bundleId.length > 255) {
    throw problems.error("bad_identity", `"${printable(bundleId, 80)}" is no bundle identifier`);
  }
  const named = [...textsAt(plist, "CFBundleSupportedPlatforms"), textAt(plist, "DTPlatformName") ?? ""];
  const platforms = named.map((name) => name.toLowerCase());
  const minimum = textAt(plist, "MinimumOSVersion") ?? textAt(plist, "LSMinimumSystemVersion") ?? null;
  const system = SYSTEMS.find(([prefix]) => platforms.some((name) => name.startsWith(prefix)))?.[1] ?? usualSystem;
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

/** Notes identity and versions of an app. */
export function noteInfo(info: AppInfo, notes: Notes): void {
  notes.facts({
    identity: info.bundleId,
    version: info.version ?? undefined,
    build: info.build ?? undefined,
    minimum_os: info.minimumOs ?? undefined,
    bundle_id: info.bundleId,
    name: info.name,
    system: info.system,
  });
}

/** Reads the headers of an app's executable, and notes its processor types. */
export async function readExecutable(
  archive: ZipArchive,
  folder: string,
  info: AppInfo,
  notes: Notes,
  problems: BundleProblems,
): Promise<readonly MachSlice[]> {
  const entry = info.executable === null ? undefined : archive.byName.get(folder + info.executable);
  if (entry === undefined)
    throw problems.error("executable_missing", "The app has no executable, or not the one that Info.plist names");
  const fail = (message: string) => problems.error("bad_executable", message);
  const reader = forwardReader(streamMember(archive, entry, LARGEST_EXECUTABLE), fail);
  try {
    const slices = await readMachO(reader, fail);
    if (slices === null) throw fail("The executable is no Mach-O file");
    notes.facts({ architectures: slices.map((slice) => slice.architecture) });
    return slices;
  } finally {
    await reader.close();
  }
}
