import { crc32, deflateRawSync } from "node:zlib";

/** Header fields that a test can make lie. */
export interface ZipFields {
  readonly name?: Uint8Array;
  readonly flags?: number;
  readonly method?: number;
  readonly crc32?: number;
  readonly packedBytes?: number;
  readonly sizeBytes?: number;
  readonly headerOffset?: number;
  readonly extra?: Uint8Array;
  readonly disk?: number;
}

/** One entry; `local` and `central` replace what the two headers would say. */
export interface ZipInput {
  readonly name: string;
  readonly content?: Uint8Array | string;
  readonly method?: number;
  readonly mode?: number;
  readonly local?: ZipFields;
  readonly central?: ZipFields;
  /** Bytes between this entry and the one before. */
  readonly gap?: Uint8Array;
  /** Leaves the content out; the directory then points at another entry's. */
  readonly directoryOnly?: boolean;
}

/** What else can be unusual about an archive. */
export interface ZipShape {
  readonly prefix?: Uint8Array;
  readonly suffix?: Uint8Array;
  readonly comment?: Uint8Array;
  readonly count?: number;
  readonly disk?: number;
  readonly directoryOffset?: number;
  /** `true` writes zip64 records with markers, a number lies about the count in them. */
  readonly zip64?:
    | boolean
    | { readonly entries?: number; readonly locatorOffset?: number; readonly smallDisk?: number };
  /** Bytes between the last entry and the directory: an APK signing block. */
  readonly beforeDirectory?: Uint8Array;
}

const u16 = (value: number) => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
};
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};

const nothing = Buffer.alloc(0);

/** Builds a zip archive in memory, right or wrong in every field, always the same bytes. */
export function buildZip(inputs: readonly ZipInput[], shape: ZipShape = {}): Buffer {
  const { prefix = nothing, beforeDirectory = nothing, suffix = nothing } = shape;
  const parts: Uint8Array[] = [prefix];
  const directory: Buffer[] = [];
  let offset = prefix.length;
  for (const input of inputs) {
    const gap = input.gap ?? nothing;
    const { fields, packed } = honestFields(input, offset + gap.length);
    if (input.directoryOnly !== true) {
      const local = Buffer.concat([gap, u32(0x04034b50), u16(20), fixedFields({ ...fields, ...input.local }), packed]);
      parts.push(local);
      offset += local.length;
    }
    directory.push(centralEntry({ ...fields, ...input.central }, input.mode ?? 0o100644));
  }
  const directoryBytes = Buffer.concat(directory);
  const end = endRecords(offset + beforeDirectory.length, directoryBytes.length, inputs.length, shape);
  return Buffer.concat([...parts, beforeDirectory, directoryBytes, end, suffix]);
}

function honestFields(
  input: ZipInput,
  headerOffset: number,
): { readonly fields: AllFields; readonly packed: Uint8Array } {
  const content = Buffer.from(input.content ?? "");
  const method = input.method ?? 8;
  const packed = method === 8 ? deflateRawSync(content) : content;
  const fields = {
    name: Buffer.from(input.name),
    flags: /^[\u0020-\u007e]*$/.test(input.name) ? 0 : 0x800,
    method,
    crc32: crc32(content),
    packedBytes: packed.length,
    sizeBytes: content.length,
    headerOffset,
    extra: nothing,
    disk: 0,
  };
  return { fields, packed };
}

type AllFields = Required<ZipFields>;

function fixedFields(f: AllFields): Buffer {
  const fields = [u16(f.flags), u16(f.method), u32(0x5821_6000), u32(f.crc32), u32(f.packedBytes), u32(f.sizeBytes)];
  return Buffer.concat([...fields, u16(f.name.length), u16(f.extra.length), f.name, f.extra]);
}

function centralEntry(f: AllFields, mode: number): Buffer {
  const head = [u32(0x02014b50), u16(0x0314), u16(20), u16(f.flags), u16(f.method), u32(0x5821_6000)];
  const sizes = [u32(f.crc32), u32(f.packedBytes), u32(f.sizeBytes), u16(f.name.length), u16(f.extra.length), u16(0)];
  const rest = [u16(f.disk), u16(0), u32((mode << 16) >>> 0), u32(f.headerOffset), f.name, f.extra];
  return Buffer.concat([...head, ...sizes, ...rest]);
}

function endRecords(offset: number, bytes: number, entries: number, shape: ZipShape): Buffer {
  const comment = shape.comment ?? Buffer.alloc(0);
  const directoryOffset = shape.directoryOffset ?? offset;
  const wide = shape.zip64 === true ? {} : shape.zip64;
  if (wide === undefined || wide === false) {
    const count = shape.count ?? entries;
    const disk = u16(shape.disk ?? 0);
    return Buffer.concat([
      u32(0x06054b50),
      disk,
      disk,
      u16(count),
      u16(count),
      u32(bytes),
      u32(directoryOffset),
      u16(comment.length),
      comment,
    ]);
  }
  const count = wide.entries ?? entries;
  const end64 = [
    u32(0x06064b50),
    u64(44),
    u16(45),
    u16(45),
    u32(0),
    u32(0),
    u64(count),
    u64(count),
    u64(bytes),
    u64(directoryOffset),
  ];
  const locator = [u32(0x07064b50), u32(0), u64(wide.locatorOffset ?? offset + bytes), u32(1)];
  const disk = u16(wide.smallDisk ?? 0);
  const end = [
    u32(0x06054b50),
    disk,
    disk,
    u16(0xffff),
    u16(0xffff),
    u32(0xffff_ffff),
    u32(0xffff_ffff),
    u16(comment.length),
    comment,
  ];
  return Buffer.concat([...end64, ...locator, ...end]);
}
