import { collisionKey, DRIVE, withoutSlash } from "./archive-name.ts";

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

/** Links of an archive, by which other entries come to lie elsewhere than their names say. */
export class ArchiveLinks {
  readonly #names = new Set<string>();
  readonly #keys = new Set<string>();

  /** Takes the name of a symbolic link. */
  add(name: string): void {
    this.#names.add(withoutSlash(name));
    this.#keys.add(collisionKey(name));
  }

  /** Tells whether an entry lies below a link: it is written wherever that leads. */
  areAbove(name: string): boolean {
    return isBelow(withoutSlash(name), this.#names);
  }

  /** The same of a symbolic link, also on a disk that ignores case and composition: it would lie less deep than its name says. */
  areAboveLink(name: string): boolean {
    return isBelow(collisionKey(name), this.#keys);
  }

  /** Tells whether a path names a link, or leads through one. */
  areOn(path: string): boolean {
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    return isBelow(`${parts.join("/")}/`, this.#names);
  }
}

function isBelow(name: string, links: ReadonlySet<string>): boolean {
  if (links.size === 0) return false;
  for (let at = name.indexOf("/"); at !== -1; at = name.indexOf("/", at + 1)) {
    if (links.has(name.slice(0, at))) return true;
  }
  return false;
}
