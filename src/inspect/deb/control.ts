import { printable } from "../../kernel/text.ts";
import { debProblems } from "./members.ts";

/** Fields of a control file by lower-case name. */
export type Control = ReadonlyMap<string, string>;

const MOST_LINES = 10_000;

/** Reads the one paragraph of a control file (Debian Policy, chapter 5). */
export function parseControl(text: string): Control {
  const fields = new Map<string, string>();
  const lines = text.trimEnd().split("\n");
  if (lines.length > MOST_LINES) throw bad(`The control file has more than ${MOST_LINES} lines`);
  let last = "";
  for (const line of lines) {
    if (/^[ \t]/.test(line)) {
      // A line that begins with a blank belongs to the field before it.
      fields.set(last, `${fields.get(last) ?? ""}\n${line.trim()}`);
      continue;
    }
    const [, name, value] = /^([!-9;-~]+):[ \t]*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw bad(`"${printable(line, 60)}" is no field of a control file`);
    last = name.toLowerCase();
    if (fields.has(last)) throw bad(`The control file holds ${printable(name)} twice`);
    fields.set(last, value.trim());
  }
  return fields;
}

function bad(message: string) {
  return debProblems.error("bad_control", message);
}
