/** One entry of a git tree; modes have six digits, folders are `040000`. */
export interface TreeEntry {
  readonly name: string;
  readonly mode: string;
  readonly oid: string;
  /** Base64 of the name's bytes, where they are no UTF-8. */
  readonly nameRaw?: string;
}

/** Tells the type of object that a mode stands for. */
export function typeOfMode(mode: string): "blob" | "tree" | "commit" {
  if (mode === "040000") return "tree";
  return mode === "160000" ? "commit" : "blob";
}

/** Reads the entries of a tree object; throws where it is damaged. */
export function parseTree(bytes: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(32, at);
    const end = bytes.indexOf(0, space);
    if (space <= at || end <= space + 1 || end + 21 > bytes.length) throw new Error("a damaged tree");
    const raw = bytes.subarray(space + 1, end);
    const name = raw.toString("utf8");
    entries.push({
      mode: bytes.toString("latin1", at, space).padStart(6, "0"),
      name,
      ...(Buffer.from(name).equals(raw) ? {} : { nameRaw: raw.toString("base64") }),
      oid: bytes.toString("hex", end + 1, end + 21),
    });
    at = end + 21;
  }
  return entries;
}

/** Prints a tree object in git's own order: by bytes, a folder as if its name ended in a slash. */
export function printTree(entries: readonly TreeEntry[]): Buffer {
  const sorted = entries
    .map((entry) => {
      const name = entry.nameRaw === undefined ? Buffer.from(entry.name) : Buffer.from(entry.nameRaw, "base64");
      return { entry, name, key: entry.mode === "040000" ? Buffer.concat([name, Buffer.from("/")]) : name };
    })
    .toSorted((a, b) => Buffer.compare(a.key, b.key));
  return Buffer.concat(
    sorted.flatMap(({ entry, name }) => [
      Buffer.from(`${entry.mode.replace(/^0+/, "")} `),
      name,
      Buffer.of(0),
      Buffer.from(entry.oid, "hex"),
    ]),
  );
}
