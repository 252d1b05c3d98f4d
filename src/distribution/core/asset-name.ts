import { type Reason, reason } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";

const MAX_NAME_BYTES = 128;
const DIGEST_LENGTH = 16;
/** Endings that belong together, as in `x.tar.gz`. */
const ENDING = /((?:\.tar)?\.[A-Za-z0-9]{1,10})$/;

/** Name of an artifact in a store, `<stem>-<first 16 hex of sha256><ext>`, reduced to `[A-Za-z0-9._-]`, at most 128 bytes. */
export function assetName(filename: string, sha256: string): string {
  const found = ENDING.exec(filename);
  const ext = found === null || found.index === 0 ? "" : (found[1] ?? "");
  const stem = filename.slice(0, filename.length - ext.length).replaceAll(/[^A-Za-z0-9._-]+/g, "-");
  const room = MAX_NAME_BYTES - DIGEST_LENGTH - 1 - ext.length;
  const safe = stem.replace(/^[.-]+/, "").slice(0, room) || "file";
  return `${safe}-${sha256.slice(0, DIGEST_LENGTH)}${ext}`;
}

/** Tag of a release, `<slug>-v<version>[-<build>]`; what a git ref cannot hold becomes `-`. */
export function tagOf(slug: string, release: { readonly version: string; readonly build: string | null }): string {
  const build = release.build === null ? "" : `-${release.build}`;
  return `${slug}-v${release.version}${build}`
    .replaceAll("~", "-")
    .replaceAll(/\.{2,}/g, ".")
    .replace(/(?:\.lock|\.)+$/, "");
}

/** Names the files of different bytes whose asset names are alike; such a set is refused before anything is stored. */
export function clashesOf(
  files: readonly { readonly name: string; readonly filename: string; readonly sha256: string }[],
): readonly Reason[] {
  const first = new Map<string, { readonly filename: string; readonly sha256: string }>();
  return files.flatMap((file) => {
    const key = file.name.toLowerCase();
    const other = first.get(key);
    if (other === undefined) first.set(key, file);
    if (other === undefined || other.sha256 === file.sha256) return [];
    const message = `${printable(other.filename)} and ${printable(file.filename)} would be stored under one name`;
    return [reason("dist.upload.name_taken", message, { name: file.name }, 'Give one of them another "filename"')];
  });
}
