import type { Platform } from "../../schema/types.gen.ts";

/** Every platform, by code point. */
export const PLATFORMS: readonly Platform[] = [
  "android_aab",
  "android_apk",
  "generic",
  "ios",
  "linux",
  "macos",
  "web",
  "windows",
];

/** Tells whether a text names a platform. */
export function isPlatform(text: string): text is Platform {
  return PLATFORMS.some((platform) => platform === text);
}

/** Formats whose inspector and whose file extension go by one name. */
const BY_FORMAT: Readonly<Record<string, Platform>> = {
  aab: "android_aab",
  apk: "android_apk",
  deb: "linux",
  dmg: "macos",
  exe: "windows",
  ipa: "ios",
  msix: "windows",
  pkg: "macos",
  rpm: "linux",
};

/** Kinds of inspection that belong to one platform alone; `opaque`, `tar_gz` and `zip` belong to any. */
const BY_KIND: Readonly<Record<string, Platform>> = { ...BY_FORMAT, app_image: "linux", mac_app: "macos" };

const BY_EXTENSION: Readonly<Record<string, Platform>> = { ...BY_FORMAT, appimage: "linux", msi: "windows" };

/** Words in the names of archives that tell for which platform they are. */
const BY_WORD: readonly (readonly [RegExp, Platform])[] = [
  [/(?:^|[^a-z])(?:mac|macos|darwin|osx)(?:[^a-z]|$)/i, "macos"],
  [/(?:^|[^a-z])(?:win|win32|win64|windows)(?:[^a-z]|$)/i, "windows"],
  [/(?:^|[^a-z])linux(?:[^a-z]|$)/i, "linux"],
  [/(?:^|[^a-z])web(?:[^a-z]|$)/i, "web"],
];

/** Guesses the platform of a file: by what its bytes are, else by its name, else `generic`. */
export function guessPlatform(kind: string, filename: string): Platform {
  const extension = /\.([A-Za-z0-9]+)$/.exec(filename)?.[1]?.toLowerCase() ?? "";
  const known = own(BY_KIND, kind) ?? own(BY_EXTENSION, extension);
  return known ?? BY_WORD.find(([word]) => word.test(filename))?.[1] ?? "generic";
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  aab: "application/octet-stream",
  apk: "application/vnd.android.package-archive",
  appimage: "application/vnd.appimage",
  deb: "application/vnd.debian.binary-package",
  dmg: "application/x-apple-diskimage",
  exe: "application/vnd.microsoft.portable-executable",
  gz: "application/gzip",
  ipa: "application/octet-stream",
  json: "application/json",
  msi: "application/x-msi",
  msix: "application/msix",
  pkg: "application/octet-stream",
  rpm: "application/x-rpm",
  tgz: "application/gzip",
  txt: "text/plain",
  xz: "application/x-xz",
  zip: "application/zip",
  zst: "application/zstd",
};

/** Content type of a file by its extension; what is not known is `application/octet-stream`. */
export function contentTypeOf(filename: string): string {
  const extension = /\.([A-Za-z0-9]+)$/.exec(filename)?.[1]?.toLowerCase() ?? "";
  return own(CONTENT_TYPES, extension) ?? "application/octet-stream";
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
