import { partsOf, tokensOf, type Versioned } from "./version-order.ts";

/** Sorts below every character of a version, so that a text sorts before those that it begins. */
const END = "!";

/**
 * Makes a text of a release whose order by code point is that of `compareReleases`, so that a database can order and page
 * releases. Two releases of one app have equal keys only when version and build are equal.
 */
export function versionKey({ version, build }: Versioned): string {
  return `${keyOf(version)}${build === null ? "0" : `1${keyOf(build)}`}`;
}

function keyOf(version: string): string {
  const { core, pre, meta } = partsOf(version);
  const preKey = pre === null ? "1" : `0${tokensKey(pre, 1)}`;
  return `${tokensKey(core, 3)}${preKey}${tokensKey(tokensOf(meta), 1)}${version}${END}`;
}

/** A number says its rank, how many digits it has, and them; a word its rank and its letters; the end is below both. */
function tokensKey(tokens: readonly string[], numberRank: 1 | 3): string {
  const keys = tokens.map((token) => {
    if (!/^\d/.test(token)) return `2${token.toLowerCase()}${END}`;
    const digits = token.replace(/^0+/, "");
    return `${numberRank}${lengthKey(digits.length)}${digits}`;
  });
  return `${keys.join("")}0`;
}

/** One digit for nearly every number; the key stands in three tables and two indexes. */
function lengthKey(length: number): string {
  return length < 9 ? String(length) : `9${String(length).padStart(3, "0")}`;
}
