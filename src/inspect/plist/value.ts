import { printable } from "../../kernel/text.ts";
import { plistProblems } from "./problems.ts";

/** A value of a property list. A dictionary is a map, so a key such as `__proto__` is only a key. */
export type Plist = string | number | boolean | Date | Uint8Array | PlistArray | PlistDictionary;

/** An array of a property list. */
export type PlistArray = readonly Plist[];

/** A dictionary of a property list. */
export type PlistDictionary = ReadonlyMap<string, Plist>;

/** Makes a dictionary; a key that occurs twice would mean two things to two readers. */
export function dictionaryOf(pairs: readonly (readonly [key: string, value: Plist])[]): PlistDictionary {
  const dictionary = new Map<string, Plist>();
  for (const [key, value] of pairs) {
    if (dictionary.has(key))
      throw plistProblems.error("duplicate_key", `The property list holds the key ${printable(key)} twice`);
    dictionary.set(key, value);
  }
  return dictionary;
}

/** Tells a dictionary from the other values. */
export function isDictionary(value: Plist | undefined): value is PlistDictionary {
  return value instanceof Map;
}

/** Finds a text by its key, safe to print on one line. */
export function textAt(dictionary: PlistDictionary, key: string): string | undefined {
  const value = dictionary.get(key);
  return typeof value === "string" ? printable(value) : undefined;
}

/** Finds an array of texts by its key; other values in it are left out. */
export function textsAt(dictionary: PlistDictionary, key: string): readonly string[] {
  const value = dictionary.get(key);
  return Array.isArray(value) ? value.filter((item) => typeof item === "string").map((item) => printable(item)) : [];
}
