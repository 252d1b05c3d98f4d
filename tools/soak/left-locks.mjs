// Lock files of git that nobody holds any more.
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Paths of lock files in the repository, in the clones and in the mirrors of a soak; asked for only while nobody writes. */
export function leftLocks(folder) {
  const isOurs = (path) =>
    /^(?:repo\.git|clone-|machines)/.test(path) && /\.lock$/.test(path) && !/[/\\](?:turns|queue)[/\\]/.test(path);
  return readdirSync(folder, { recursive: true })
    .filter(isOurs)
    .map((path) => join(folder, path));
}
