/** The key of a release's path: folder and file name follow from version and build. */
export interface ReleaseKey extends Readonly<Record<string, string>> {
  readonly app: string;
  readonly folder: string;
  readonly name: string;
}

/** Path template of a release document. */
export const RELEASE_PATH = "dist/apps/{app}/releases/{folder}/{name}.json";

const encoder = new TextEncoder();

/** Percent-encodes the bytes of a text that are not in `[A-Za-z0-9._~-]`. */
export function encodeName(text: string): string {
  if (/^[A-Za-z0-9._~-]*$/.test(text)) return text;
  return Array.from(encoder.encode(text), (byte) => {
    const char = String.fromCodePoint(byte);
    return /[A-Za-z0-9._~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}

/** Reads what `encodeName` wrote; what it never writes stays as it is. */
export function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Folder of a version: its first two numbers, `_` without them. */
export function folderOf(version: string): string {
  const numbers = /^(\d+)\.(\d+)/.exec(version);
  return numbers === null ? "_" : numbers[0];
}

/** Where the release of a version and build lies. */
export function releaseKey(app: string, version: string, build: string | null): ReleaseKey {
  const name = build === null ? encodeName(version) : `${encodeName(version)}+${encodeName(build)}`;
  return { app, folder: folderOf(version), name };
}

/** Version and build that a file name says; a `+` of the version itself is encoded, so the first one separates. */
export function versionAt(name: string): { readonly version: string; readonly build: string | null } {
  const plus = name.indexOf("+");
  if (plus < 0) return { version: decodeName(name), build: null };
  return { version: decodeName(name.slice(0, plus)), build: decodeName(name.slice(plus + 1)) };
}

/** A release as people name it, `1.4.0 (412)`. */
export function versionText(release: { readonly version: string; readonly build: string | null }): string {
  return release.build === null ? release.version : `${release.version} (${release.build})`;
}

/** A release as commands take it, `acme-notes@1.4.0+412`. */
export function referenceOf(app: string, release: { readonly version: string; readonly build: string | null }): string {
  return release.build === null ? `${app}@${release.version}` : `${app}@${release.version}+${release.build}`;
}

/** File systems and git keep these names for themselves. */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?$/i;

/** Tells whether a version may name a file everywhere. */
export function isNameable(version: string): boolean {
  return !RESERVED.test(encodeName(version));
}
