import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Does something to each file of a folder whose name matches; git keeps its own read-only. */
export function eachFile(path: string, pattern: RegExp, work: (path: string) => void): void {
  for (const name of readdirSync(path).filter((one) => pattern.test(one))) {
    chmodSync(join(path, name), 0o644);
    work(join(path, name));
  }
}

/** Overwrites the middle of a file. */
export function scramble(path: string): void {
  const content = readFileSync(path);
  content.fill(7, 20, content.length - 20);
  writeFileSync(path, content);
}
