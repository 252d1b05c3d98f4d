/** An AppImage to build, with fields that a test can make lie. */
export interface AppImageInput {
  readonly type?: number;
  readonly is32Bit?: boolean;
  readonly machine?: number;
  readonly updateInformation?: string;
  readonly signature?: string;
  readonly sectionCount?: number;
  readonly superblock?: Uint8Array | null;
  readonly usedBytes?: number;
}

const NAMES = "\0.shstrtab\0.upd_info\0.sha256_sig\0.bss\0";

/** Builds a program with the sections of an AppImage, and the beginning of a squashfs file system behind it. */
export function buildAppImage(input: AppImageInput = {}): Buffer {
  const is32Bit = input.is32Bit === true;
  const [headerBytes, stride] = is32Bit ? [52, 40] : [64, 64];
  const bodies = [
    Buffer.alloc(0),
    Buffer.from(NAMES),
    padded(input.updateInformation ?? "", 1024),
    padded(input.signature ?? "", 1024),
    Buffer.alloc(0),
  ];
  const header = Buffer.alloc(headerBytes);
  header.write("\u007fELF", "latin1");
  header[4] = is32Bit ? 1 : 2;
  header[5] = 1;
  header.write("AI", 8);
  header[10] = input.type ?? 2;
  header.writeUInt16LE(input.machine ?? 62, 18);
  const names = ["", ".shstrtab", ".upd_info", ".sha256_sig", ".bss"].map((name) =>
    name === "" ? 0 : NAMES.indexOf(`\0${name}\0`) + 1,
  );
  let offset = headerBytes;
  const table = bodies.map((body, index) => {
    const entry = Buffer.alloc(stride);
    entry.writeUInt32LE(names[index] ?? 0);
    entry.writeUInt32LE(index === 0 ? 0 : index === 4 ? 8 : 1, 4);
    writeWord(entry, is32Bit, is32Bit ? 16 : 24, offset);
    // What is only memory says a size, but has no bytes in the file.
    writeWord(entry, is32Bit, is32Bit ? 20 : 32, index === 4 ? 1 << 24 : body.length);
    offset += body.length;
    return entry;
  });
  writeWord(header, is32Bit, is32Bit ? 32 : 40, offset);
  const counts = is32Bit ? 46 : 58;
  header.writeUInt16LE(stride, counts);
  header.writeUInt16LE(input.sectionCount ?? bodies.length, counts + 2);
  header.writeUInt16LE(1, counts + 4);
  const superblock = Buffer.alloc(96);
  superblock.write("hsqs");
  superblock.writeBigUInt64LE(BigInt(input.usedBytes ?? 96), 40);
  return Buffer.concat([
    header,
    ...bodies,
    ...table,
    input.superblock === undefined ? superblock : (input.superblock ?? Buffer.alloc(0)),
  ]);
}

function writeWord(bytes: Buffer, is32Bit: boolean, at: number, value: number): void {
  if (is32Bit) bytes.writeUInt32LE(value, at);
  else bytes.writeBigUInt64LE(BigInt(value), at);
}

function padded(text: string, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.write(text);
  return bytes;
}
