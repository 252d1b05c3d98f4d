import type { Tree } from "./tree.ts";
import { Span } from "./tree-bytes.ts";

/** A tree of so many bytes is looked through faster than it is put by name; names may be long, so entries say nothing of that. */
const FEW_BYTES = 32 * 1024;

/** Names of a tree in lower case, each with the names that it stands for; kept while the tree is. */
const folded = new WeakMap<Tree, ReadonlyMap<string, readonly string[]>>();

/** Finds a name of a tree from which this one differs only by case. Names that are not UTF-8 are like no other. */
export function twinOfName(tree: Tree, name: string): string | undefined {
  const quick = tree.content.length <= FEW_BYTES ? asciiTwin(tree, name, name.toLowerCase()) : UNKNOWN;
  if (quick !== UNKNOWN) return quick;
  const known = folded.get(tree) ?? foldedNames(tree);
  folded.set(tree, known);
  return known.get(name.toLowerCase())?.find((one) => one !== name);
}

/** Says that bytes alone do not tell. */
const UNKNOWN = Symbol("unknown");

/** As {@link twinOfName} where all names are ASCII, without making entries. */
function asciiTwin({ content, oidSize }: Tree, name: string, lower: string): string | undefined | typeof UNKNOWN {
  const span = new Span();
  let twin: string | undefined;
  for (let at = 0; at < content.length; at = span.next) {
    span.take(content, at, oidSize, "A tree");
    const likeness = likenessOf(content, span, lower);
    if (likeness === UNKNOWN) return UNKNOWN;
    const found = likeness ? content.toString("latin1", span.start, span.end) : name;
    if (found !== name) twin ??= found;
  }
  return twin;
}

function likenessOf(bytes: Buffer, { start, end }: Span, lower: string): boolean | typeof UNKNOWN {
  let isLike = end - start === lower.length;
  for (let i = start; i < end; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte >= 0x80) return UNKNOWN;
    if (isLike) isLike = (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte) === lower.charCodeAt(i - start);
  }
  return isLike;
}

function foldedNames({ entries }: Tree): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const { name, raw } of entries) {
    if (raw !== null) continue;
    const lower = name.toLowerCase();
    const same = names.get(lower);
    if (same === undefined) names.set(lower, [name]);
    else same.push(name);
  }
  return names;
}
