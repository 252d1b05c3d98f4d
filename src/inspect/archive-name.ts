/** What is wrong with a name inside an archive: it leads out of the folder it is unpacked in, or no file can be called so. */
export type NameProblem = "path_escape" | "name_invalid";

// Control, bidirectional and zero-width characters make a name look like another; U+FFFD stands for bytes that were no text.
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffd]/u;
const DRIVE = /^[A-Za-z]:/;

/** Judges the name of an entry; a final `/` says that it is a folder. Names are never used as paths, others will do that. */
export function nameProblem(name: string): NameProblem | null {
  if (name === "" || UNSAFE.test(name)) return "name_invalid";
  if (name.startsWith("/") || name.includes("\\") || DRIVE.test(name)) return "path_escape";
  const parts = withoutSlash(name).split("/");
  if (parts.includes("..")) return "path_escape";
  return parts.includes("") || parts.includes(".") ? "name_invalid" : null;
}

/**
 * Tells whether a symbolic link, resolved from the folder it lies in, may lead out of the archive. `..` is only safe where a path
 * begins: behind a name it goes back from wherever that leads, which is elsewhere if it is a link itself.
 */
export function linkEscapes(name: string, target: string): boolean {
  if (target === "" || target.startsWith("/") || target.includes("\\") || target.includes("\0") || DRIVE.test(target))
    return true;
  const depth = withoutSlash(name).split("/").length - 1;
  const parts = target.split("/").filter((part) => part !== "" && part !== ".");
  const down = parts.findIndex((part) => part !== "..");
  const up = down === -1 ? parts.length : down;
  return up > depth || parts.includes("..", up);
}

/** Tells whether an entry lies below a link of the archive: it is written wherever the link leads. */
export function liesBehindLink(name: string, links: ReadonlySet<string>): boolean {
  if (links.size === 0) return false;
  for (let at = name.indexOf("/"); at !== -1; at = name.indexOf("/", at + 1)) {
    if (links.has(name.slice(0, at))) return true;
  }
  return false;
}

/** A name without the final `/` that says that it is a folder. */
export function withoutSlash(name: string): string {
  return name.endsWith("/") ? name.slice(0, -1) : name;
}

/** The form under which names collide on a disk that ignores case and composition. */
export function collisionKey(name: string): string {
  return withoutSlash(name).normalize("NFC").toLowerCase();
}
