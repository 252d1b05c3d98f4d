/** A value of an attribute: text, number, or a reference to a resource. */
export type AxmlInput = string | number | boolean | { readonly reference: number };

/** An attribute; with an id its name is stripped, as packagers may do. */
export interface AxmlAttribute {
  readonly id?: number;
  readonly name?: string;
  readonly value: AxmlInput;
}

/** An element of a binary manifest. */
export interface AxmlNode {
  readonly name: string;
  readonly attributes?: readonly AxmlAttribute[];
  readonly children?: readonly AxmlNode[];
}

const u16 = (value: number) => Buffer.from(Uint16Array.of(value).buffer);
const u32 = (...values: readonly number[]) => Buffer.from(Uint32Array.from(values).buffer);
const chunk = (type: number, header: Uint8Array, body: Uint8Array) =>
  Buffer.concat([u16(type), u16(8 + header.length), u32(8 + header.length + body.length), header, body]);

/** Builds a string pool chunk, in UTF-8 or UTF-16. */
export function stringPoolChunk(strings: readonly string[], isUtf8 = false, count = strings.length): Buffer {
  const encoded = strings.map((text) =>
    isUtf8
      ? Buffer.concat([Buffer.from([text.length, Buffer.byteLength(text)]), Buffer.from(text), Buffer.from([0])])
      : Buffer.concat([u16(text.length), Buffer.from(text, "utf16le"), u16(0)]),
  );
  let offset = 0;
  const offsets = encoded.map((bytes) => (offset += bytes.length) - bytes.length);
  const pad = Buffer.alloc(-offset & 3);
  const body = Buffer.concat([u32(...offsets), ...encoded, pad]);
  return chunk(0x0001, u32(count, 0, isUtf8 ? 0x100 : 0, 28 + offsets.length * 4, 0), body);
}

/** Builds a binary manifest. Attribute names with an id are empty strings, so only the id tells what they are. */
export function buildAxml(
  root: AxmlNode | AxmlNode[],
  options: { readonly isUtf8?: boolean; readonly strings?: number } = {},
): Buffer {
  const ids: number[] = [];
  const strings: string[] = [];
  const collect = (node: AxmlNode) => {
    for (const { id } of node.attributes ?? []) if (id !== undefined && !ids.includes(id)) ids.push(id);
    for (const child of node.children ?? []) collect(child);
  };
  const roots = Array.isArray(root) ? root : [root];
  for (const node of roots) collect(node);
  for (const _ of ids) strings.push("");
  const known = new Map<string, number>();
  const string = (text: string) => {
    const index = known.get(text) ?? strings.push(text) - 1;
    known.set(text, index);
    return index;
  };
  const parts: Buffer[] = [];
  const write = (node: AxmlNode) => {
    const attributes = (node.attributes ?? []).map(({ id, name, value }) => {
      const [type, data] = typed(value, string);
      const nameIndex = id === undefined ? string(name ?? "") : ids.indexOf(id);
      const raw = typeof value === "string" ? data : 0xffff_ffff;
      return Buffer.concat([
        u32(id === undefined ? 0xffff_ffff : string("http://schemas.android.com/apk/res/android"), nameIndex, raw),
        u16(8),
        Buffer.from([0, type]),
        u32(data),
      ]);
    });
    const node0 = u32(1, 0xffff_ffff);
    const start = [
      u32(0xffff_ffff, string(node.name)),
      u16(20),
      u16(20),
      u16(attributes.length),
      u16(0),
      u16(0),
      u16(0),
    ];
    parts.push(chunk(0x0102, node0, Buffer.concat([...start, ...attributes])));
    for (const child of node.children ?? []) write(child);
    parts.push(chunk(0x0103, node0, u32(0xffff_ffff, string(node.name))));
  };
  for (const node of roots) write(node);
  const pool = stringPoolChunk(strings, options.isUtf8, options.strings);
  return chunk(0x0003, Buffer.alloc(0), Buffer.concat([pool, chunk(0x0180, Buffer.alloc(0), u32(...ids)), ...parts]));
}

