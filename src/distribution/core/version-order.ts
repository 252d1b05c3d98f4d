import { byCodePoint } from "../../kernel/text.ts";

/** What orders releases: version, then build. */
export interface Versioned {
  readonly version: string;
  readonly build: string | null;
}

/** Words that begin a pre-release without a `-` before them, as in `1.4rc1`. */
const PRE_WORD = /^(?:a|alpha|b|beta|c|dev|m|milestone|pre|preview|rc|snapshot)$/i;

/** A version taken apart: numbers and words of its core, of its pre-release, and what semver calls build metadata. */
export interface VersionParts {
  readonly core: readonly string[];
  readonly pre: readonly string[] | null;
  readonly meta: string;
}

/** Takes a version apart. */
export function partsOf(version: string): VersionParts {
  const plus = version.indexOf("+");
  const text = plus < 0 ? version : version.slice(0, plus);
  const cut = text.search(/[-~_]/);
  const tokens = tokensOf(cut < 0 ? text : text.slice(0, cut));
  const word = tokens.findIndex((token) => PRE_WORD.test(token));
  const core = word < 0 ? tokens : tokens.slice(0, word);
  const after = cut < 0 ? null : tokensOf(text.slice(cut + 1));
  const pre = word < 0 ? after : [...tokens.slice(word), ...(after ?? [])];
  return { core: withoutZeros(core), pre, meta: plus < 0 ? "" : version.slice(plus + 1) };
}

/** Numbers and words of a text, in order. */
export function tokensOf(text: string): readonly string[] {
  return text.match(/\d+|[A-Za-z]+/g) ?? [];
}

/** `1.0` and `1` are one version, told apart only at the very end. */
function withoutZeros(tokens: readonly string[]): readonly string[] {
  let length = tokens.length;
  while (length > 0 && /^0+$/.test(tokens[length - 1] ?? "")) length -= 1;
  return tokens.slice(0, length);
}

/** Compares token lists; a number ranks by `numberRank` against a word, and the end of a list is below both. */
function compareTokens(a: readonly string[], b: readonly string[], numberRank: 1 | 3): number {
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const order = compareToken(a[i], b[i], numberRank);
    if (order !== 0) return order;
  }
  return 0;
}

function compareToken(a: string | undefined, b: string | undefined, numberRank: 1 | 3): number {
  const [x, y] = [rankOf(a, numberRank), rankOf(b, numberRank)];
  if (x !== y || a === undefined || b === undefined) return x - y;
  if (x !== numberRank) return byCodePoint(a.toLowerCase(), b.toLowerCase());
  const [m, n] = [a.replace(/^0+/, ""), b.replace(/^0+/, "")];
  return m.length - n.length || byCodePoint(m, n);
}

function rankOf(token: string | undefined, numberRank: 1 | 3): number {
  if (token === undefined) return 0;
  return /^\d/.test(token) ? numberRank : 2;
}

/**
 * Orders versions as semver does where they are semver, and sensibly elsewhere: numbers by value, pre-releases (`-rc.1`, `~rc1`, `rc1`)
 * below their release, `1.1w` above `1.1`. Total: only equal texts are equal.
 */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [partsOf(a), partsOf(b)];
  return (
    compareTokens(x.core, y.core, 3) ||
    comparePre(x.pre, y.pre) ||
    compareTokens(tokensOf(x.meta), tokensOf(y.meta), 1) ||
    byCodePoint(a, b)
  );
}

function comparePre(a: readonly string[] | null, b: readonly string[] | null): number {
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
  return compareTokens(a, b, 1);
}

/** Orders releases, oldest version first; of one version by build, without a build first. */
export function compareReleases(a: Versioned, b: Versioned): number {
  const order = compareVersions(a.version, b.version);
  if (order !== 0 || a.build === b.build) return order;
  if (a.build === null || b.build === null) return a.build === null ? -1 : 1;
  return compareVersions(a.build, b.build);
}

/** Orders releases, newest version first, as every list does. */
export function newestFirst(a: Versioned, b: Versioned): number {
  return compareReleases(b, a);
}
