import { byCodePoint } from "../src/kernel/text.ts";
import type { AnyCommand } from "./command.ts";

/** Sorts commands by path and refuses two of one path. */
export function registryOf(commands: Iterable<AnyCommand>): readonly AnyCommand[] {
  const sorted = [...commands].toSorted((a, b) => byCodePoint(a.path, b.path));
  for (const [i, { path }] of sorted.entries()) {
    if (sorted[i + 1]?.path === path) throw new Error(`Two commands are called "${path}"`);
  }
  return sorted;
}
