import { printable } from "../../src/kernel/text.ts";
import { counted } from "../output/cells.ts";
import type { Annotation, Level } from "./runner.ts";

/** Most that a step shows; GitHub leaves out what is beyond ten errors and ten warnings. */
const MOST = 10;
const MESSAGE_LIMIT = 1000;
const LEVELS: readonly Level[] = ["error", "warning", "notice"];

/** One thing to point at; those of one kind become one annotation. */
export interface Note {
  readonly level: Level;
  /** The title: a code, or with `isCounted` a noun that its number stands before. */
  readonly kind: string;
  readonly isCounted?: true;
  readonly message: string;
  /** Where it is, `dist.json#/artifacts/2 (line 21)`. */
  readonly at?: string;
}

/** One annotation for each kind of note, errors first, at most ten. */
export function annotationsOf(notes: readonly Note[]): readonly Annotation[] {
  const kinds = new Map<string, [Note, ...Note[]]>();
  for (const note of notes) {
    const key = `${note.level} ${note.kind}`;
    const same = kinds.get(key);
    if (same === undefined) kinds.set(key, [note]);
    else same.push(note);
  }
  const sorted = [...kinds.values()].toSorted(([a], [b]) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
  return sorted.slice(0, MOST).map(annotationOf);
}

function annotationOf([first, ...more]: [Note, ...Note[]]): Annotation {
  const count = more.length + 1;
  const several = count === 1 ? first.kind : `${first.kind} (${count})`;
  const rest = more.length === 0 ? "" : `, and ${more.length} more`;
  return {
    level: first.level,
    title: printable(first.isCounted ? counted(count, first.kind) : several),
    message: `${printable(first.message.replaceAll(/\s+/g, " "), MESSAGE_LIMIT)}${rest}`,
    ...placeOf(first.at),
  };
}

/** File and line of a place in a file, where it is one below the current folder. */
function placeOf(at: string | undefined): { readonly file?: string; readonly line?: number } {
  const [, file, line] = /^([^#]+)#.*?(?:\(line (\d{1,9})\))?$/s.exec(at ?? "") ?? [];
  if (file === undefined || file.startsWith("/") || file.includes("..") || printable(file) !== file) return {};
  return { file, ...(line === undefined ? {} : { line: Number(line) }) };
}
