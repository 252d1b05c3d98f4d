import { isData } from "../../kernel/json.ts";
import { byCodePoint } from "../../kernel/text.ts";

/** Finds the JSON pointer of the first value, by code point of keys, in which two documents differ; null where they are equal. */
export function firstDifference(a: unknown, b: unknown): string | null {
  if (a === b) return null;
  if (isData(a) && isData(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].toSorted(byCodePoint);
    return firstOf(keys, (key) => [a[key], b[key]]);
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return firstOf(
      Array.from({ length: Math.max(a.length, b.length) }, (_, i) => String(i)),
      (key) => [a[Number(key)], b[Number(key)]],
    );
  }
  return "";
}

function firstOf(keys: readonly string[], at: (key: string) => readonly [unknown, unknown]): string | null {
  for (const key of keys) {
    const rest = firstDifference(...at(key));
    if (rest !== null) return `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}${rest}`;
  }
  return null;
}
