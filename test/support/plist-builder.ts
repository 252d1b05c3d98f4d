/** A value to write into a property list. */
export type PlistInput =
  | string
  | number
  | boolean
  | Date
  | Uint8Array
  | readonly PlistInput[]
  | { readonly [key: string]: PlistInput };

const DOCTYPE =
  '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">';

/** Writes an XML property list around the text of its one value. */
export function xmlPlistOf(value: string, doctype = DOCTYPE): Buffer {
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${doctype}\n<plist version="1.0">${value}</plist>\n`);
}

/** Writes an XML property list. */
export function buildXmlPlist(value: PlistInput): Buffer {
  return xmlPlistOf(xml(value));
}

function xml(value: PlistInput): string {
  if (typeof value === "string") return `<string>${value.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</string>`;
  if (typeof value === "number")
    return Number.isInteger(value) ? `<integer>${value}</integer>` : `<real>${value}</real>`;
  if (typeof value === "boolean") return `<${value}/>`;
  if (value instanceof Date) return `<date>${value.toISOString().slice(0, 19)}Z</date>`;
  if (value instanceof Uint8Array) return `<data>${Buffer.from(value).toString("base64")}</data>`;
  if (Array.isArray(value)) return `<array>${value.map(xml).join("")}</array>`;
  return `<dict>${Object.entries(value)
    .map(([key, item]) => `<key>${key}</key>${xml(item)}`)
    .join("")}</dict>`;
}

/** Writes a binary property list. */
export function buildBinaryPlist(value: PlistInput): Buffer {
  const objects: Buffer[] = [];
  const add = (item: PlistInput): number => {
    const index = objects.push(Buffer.alloc(0)) - 1;
    objects[index] = encode(item, add);
    return index;
  };
  add(value);
  return binaryPlistOf(objects);
}

/** Writes a binary property list of objects that are encoded already; references in them have one byte. */
export function binaryPlistOf(
  objects: readonly Uint8Array[],
  lie: { readonly count?: number; readonly top?: number } = {},
): Buffer {
  const offsets: number[] = [];
  let offset = 8;
  for (const object of objects) {
    offsets.push(offset);
    offset += object.length;
  }
  const table = Buffer.alloc(offsets.length * 2);
  for (const [index, at] of offsets.entries()) table.writeUInt16BE(at, index * 2);
  const trailer = Buffer.alloc(32);
  trailer[6] = 2;
  trailer[7] = 1;
  trailer.writeBigUInt64BE(BigInt(lie.count ?? objects.length), 8);
  trailer.writeBigUInt64BE(BigInt(lie.top ?? 0), 16);
  trailer.writeBigUInt64BE(BigInt(offset), 24);
  return Buffer.concat([Buffer.from("bplist00"), ...objects, table, trailer]);
}

function encode(value: PlistInput, add: (item: PlistInput) => number): Buffer {
  if (typeof value === "boolean") return Buffer.from([value ? 9 : 8]);
  if (typeof value === "number") return Number.isInteger(value) ? integer(value) : real(0x23, value);
  if (typeof value === "string") return text(value);
  if (value instanceof Date) return real(0x33, value.getTime() / 1000 - 978_307_200);
  if (value instanceof Uint8Array) return Buffer.concat([head(4, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(0xa, value.length), Buffer.from(value.map(add))]);
  const entries = Object.entries(value);
  return Buffer.concat([
    head(0xd, entries.length),
    Buffer.from(entries.map(([key]) => add(key))),
    Buffer.from(entries.map(([, item]) => add(item))),
  ]);
}

function head(kind: number, length: number): Buffer {
  return length < 15
    ? Buffer.from([(kind << 4) | length])
    : Buffer.from([(kind << 4) | 15, 0x11, length >> 8, length & 0xff]);
}

function text(value: string): Buffer {
  // oxlint-disable-next-line no-control-regex
  if (/^[\u0000-\u007f]*$/.test(value)) return Buffer.concat([head(5, value.length), Buffer.from(value)]);
  return Buffer.concat([head(6, value.length), Buffer.from(value, "utf16le").swap16()]);
}

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(9, 0x13);
  bytes.writeBigInt64BE(BigInt(value), 1);
  return bytes;
}

function real(marker: number, value: number): Buffer {
  const bytes = Buffer.alloc(9, marker);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}
