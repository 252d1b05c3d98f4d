/** A setting: where it stands in its document, and its value in words. */
export interface Leaf {
  readonly path: string;
  readonly value: string;
}

/** Lists the settings of a document, lists of plain values as one each. */
export function leavesOf(value: unknown, path = ""): readonly Leaf[] {
  if (Array.isArray(value) && value.some(isNested)) {
    return value.flatMap((item: unknown, i) => leavesOf(item, `${path}[${i}]`));
  }
  if (Array.isArray(value)) return [{ path, value: value.map(String).join(", ") || "none" }];
  if (!isNested(value)) return [{ path, value: String(value) }];
  const members = Object.entries(value);
  if (members.length === 0) return path === "" ? [] : [{ path, value: "none" }];
  return members.flatMap(([name, member]) => leavesOf(member, path === "" ? name : `${path}.${name}`));
}

function isNested(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
