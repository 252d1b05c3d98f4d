/** What is wrong with a name inside an archive: it leads out of the folder it is unpacked in, or no file can be called so. */
export type NameProblem = "path_escape" | "name_invalid";

// Control, bidirectional and zero-width characters make a name look like another; U+FFFD stands for bytes that were no text.
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffd]/u;
/** A drive of Windows at the begin of a path. */
export const DRIVE = /^[A-Za-z]:/;

/** Judges the name of an entry; a final `/` says that it is a folder. Names are never used as paths, others will do that. */
export function nameProblem(name: string): NameProblem | null {
  if (name === "" || UNSAFE.test(name)) return "name_invalid";
  if (name.startsWith("/") || name.includes("\\") || DRIVE.test(name)) return "path_escape";
  const parts = withoutSlash(name).split("/");
  if (parts.includes("..")) return "path_escape";
  return parts.includes("") || parts.includes(".") ? "name_invalid" : null;
}

/** A name without the final `/` that says that it is a folder. */
export function withoutSlash(name: string): string {
  return name.endsWith("/") ? name.slice(0, -1) : name;
}

/** The form under which names collide on a disk that ignores case and composition. */
export function collisionKey(name: string): string {
  return withoutSlash(name).normalize("NFC").toLowerCase();
}
