/** A setting: where it stands in its document, and its value in words. */
export interface Leaf {
  readonly path: string;
  readonly value: string;
}

/** Longest list that is one value; of a longer one, as of several keys, each item is shown, so that none hides behind a cut. */
const MAX_LIST = 100;

/** Lists the settings of a document, short lists of plain values as one each. */
export function leavesOf(value: unknown, path = ""): readonly Leaf[] {
  if (Array.isArray(value)) {
    const text = value.map(String).join(", ");
    if (!value.some(isNested) && text.length <= MAX_LIST) return [{ path, value: text || "none" }];
    return value.flatMap((item: unknown, i) => leavesOf(item, `${path}[${i}]`));
  }
  if (!isNested(value)) return [{ path, value: String(value) }];
  const members = Object.entries(value);
  if (members.length === 0) return path === "" ? [] : [{ path, value: "none" }];
  return members.flatMap(([name, member]) => leavesOf(member, path === "" ? name : `${path}.${name}`));
}

function isNested(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
