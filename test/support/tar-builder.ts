import { gzipSync } from "node:zlib";

/** One entry of a tar archive, with header fields that a test can make lie. */
export interface TarInput {
  readonly name: string;
  readonly content?: Uint8Array | string;
  /** `0` file, `1` hard link, `2` symbolic link, `3` and `4` device, `5` folder, `6` pipe, `x` pax header. */
  readonly type?: string;
  readonly link?: string;
  readonly size?: string | Uint8Array;
  readonly badSum?: boolean;
}

/** Builds a tar archive in memory, always the same bytes. */
export function buildTar(inputs: readonly TarInput[], end: Uint8Array = Buffer.alloc(1024)): Buffer {
  return Buffer.concat([...inputs.flatMap((input) => [header(input), body(input)]), end]);
}

/** The same, packed with gzip; the header is the same on every system. */
export function buildTarGz(inputs: readonly TarInput[], end?: Uint8Array): Buffer {
  const packed = gzipSync(buildTar(inputs, end));
  packed[9] = 255;
  return packed;
}

/** A pax header that overrides fields of the entry after it. */
export function paxEntry(fields: Readonly<Record<string, string>>): TarInput {
  const records = Object.entries(fields).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    let length = Buffer.byteLength(rest) + 1;
    while (Buffer.byteLength(`${length}${rest}`) !== length) length = Buffer.byteLength(`${length}${rest}`);
    return `${length}${rest}`;
  });
  return { name: "PaxHeader", type: "x", content: records.join("") };
}

function header(input: TarInput): Buffer {
  const block = Buffer.alloc(512);
  block.write(input.name, 0, 100);
  block.write("0000644\0", 100);
  block.write("0000000\0", 108);
  block.write("0000000\0", 116);
  const size = Buffer.byteLength(input.content ?? "");
  if (typeof input.size === "object") block.set(input.size, 124);
  else block.write(input.size ?? `${size.toString(8).padStart(11, "0")}\0`, 124);
  block.write("15000000000\0", 136);
  block.write("        ", 148);
  block.write(input.type ?? "0", 156);
  block.write(input.link ?? "", 157, 100);
  block.write("ustar\u000000", 257);
  const sum = block.reduce((all, byte) => all + byte, 0) + (input.badSum === true ? 1 : 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

function body(input: TarInput): Buffer {
  const content = Buffer.from(input.content ?? "");
  return Buffer.concat([content, Buffer.alloc(-content.length & 511)]);
}