function typed(value: AxmlInput, string: (text: string) => number): readonly [type: number, data: number] {
  if (typeof value === "string") return [0x03, string(value)];
  if (typeof value === "number") return [0x10, value >>> 0];
  if (typeof value === "boolean") return [0x12, value ? 0xffff_ffff : 0];
  return [0x01, value.reference];
}

/** Ids of the attributes that a package is known by. */
export const ANDROID = {
  name: 0x01010003,
  debuggable: 0x0101000f,
  minSdkVersion: 0x0101020c,
  versionCode: 0x0101021b,
  versionName: 0x0101021c,
  targetSdkVersion: 0x01010270,
  versionCodeMajor: 0x01010576,
} as const;

/** The manifest of a plain package; `more` adds or replaces attributes of its root. */
export function manifestNode(more: readonly AxmlAttribute[] = [], children: readonly AxmlNode[] = []): AxmlNode {
  return {
    name: "manifest",
    attributes: [{ name: "package", value: "com.example.notes" }, ...more],
    children: [
      {
        name: "uses-sdk",
        attributes: [
          { id: ANDROID.minSdkVersion, value: 24 },
          { id: ANDROID.targetSdkVersion, value: 34 },
        ],
      },
      { name: "uses-permission", attributes: [{ id: ANDROID.name, value: "android.permission.INTERNET" }] },
      ...children,
      { name: "application" },
    ],
  };
}

/** How the entries of a resource type are laid out. */
export type ResourceLayout = "plain" | "sparse" | "offset16" | "compact";

/**
 * Builds a resource table with one type: entry 1 of package 0x7f, type 1, is a text, with another text for another language
 * before it, and entry 2 refers to entry 1, entry 3 to itself.
 */
export function buildResources(text: string, layout: ResourceLayout = "plain"): Buffer {
  const strings = stringPoolChunk([text, "other language"], true);
  const german = Buffer.concat([u32(28, 0), Buffer.from("de\0\0"), Buffer.alloc(16)]);
  const types = [typeChunk(german, layout, 1), typeChunk(Buffer.concat([u32(28), Buffer.alloc(24)]), layout, 0)];
  const header = Buffer.concat([u32(0x7f), Buffer.alloc(256), u32(0, 0, 0, 0, 0)]);
  return chunk(0x0002, u32(1), Buffer.concat([strings, chunk(0x0200, header, Buffer.concat(types))]));
}

function typeChunk(config: Buffer, layout: ResourceLayout, stringIndex: number): Buffer {
  const value = (type: number, data: number) =>
    layout === "compact"
      ? Buffer.concat([u16(0), u16(0x0008 | (type << 8)), u32(data)])
      : Buffer.concat([u16(8), u16(0), u32(0), u16(8), Buffer.from([0, type]), u32(data)]);
  const entries = [value(0x03, stringIndex), value(0x01, 0x7f010001), value(0x01, 0x7f010003)];
  const size = entries[0]!.length;
  const flags = layout === "sparse" ? 1 : layout === "offset16" ? 2 : 0;
  const offsets = {
    plain: () => u32(0xffff_ffff, 0, size, size * 2),
    compact: () => u32(0xffff_ffff, 0, size, size * 2),
    offset16: () => Buffer.concat([0xffff, 0, size / 4, size / 2].map(u16)),
    sparse: () => Buffer.concat([1, 0, 2, size / 4, 3, size / 2].map(u16)),
  }[layout]();
  const count = layout === "sparse" ? 3 : 4;
  const headerBytes = 20 + config.length;
  const header = Buffer.concat([Buffer.from([1, flags, 0, 0]), u32(count, headerBytes + offsets.length), config]);
  return chunk(0x0201, header, Buffer.concat([offsets, ...entries]));
}
